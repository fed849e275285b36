"""`vaesynth devices`: where sound can go, and what can compute it."""

import argparse

SUMMARY = "list audio devices and compute providers"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser: it has none."""


def run(options: argparse.Namespace) -> int:
    """Print the output devices, the default one marked, and the compute providers."""
    from .. import providers
    from ..server.devices import output_devices
    from ..terminal import columns

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
    print(f"Compute providers, tried in this order: {', '.join(providers.available())}")
    if hidden := providers.overwritten():
        print(hidden)
    return 0
