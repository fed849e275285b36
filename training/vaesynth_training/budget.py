"""How much training is done and left: steps, epochs and minutes of training time."""

import math
import time
from dataclasses import dataclass

from .configuration import OptimiserConfig, TrainingConfig
from .schedule import falling


@dataclass
class Budget:
    """Counts steps and training seconds against a run's limits.

    Args:
        config: the limits.
        items: items of the training split.
        items_per_step: batch size × devices.

    Attributes:
        steps, seconds: spent so far, the latter on the configured clock; both survive a resumed run.
            Validation and checkpoints do not count as training.
    """

    config: TrainingConfig
    items: int
    items_per_step: int
    steps: int = 0
    seconds: float = 0.0
    _since: float | None = None

    @property
    def total_steps(self) -> int | None:
        """The limit in steps, where `steps` or `epochs` set one."""
        limits = [self.config.steps] if self.config.steps else []
        if self.config.epochs:
            limits.append(math.ceil(self.config.epochs * self.items / self.items_per_step))
        return min(limits, default=None)

    @property
    def progress(self) -> float:
        """Share of the budget that is spent, 0 to 1: the most advanced of the limits."""
        shares = [0.0]
        if self.total_steps:
            shares.append(self.steps / self.total_steps)
        if self.config.minutes:
            shares.append(self.seconds / (60 * self.config.minutes))
        return min(max(shares), 1.0)

    @property
    def spent(self) -> bool:
        """Whether training is over."""
        return self.progress >= 1.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated training time that is left; None before the first step."""
        progress = self.progress
        if progress <= 0:
            return None
        return self.seconds / progress * (1 - progress)

    def start(self) -> None:
        """(Re)start the clock: what happened since `stop` is not counted."""
        self._since = self._now()

    def stop(self) -> None:
        """Add the time since `start`, and halt the clock."""
        if self._since is not None:
            self.seconds += self._now() - self._since
            self._since = None

    def _now(self) -> float:
        return time.process_time() if self.config.clock == "processor" else time.monotonic()

    def tick(self) -> None:
        """One step is done."""
        self.steps += 1
        self.stop()
        self.start()


def rate_factor(config: OptimiserConfig, step: int, progress: float) -> float:
    """The learning rate as a share of its peak.

    Linear warm-up over `warm_up_steps`, then a cosine over the budget (`schedule.falling`) or a
    constant. It is a function of where training stands alone, so a resumed run goes on where it stopped.

    Args:
        config: schedule and warm-up.
        step: steps done.
        progress: share of the budget that is spent.
    """
    warm = min(1.0, (step + 1) / (config.warm_up_steps + 1))
    if config.schedule == "constant":
        return warm
    return warm * falling(progress, config.final_factor)
