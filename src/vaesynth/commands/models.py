"""`vaesynth models`: the instruments on this machine."""

import argparse

SUMMARY = "list the instruments on this machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser: it has none."""


def run(options: argparse.Namespace) -> int:
    """Print a table of the bundled and the user's decoders, broken ones with their fault."""
    from .. import models
    from ..geometry import LoopGeometry
    from ..terminal import columns, counted, printable

    rows, faults = [], []
    for file in models.available():
        if file.metadata is None:
            faults.append(f"Not usable: {printable(file.error or str(file.path))}")
            continue
        geometry = file.metadata.geometry
        if isinstance(geometry, LoopGeometry):
            what = f"{counted(geometry.beats, 'beat')} at {geometry.bpm:g} BPM, {geometry.sample_rate} Hz"
        else:
            what = f"{geometry.width} × {geometry.height} pixels"
        rows.append((file.name, file.metadata.kind, what, file.origin, file.metadata.name))
    if rows:
        print(columns(rows, ("name", "kind", "gives", "origin", "title")))
    for fault in faults:
        print(fault)
    if not rows:
        print("No instrument was found.")
    print(f"\nYour own go into {printable(str(models.user_folder()))}")
    return 0
