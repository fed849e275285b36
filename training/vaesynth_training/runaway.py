"""Notices a training that runs away before hours of it are lost."""

QUICK_STEPS, SLOW_STEPS = 20, 300
RISE = 1.2
FAR_BETTER = 0.8


class Runaway:
    """Suspects a runaway where the loss of the last steps is well above that of many steps.

    A loss also rises when a new stage of training begins. So what is suspected has to be looked into: it is a
    runaway if the running mean of the weights does far better on the same batch (`confirmed`).
    """

    def __init__(self) -> None:
        self.steps, self.quick, self.slow = 0, 0.0, 0.0

    def suspected(self, loss: float) -> bool:
        """Take in the loss of one more step."""
        self.steps += 1
        self.quick += (loss - self.quick) / min(self.steps, QUICK_STEPS)
        self.slow += (loss - self.slow) / min(self.steps, SLOW_STEPS)
        return self.steps > 4 * QUICK_STEPS and self.quick > self.slow + (RISE - 1) * abs(self.slow)

    @staticmethod
    def confirmed(loss: float, of_mean: float) -> bool:
        """Whether `of_mean`, the loss of the running mean of the weights, is far better than `loss`."""
        return of_mean < loss - (1 - FAR_BETTER) * abs(loss)
