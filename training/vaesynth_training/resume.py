"""Going on with a run, or starting anew in its folder."""

import dataclasses
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from vaesynth.errors import OutputError, SettingError, in_words

from . import configuration
from .configuration import Configuration
from .lightning_module import VaeModule
from .run import CARD, CHECKPOINT, CONFIG, ITEMS, LATENTS, LOG, WEIGHTS

RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID")
"""Where torchrun, Lightning and SLURM tell a process its number, in the order in which Lightning looks."""


def first_process() -> bool:
    """Whether this is the one process that writes: known before there is a trainer."""
    return int(next((os.environ[name] for name in RANKS if name in os.environ), 0)) == 0


def resumed_configuration(folder: Path, named: str | None, overrides: tuple[str, ...]) -> Configuration:
    """The configuration with which the run in `folder` goes on: its own, with `overrides`.

    Args:
        named: name or file of a configuration that the command line names; it must have the run's model.
        overrides: `key=value` settings.

    Raises:
        SettingError: a setting is wrong, or what is asked for has another model or other settings than the
            run, whose weights would not fit.
    """
    stored = configuration.load(str(folder / CONFIG))
    config = configuration.load(str(folder / CONFIG), overrides)
    for asked in (config, *([configuration.load(named, overrides)] if named is not None else [])):
        own = dict(_leaves({"model": stored.model, "settings": dataclasses.asdict(stored.settings)}))
        for key, value in _leaves({"model": asked.model, "settings": dataclasses.asdict(asked.settings)}):
            if key not in own or own[key] != value:
                raise SettingError(
                    f"{key} is {value}, expected {own.get(key, 'none')} as in {folder}, which goes on "
                    "(--force starts anew)"
                )
    return config


def _leaves(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and their values."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value


def read_checkpoint(path: Path, module: VaeModule) -> None:
    """Weights, their running mean, and what is spent of the budget; Lightning reads the optimisers later.

    Raises:
        SettingError: it cannot be read, is damaged, or belongs to another model.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        module.load_state_dict(state["state_dict"])
        module.on_load_checkpoint(state)
        if not state["optimizer_states"] or not state["loops"]:
            raise ValueError("a part is empty")
    except OSError as e:
        raise SettingError(f"{path} cannot be read ({in_words(e)}), expected the run's checkpoint") from e
    except Exception as e:  # torch raises what it likes, from EOFError to UnpicklingError
        raise SettingError(
            f"{path} is damaged or of another model, expected the run's checkpoint (--force starts anew)"
        ) from e


def clear(folder: Path) -> None:
    """Remove what an earlier run has left in a folder, so that nothing of it is taken for the new one's.

    Raises:
        OutputError: a file cannot be removed.
    """
    for name in (CHECKPOINT, WEIGHTS, LATENTS, ITEMS, CARD, LOG):
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as e:
            raise OutputError(f"{folder / name} cannot be removed ({in_words(e)})") from e
