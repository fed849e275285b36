"""One optimisation step: the model's losses, one or two optimisers, running mean, what guards against NaN."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, cast

import lightning
import torch
import torch.distributed as dist
from torch import Tensor, nn

from vaesynth.errors import VaesynthError

from .budget import Budget, rate_factor
from .configuration import Configuration
from .ema import ExponentialMean
from .model import Batch, Model
from .runaway import Runaway

logger = logging.getLogger(__name__)

MAX_BAD_STEPS = 25
ADVICE = "--force with a lower optimiser.learning_rate starts anew"
"""Where a training has left the finite numbers."""


class TrainingError(VaesynthError):
    """Training cannot go on; the message says at which step and why."""


class VaeModule(lightning.LightningModule):
    """Lightning's view of a `Model`.

    Optimisation is manual, because a model with an `adversary()` has two optimisers. What a step has found
    stands in `parts`; callbacks read it.

    Args:
        model: to be trained.
        configuration: of the run.
        budget: steps and time; ticked once a step.

    Attributes:
        bad_steps: steps in a row, up to now, that were thrown away.
        good_steps: all others since this process began.
    """

    def __init__(self, model: Model, configuration: Configuration, budget: Budget) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model, self.configuration, self.budget = model, configuration, budget
        adversary = model.adversary()
        self.adversarial = {id(p) for p in adversary.parameters()} if adversary is not None else set()
        skip = tuple(
            f"{name}."
            for name, module in model.named_modules()
            if adversary is not None and module is adversary
        )
        self.mean = ExponentialMean(model, configuration.training.ema_decay, skip)
        self.parts: dict[str, Tensor] = {}
        self.bad_steps, self.good_steps = 0, 0
        self.stop_requested = False
        self.runaway = Runaway()
        self.calm = 1.0

    def _trainable(self, adversarial: bool) -> list[nn.Parameter]:
        return [
            p
            for p in self.model.parameters()
            if p.requires_grad and (id(p) in self.adversarial) == adversarial
        ]

    def configure_optimizers(self) -> list[torch.optim.Optimizer]:
        """AdamW for the model, and one for its discriminator where it has one."""
        o = self.configuration.optimiser
        parts = [(self._trainable(False), o.learning_rate)]
        if self.adversarial:
            parts.append((self._trainable(True), o.adversary_learning_rate))
        # Fused: one pass over memory, which is what a step of a wide dense layer costs on a CPU.
        fused = self.device.type in ("cpu", "cuda")
        return [
            torch.optim.AdamW(parameters, lr=rate, betas=o.betas, weight_decay=o.weight_decay, fused=fused)
            for parameters, rate in parts
        ]

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """The batch with its tensor on `device`; records stay where they are."""
        return Batch(batch.x.to(device, non_blocking=True), batch.info)

    def on_fit_start(self) -> None:
        """The running mean follows the model to its device."""
        self.mean.to(self.device)

    def training_step(self, batch: Batch, batch_idx: int) -> None:
        """One step of each optimiser; see `Model.losses` and `Model.adversary_losses`."""
        o, step = self.configuration.optimiser, self.budget.steps
        factor = self.calm * rate_factor(o, step, self.budget.progress)
        optimisers = cast(list[Any], self.optimizers() if self.adversarial else [self.optimizers()])
        parts = self.model.losses(batch, step)
        good = self._descend(optimisers[0], parts["loss"], self._trainable(False), o.learning_rate * factor)
        if self.adversarial:
            against = self.model.adversary_losses(batch, step)
            if "loss" in against:
                good &= self._descend(
                    optimisers[1], against["loss"], self._trainable(True), o.adversary_learning_rate * factor
                )
            parts = parts | {f"adversary_{k}": v for k, v in against.items()}
        self.good_steps += good
        self.bad_steps = 0 if good else self.bad_steps + 1
        if self.bad_steps >= MAX_BAD_STEPS:
            raise TrainingError(
                f"loss or gradient was not finite in {MAX_BAD_STEPS} steps in a row up to step {step}, "
                "expected finite numbers (resume with a lower optimiser.learning_rate)"
            )
        if good:
            self.mean.update(self.model)
            # Against an adversary a rising loss is nothing unusual.
            if not self.adversarial and self.runaway.suspected(loss := self._everywhere(parts["loss"])):
                self._look_back(batch, step, loss, optimisers[0])
        self.parts = {k: v.detach() for k, v in parts.items()} | {
            "learning_rate": torch.tensor(o.learning_rate * factor),
            "skipped": torch.tensor(float(not good)),
        }

    def require_a_step(self) -> None:
        """Raise a `TrainingError` where steps were tried and each was thrown away."""
        if self.bad_steps and not self.good_steps:
            raise TrainingError(
                f"loss or gradient was not finite in all {self.bad_steps} steps, expected finite numbers "
                f"({ADVICE})"
            )

    def _descend(self, optimiser: Any, loss: Tensor, parameters: Iterable[nn.Parameter], rate: float) -> bool:
        """One step down `loss`; a gradient that is not finite is thrown away, on all devices alike."""
        parameters = list(parameters)
        optimiser.zero_grad()
        self.manual_backward(loss)
        norm = torch.nn.utils.clip_grad_norm_(parameters, self.configuration.optimiser.gradient_clip)
        if not bool(torch.isfinite(norm)):
            optimiser.zero_grad()
            return False
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.step()
        return True

    def _look_back(self, batch: Batch, step: int, loss: float, optimiser: Any) -> None:
        """Back to the weights' running mean, at half the rate, where it does far better on this batch."""
        with self.mean.applied(self.model), torch.no_grad():
            of_mean = self._everywhere(self.model.losses(batch, step)["loss"])
        if self.runaway.confirmed(loss, of_mean):
            self.model.load_state_dict(self.mean.state, strict=not self.mean.skip)
            optimiser.state.clear()
            self.calm /= 2
            logger.warning(
                "step %d: the loss has run away (%.3g, %.3g for the running mean of the weights); "
                "going on from that mean at half the rate",
                step,
                loss,
                of_mean,
            )
        self.runaway = Runaway()

    def _everywhere(self, loss: Tensor) -> float:
        """The mean over all devices, on which they decide alike."""
        loss = loss.detach().double() if self.device.type != "mps" else loss.detach().clone()
        if self.trainer.world_size > 1:
            dist.all_reduce(loss, dist.ReduceOp.SUM)
            loss = loss / dist.get_world_size()
        return float(loss)

    def synchronise(self) -> None:
        """Make elapsed time and requests to stop the same on all devices: they part at the same step."""
        if self.trainer.world_size > 1:
            state = torch.tensor(
                [self.budget.seconds, float(self.stop_requested)],
                device=self.device,
                dtype=torch.float64 if self.device.type != "mps" else torch.float32,
            )
            dist.all_reduce(state, dist.ReduceOp.MAX)
            self.budget.seconds, self.stop_requested = float(state[0]), bool(state[1])

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """All that a resumed run needs, as tensors and plain values (it is read with `weights_only=True`)."""
        checkpoint["vaesynth"] = {
            "steps": self.budget.steps,
            "seconds": self.budget.seconds,
            "mean": self.mean.state_dict(),
            "calm": self.calm,
            "rng": torch.get_rng_state(),
            "cuda_rng": torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None,
        }

    def on_load_checkpoint(self, checkpoint: Mapping[str, Any]) -> None:
        """The inverse. Devices other than the first draw on from a seed of their own."""
        state = checkpoint["vaesynth"]
        self.budget.steps, self.budget.seconds = int(state["steps"]), float(state["seconds"])
        self.mean.load_state_dict(state["mean"])
        self.calm = float(state.get("calm", 1.0))
        if self.global_rank == 0:
            torch.set_rng_state(state["rng"].cpu())
            if state["cuda_rng"] is not None and self.device.type == "cuda":
                torch.cuda.set_rng_state(state["cuda_rng"].cpu(), self.device)
        else:
            torch.manual_seed(self.configuration.training.seed + 7919 * self.global_rank + self.budget.steps)
