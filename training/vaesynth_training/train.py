"""Training from the command line's options to a finished RUN folder."""

import contextlib
import dataclasses
import logging
import os
import sys
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.loggers import TensorBoardLogger

from vaesynth.errors import OutputError, SettingError, in_words
from vaesynth.folders import make_folder

from . import configuration
from .budget import Budget
from .callbacks import Checkpoints, Console, Limits, Log
from .closed_form import ClosedForm, FittedStart
from .configuration import Configuration
from .data import Data
from .finish import write_results
from .lightning_module import VaeModule
from .models import build
from .resume import clear, first_process, read_checkpoint, resumed_configuration
from .run import (
    CHECKPOINT,
    CONFIG,
    WEIGHTS,
    Run,
    bundled_run,
    load_weights,
    require_no_dataset,
    write_text,
)
from .storage import Place
from .validation import Validation

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """What the command line says.

    Attributes:
        kind: `loop` or `image`.
        data: folders or URLs of data sets.
        out: the RUN folder.
        config: name or file of a configuration; None takes that of `source`, or the kind's own.
        overrides: `key=value` settings.
        resume: go on with the run in `out`.
        source: a RUN folder, or `bundled`, to start from.
        device: `auto`, `cpu`, `cuda` or `mps`.
        devices, nodes: how many (without torchrun).
        force: start anew in a folder that already holds a run.
    """

    kind: str
    data: tuple[Place, ...]
    out: Path
    config: str | None = None
    overrides: tuple[str, ...] = ()
    resume: bool = False
    source: str | None = None
    device: str = "auto"
    devices: int = 1
    nodes: int = 1
    force: bool = False


def train(options: Options) -> int:
    """Train, and write the RUN folder.

    Returns:
        0, or 128 + the number of the signal that ended the run early (its results are written all the same).

    Raises:
        VaesynthError: the options, the data or the run cannot be used; or training cannot go on.
    """
    require_no_dataset(options.out)
    resumed = options.resume and (options.out / CONFIG).is_file()
    if (options.out / CONFIG).is_file() and not resumed and not options.force and first_process():
        raise SettingError(
            f"{options.out} already holds a run, expected a new one (--resume goes on, --force starts anew)"
        )
    source = _source(options)
    config = _configuration(options, resumed, source)
    data = Data.open(options.data, options.kind)
    if resumed and config.geometry != data.geometry:
        raise SettingError(
            f"the data's geometry is {data.geometry}, expected that of {options.out}, {config.geometry}"
        )
    config = dataclasses.replace(config, geometry=data.geometry)
    if not any((config.training.minutes, config.training.steps, config.training.epochs)):
        raise SettingError("no budget is set, expected --minutes, --steps or --epochs")
    lightning.seed_everything(config.training.seed, verbose=False)
    model = build(config.model, config.settings, data.geometry)
    if source is not None and not resumed:
        expected = Run.open(source).geometry
        if expected != data.geometry:
            raise SettingError(f"the data's geometry is {data.geometry}, expected {expected} as in {source}")
        load_weights(model, source / WEIGHTS)
    if isinstance(model, ClosedForm):
        _prepare_folder(options.out, config, resumed)
        model.fit(data, config.training.seed)
        write_results(
            options.out, model, model.state_dict(), data, Budget(config.training, data.items("train"), 1)
        )
        return 0
    fresh = source is None and not (resumed and (options.out / CHECKPOINT).is_file())
    if fresh and isinstance(model, FittedStart):
        model.begin(data.once("train", config.training.batch_size))
    return _fit(options, config, data, model, resumed)


def _fit(options: Options, config: Configuration, data: Data, model: Any, resumed: bool) -> int:
    t = config.training
    _quieten()
    world = int(os.environ.get("WORLD_SIZE", options.devices * options.nodes))
    module = VaeModule(model, config, Budget(t, data.items("train"), t.batch_size * world))
    limits, log = Limits(), Log(options.out, t.log_steps)
    # Limits first, as it counts the step; the checkpoint last, when all else is written.
    callbacks: list[Callback] = [
        limits,
        log,
        Console(),
        Validation(data, log, t.validate_minutes, t.validation_items, t.previews, t.batch_size),
        Checkpoints(options.out, t.checkpoint_minutes),
    ]
    checkpoint = options.out / CHECKPOINT
    if resumed and checkpoint.is_file():
        # Known before the data stream is built: a resumed run goes on with other items than it began with.
        read_checkpoint(checkpoint, module)
    trainer = _trainer(options, config, callbacks)
    if trainer.is_global_zero:
        _prepare_folder(options.out, config, resumed)
    rank = trainer.global_rank
    torch.manual_seed(t.seed + 7919 * rank)
    loader = data.training(
        t.batch_size,
        seed=t.seed + module.budget.steps,
        rank=rank,
        world=trainer.world_size,
        workers=t.workers,
        shuffle_items=t.shuffle_items,
        balance=t.balance,
    )
    resume_from = str(checkpoint) if resumed and checkpoint.is_file() else None
    try:
        with _quiet_threads():
            trainer.fit(module, loader, ckpt_path=resume_from, weights_only=True)
    except OSError as e:
        raise OutputError(
            f"{options.out}: training stopped ({in_words(e)}), expected room to write; --resume goes on"
        ) from e
    module.require_a_step()
    if trainer.is_global_zero:
        print("Encoding the items and writing the results …", file=sys.stderr)
        module.cpu()
        module.mean.to(torch.device("cpu"))
        write_results(
            options.out, model, module.mean.state, data, module.budget, module.mean, t.encoded_items, t.seed
        )
    return 128 + limits.signal if limits.signal is not None else 0


def _trainer(options: Options, config: Configuration, callbacks: list[Callback]) -> lightning.Trainer:
    """Lightning's trainer; under torchrun the number of processes is torchrun's."""
    devices, nodes = options.devices, options.nodes
    if "LOCAL_WORLD_SIZE" in os.environ:
        devices = int(os.environ["LOCAL_WORLD_SIZE"])
        nodes = int(os.environ["WORLD_SIZE"]) // devices
    accelerator = {"cuda": "gpu"}.get(options.device, options.device)
    # A step need not use all parameters: a prior is fitted afterwards, hits teach where a batch has some, an
    # adversary has a backward pass of its own.
    strategy = "auto" if devices * nodes == 1 else "ddp_find_unused_parameters_true"
    try:
        return lightning.Trainer(
            accelerator=accelerator,
            devices=devices,
            num_nodes=nodes,
            strategy=strategy,
            precision="bf16-mixed" if config.training.precision == "bf16" else "32-true",
            logger=TensorBoardLogger(options.out, name="tensorboard", version=""),
            callbacks=callbacks,
            max_epochs=-1,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            default_root_dir=options.out,
        )
    except MisconfigurationException as e:
        reason = " ".join(str(e).split())[:200]
        raise SettingError(
            f"device {options.device} cannot be used ({reason}), expected one of this machine"
        ) from e


def _configuration(options: Options, resumed: bool, source: Path | None) -> Configuration:
    if resumed:
        # From a source, a named configuration is asked for the training alone.
        asked = options.config if source is None else None
        return resumed_configuration(options.out, asked, options.overrides)
    if source is None:
        return configuration.load(
            options.config or {"loop": "drums", "image": "faces"}[options.kind], options.overrides
        )
    base = Run.open(source).config
    if options.config is not None:
        # The architecture is the source's; how it is trained is what the named configuration is for.
        named = configuration.load(options.config)
        base = dataclasses.replace(base, optimiser=named.optimiser, training=named.training)
    return configuration.with_overrides(base, options.overrides)


def _source(options: Options) -> Path | None:
    if options.source is None:
        return None
    return bundled_run(options.kind) if options.source == "bundled" else Path(options.source)


def _prepare_folder(out: Path, config: Configuration, resumed: bool) -> None:
    make_folder((out / CHECKPOINT).parent)
    if not resumed:
        clear(out)
    write_text(out / CONFIG, configuration.dump(config))


@contextlib.contextmanager
def _quiet_threads() -> Iterator[None]:
    """No traceback where TensorBoard's thread cannot write: the next figure raises the same error here."""
    hook = threading.excepthook

    def quieter(args: threading.ExceptHookArgs) -> None:
        if not isinstance(args.exc_value, OSError):
            hook(args)

    threading.excepthook = quieter
    try:
        yield
    finally:
        threading.excepthook = hook


def _quieten() -> None:
    """Lightning's remarks on things that are meant to be as they are."""
    for name in ("lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in (
        ".*does not have many workers.*",
        ".*IterableDataset.*__len__.*",
        ".*tensorboardX.*",
        ".*`training_step` returned `None`.*",
        ".*LeafSpec.*",
        ".*isinstance\\(treespec.*",
    ):
        warnings.filterwarnings("ignore", message)
