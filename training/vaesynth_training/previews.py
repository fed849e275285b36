"""Sounds to listen to while a run goes on: RUN/previews, whole files that any player opens."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from torch import Tensor

from vaesynth.folders import make_folder
from vaesynth.geometry import LoopGeometry
from vaesynth.wav import write_audio

FOLDER = "previews"


def write_loops(
    run: Path, names: Sequence[str], groups: Mapping[str, Tensor], geometry: LoopGeometry
) -> None:
    """Write loops as `NUMBER NAME.GROUP.wav`, in place of those of an earlier round.

    Args:
        run: the RUN folder.
        names: of the items.
        groups: such as `original` → float32 `(items, channels, frames)`.
        geometry: of the items.

    Raises:
        OutputError: the folder cannot be written.
    """
    make_folder(run / FOLDER)
    for group, items in groups.items():
        for i, (name, item) in enumerate(zip(names, items.float().cpu(), strict=True)):
            plain = re.sub(r"[^\w .()#&+-]+", "_", name).strip()[:80] or "item"
            file = run / FOLDER / f"{i + 1} {plain}.{group}.wav"
            write_audio(file, item.clamp(-1, 1).T.contiguous().numpy(), geometry.sample_rate)
