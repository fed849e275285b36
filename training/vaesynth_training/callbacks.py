"""What happens round the steps: limits, console, logs, checkpoints."""

import contextlib
import csv
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import IO, Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from tqdm import tqdm  # type: ignore[import-untyped]  # ships no types

from vaesynth.errors import OutputError

from .budget import Budget
from .lightning_module import VaeModule
from .means import Means
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
    """Loss parts, averaged over those of `every` steps and all ranks that have them, to RUN/log.csv and
    TensorBoard.
    """

    def __init__(self, folder: Path, every: int) -> None:
        self.path, self.every = folder / LOG, every
        self._parts: dict[str, list[Tensor]] = {}
        self._file: IO[str] | None = None

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Collects, and writes every so many steps."""
        module = cast(VaeModule, pl_module)
        for name, value in module.parts.items():
            self._parts.setdefault(name, []).append(value)
        if module.budget.steps % self.every == 0 or trainer.should_stop:
            means = Means()
            for name, values in self._parts.items():
                means.add({name: float(torch.stack([v.float() for v in values]).mean())}, len(values))
            self._parts.clear()
            self.write(trainer, module.budget, "train", means.over_ranks(trainer.world_size))

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
