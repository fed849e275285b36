"""The model that a bench plays: a bundled one, any file, or tones, which cost next to nothing to decode."""

import argparse
from pathlib import Path

from tone_model import write_tone_model

from vaesynth import models


def add_option(parser: argparse.ArgumentParser) -> None:
    """`--model`."""
    parser.add_argument("--model", default="drums", help="a name or file; tones is one that costs nothing")


def path_of(name: str, folder: Path) -> Path:
    """The decoder file of what was asked for; tones are written to `folder`."""
    return write_tone_model(folder / "tones.decoder.onnx") if name == "tones" else models.find(name)
