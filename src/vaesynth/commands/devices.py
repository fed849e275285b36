"""`vaesynth devices`: where sound can go, MIDI ports, and what can compute it."""

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator

SUMMARY = "list audio devices, MIDI ports and compute providers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser: it has none."""


def run(options: argparse.Namespace) -> int:
    """Print the output devices, the default one marked, the MIDI ports, and the compute providers."""
    from .. import providers
    from ..server.devices import output_devices
    from ..terminal import columns, printable

    devices = output_devices()
    if devices:
        rows = [
            (
                "*" if d.is_default else "",
                str(d.index),
                d.name,
                d.host,
                str(d.channels),
                f"{d.sample_rate} Hz",
                f"{1000 * d.latency:.1f} ms",
            )
            for d in devices
        ]
        print(columns(rows, ("", "no.", "output", "system", "channels", "rate", "latency")))
        print("\n* is the default; choose another with --device, by number or by part of the name.")
    else:
        print("No audio output device was found; a sound card or a running JACK server would be listed here.")
    print(printable(_midi_ports()))
    print(f"Compute providers, tried in this order: {', '.join(providers.available())}")
    if hidden := providers.overwritten():
        print(hidden)
    return 0


def _midi_ports() -> str:
    from ..control.midi_ports import port_names
    from ..control.timeline import ControlError

    try:
        with _silenced():
            heard, told = port_names(inputs=True), port_names(inputs=False)
    except ControlError as e:
        return f"No MIDI: {e}."
    return f"MIDI in: {', '.join(heard) or 'no port'}. MIDI out: {', '.join(told) or 'no port'}."


@contextlib.contextmanager
def _silenced() -> Iterator[None]:
    """Without what ALSA prints by itself where there is no MIDI."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
