"""What happens round the steps: limits, console, logs, checkpoints, validation with sounds and pictures."""

import contextlib
import csv
import math
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

import lightning
import torch
import torch.distributed as dist
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from tqdm import tqdm  # type: ignore[import-untyped]  # ships no types

from vaesynth.errors import OutputError
from vaesynth.geometry import LoopGeometry

from . import previews
from .budget import Budget
from .data import Data
from .lightning_module import VaeModule
from .metrics import item_metrics
from .model import Batch
from .run import CHECKPOINT, LOG

Trainer = lightning.Trainer


class Limits(Callback):
    """Counts steps and time, and ends training when the budget is spent or a signal asks for it.

    The first SIGINT or SIGTERM ends training after the running step, so that the run is saved; a second one
    interrupts.

    Attributes:
        signal: number of the signal that stopped the run, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._module: VaeModule | None = None

    def on_train_start(self, trainer: Trainer, pl_module: lightning.LightningModule) -> None:
        """Starts the clock. Lightning has its handlers in place by now, and will put the old ones back."""
        self._module = cast(VaeModule, pl_module)
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                signal.signal(number, self._stop)
            except ValueError:  # not in the main thread: whoever runs this there keeps its own handlers
                break
        if self._module.budget.spent:
            trainer.should_stop = True
        self._module.budget.start()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        assert self._module is not None  # the handler is installed after it is set
        self._module.stop_requested = True
        print("\nStopping after this step; once more interrupts without saving.", file=sys.stderr)

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Runs first of all callbacks: the others see the step counted."""
        module = cast(VaeModule, pl_module)
        module.budget.tick()
        module.synchronise()
        if module.budget.spent or module.stop_requested:
            trainer.should_stop = True


class Checkpoints(Callback):
    """Writes RUN/checkpoints/last.ckpt every `minutes` of training and at the end, whole or not at all."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.path, self.every, self._next = folder / CHECKPOINT, 60 * minutes, 60 * minutes

    def on_train_start(self, trainer: Trainer, pl_module: lightning.LightningModule) -> None:
        """A resumed run counts from where it stands."""
        self._next = cast(VaeModule, pl_module).budget.seconds + self.every

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Saves when it is time."""
        budget = cast(VaeModule, pl_module).budget
        if budget.seconds >= self._next or trainer.should_stop:
            self._next = budget.seconds + self.every
            budget.stop()
            self.save(trainer)
            budget.start()

    def save(self, trainer: Trainer) -> None:
        """Write the checkpoint now; all ranks must call."""
        part = self.path.with_name(f".{self.path.name}.part")
        try:
            trainer.save_checkpoint(part)
            if trainer.is_global_zero:
                os.replace(part, self.path)
        except OSError as e:
            with contextlib.suppress(OSError):
                part.unlink()
            raise OutputError(f"{self.path} cannot be written ({e.strerror or e})") from e


class Log(Callback):
    """Loss parts, averaged over `every` steps and all ranks, to RUN/log.csv and TensorBoard."""

    def __init__(self, folder: Path, every: int) -> None:
        self.path, self.every = folder / LOG, every
        self._sums: dict[str, list[Tensor]] = {}
        self._file: IO[str] | None = None

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Collects, and writes every so many steps."""
        module = cast(VaeModule, pl_module)
        for name, value in module.parts.items():
            self._sums.setdefault(name, []).append(value)
        if module.budget.steps % self.every == 0 or trainer.should_stop:
            means = {
                name: float(torch.stack([v.float() for v in values]).mean())
                for name, values in self._sums.items()
            }
            self._sums.clear()
            means = _add_up(means, 1, module.device, trainer.world_size)
            self.write(trainer, module.budget, "train", means)

    def write(self, trainer: Trainer, budget: Budget, split: str, values: dict[str, float]) -> None:
        """One row a value, on the first rank."""
        if not trainer.is_global_zero:
            return
        if self._file is None:
            new = not self.path.exists()
            self._file = open(self.path, "a", newline="", encoding="utf-8")  # noqa: SIM115  # open for the whole run
            if new:
                self._file.write("step,minutes,split,name,value\n")
        rows = csv.writer(self._file, lineterminator="\n")
        rows.writerows(
            [budget.steps, round(budget.seconds / 60, 4), split, name, f"{value:.6g}"]
            for name, value in values.items()
        )
        self._file.flush()
        if trainer.logger is not None:
            trainer.logger.log_metrics(
                {f"{split}/{name}": value for name, value in values.items()}, budget.steps
            )

    def teardown(self, trainer: Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class Console(Callback):
    """A progress bar on a terminal; elsewhere a line every `seconds` of training."""

    def __init__(self, seconds: float = 20.0) -> None:
        self.every, self._next = seconds, 0.0
        self._bar: Any = None

    def on_train_start(self, trainer: Trainer, pl_module: lightning.LightningModule) -> None:
        """Opens the bar; its unit is the share of the budget, whatever sets that."""
        if trainer.is_global_zero and sys.stderr.isatty():
            self._bar = tqdm(total=1.0, bar_format="{percentage:3.0f}%|{bar:20}| {desc}", leave=True)

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Shows step, loss parts, time taken and time left."""
        module = cast(VaeModule, pl_module)
        budget = module.budget
        if not trainer.is_global_zero or (budget.seconds < self._next and not trainer.should_stop):
            return
        text = describe(budget, module.parts)
        if self._bar is None:
            self._next = budget.seconds + self.every
            print(text, file=sys.stderr, flush=True)
        else:
            self._next = budget.seconds + 0.2
            self._bar.n = budget.progress
            self._bar.set_description_str(text)

    def teardown(self, trainer: Trainer, pl_module: lightning.LightningModule, stage: str) -> None:
        """Closes the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def describe(budget: Budget, parts: dict[str, Tensor]) -> str:
    """One line: step, loss parts, time taken and left."""

    def clock(seconds: float | None) -> str:
        if seconds is None:
            return "?"
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"

    total = f" of {budget.total_steps}" if budget.total_steps else ""
    shown = " ".join(
        f"{name} {float(value):.4g}"
        for name, value in parts.items()
        if name not in ("learning_rate", "skipped") or (name == "skipped" and float(value))
    )
    return (
        f"step {budget.steps}{total} · {clock(budget.seconds)}, {clock(budget.seconds_left)} left · {shown}"
    )


class Validation(Callback):
    """Every `minutes` of training: losses and measures on unseen items, with the running mean of the weights.

    Each rank takes its share of the items; sums are added up. The first rank logs sounds or pictures.
    """

    def __init__(
        self, data: Data, log: Log, minutes: float, items: int, previews: int, batch_size: int
    ) -> None:
        self.data, self.journal, self.every, self._next = data, log, 60 * minutes, 60 * minutes
        self.items, self.previews, self.batch_size = items, previews, batch_size
        # Where all items are for training, they are what can be listened to.
        self.split = "validation" if data.items("validation") else "train"

    def on_train_start(self, trainer: Trainer, pl_module: lightning.LightningModule) -> None:
        """A resumed run counts from where it stands."""
        self._next = cast(VaeModule, pl_module).budget.seconds + self.every

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Validates when it is time, and at the end."""
        module = cast(VaeModule, pl_module)
        if module.budget.seconds < self._next and not trainer.should_stop:
            return
        self._next = module.budget.seconds + self.every
        module.budget.stop()
        # Draws for validation must not change the course of training.
        with torch.random.fork_rng(), torch.no_grad(), module.mean.applied(module.model):
            torch.manual_seed(0)
            self.validate(trainer, module)
        module.budget.start()

    def validate(self, trainer: Trainer, module: VaeModule) -> None:
        """One round over (some of) the unseen items."""
        if self.split == "validation":
            sums: dict[str, float] = {}
            count = 0
            for batch in self.data.once(
                self.split,
                self.batch_size,
                rank=trainer.global_rank,
                world=trainer.world_size,
                limit=self.items,
            ):
                batch = module.transfer_batch_to_device(batch, module.device, 0)
                parts = {k: float(v) for k, v in module.model.losses(batch, module.budget.steps).items()}
                decoded = module.model.decode(module.model.encode(batch.x).mean)
                measures = item_metrics(decoded.float().cpu(), batch.x.cpu(), self.data.geometry)
                for name, value in (parts | {k: float(v.mean()) for k, v in measures.items()}).items():
                    sums[name] = sums.get(name, 0.0) + value * len(batch.x)
                count += len(batch.x)
            total = _add_up(sums, count, module.device, trainer.world_size)
            self.journal.write(trainer, module.budget, "validation", total)
        if trainer.is_global_zero and trainer.logger is not None and self.previews:
            self._preview(module, cast(Any, trainer.logger).experiment)

    def _preview(self, module: VaeModule, board: Any) -> None:
        """Originals, reconstructions and samples of the prior to TensorBoard; loops to RUN/previews, too."""
        batch: Batch = next(iter(self.data.once(self.split, self.previews, limit=self.previews)))
        x = batch.x.to(module.device)
        decoded = module.model.decode(module.model.encode(x).mean)
        samples = module.model.decode(
            torch.randn(self.previews, module.model.latent_dim, device=module.device)
        )
        step, geometry = module.budget.steps, self.data.geometry
        groups = {"original": x, "reconstruction": decoded, "prior": samples}
        for name, items in groups.items():
            items = items.float().cpu()
            if isinstance(geometry, LoopGeometry):
                for i, item in enumerate(items):
                    # TensorBoard's player is mono; two rounds, so that the seam is heard.
                    board.add_audio(f"{name}/{i}", item.mean(0).repeat(2)[None], step, geometry.sample_rate)
            else:
                board.add_images(name, items.clamp(0, 1), step)
        if isinstance(geometry, LoopGeometry):
            names = [str(record.get("name", "")) for record in batch.info]
            pairs = {"original": x, "reconstruction": decoded}
            previews.write_loops(self.journal.path.parent, names, pairs, geometry)


def _add_up(sums: dict[str, float], count: int, device: torch.device, world: int) -> dict[str, float]:
    """Means over all ranks; a rank may have had no item at all."""
    if world > 1:
        gathered: list[Any] = [None] * world
        dist.all_gather_object(gathered, (sums, count))
        names = {name for part, _ in gathered for name in part}
        sums = {name: math.fsum(part.get(name, 0.0) for part, _ in gathered) for name in sorted(names)}
        count = sum(n for _, n in gathered)
    return {name: value / count for name, value in sums.items()} if count else {}
