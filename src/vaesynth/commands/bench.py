"""`vaesynth bench`: what playing costs on this machine."""

import argparse
import json
import math
from typing import TYPE_CHECKING, Any

from .options import add_facts, add_model, add_provider, number, open_decoder, whole

if TYPE_CHECKING:
    from ..bench.measure import Decoding, Playing, Spread

SUMMARY = "measure decoder, sound card and delay of this machine"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.description = (
        "Measure what playing costs here: decode time, audio callback, missed buffers, the time from a "
        "gesture to its sound, memory. Test tones are heard meanwhile. Through JACK the delay is taken from "
        "the recorded output, elsewhere as the audio server reports it. Without a sound card the decoder "
        "alone is measured."
    )
    add_model(parser)
    parser.add_argument(
        "--seconds", type=number(1, 7200), default=20.0, metavar="S", help="how long to play (default: 20)"
    )
    parser.add_argument(
        "--decodes", type=whole(1, 10_000), default=50, metavar="N", help="loops to decode (default: 50)"
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON, for programs")
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--device", metavar="NAME", help="output, by number or part of its name (see `vaesynth devices`)"
    )
    sound.add_argument(
        "--rate", type=whole(8_000, 192_000), metavar="HZ", help="sample rate (default: the model's)"
    )
    sound.add_argument(
        "--buffer", type=whole(16, 8192), default=256, metavar="N", help="frames a buffer (default: 256)"
    )
    add_provider(sound)
    add_facts(parser)


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table."""
    from dataclasses import asdict

    from .. import models
    from ..bench import measure
    from ..errors import DeviceError
    from ..terminal import printable

    path = models.find(options.model) if options.model else models.bundled("loop")
    decoder = open_decoder(path, options, kind="loop")
    decoding = measure.decoding(decoder, options.decodes)
    playing, silent = None, None
    try:
        playing = measure.playing(
            decoder,
            options.seconds,
            device=options.device,
            sample_rate=options.rate,
            buffer_frames=options.buffer,
        )
    except DeviceError as e:
        if options.device is not None:
            raise
        silent = str(e)
    if options.json:
        figures = {
            "decoding": asdict(decoding),
            "playing": None if playing is None else asdict(playing),
            "silent": silent,
        }
        print(json.dumps(_finite(figures), indent=2, allow_nan=False))
        return 0
    for line in (*_decoder_lines(decoding), *_sound_lines(playing, silent)):
        print(printable(line))
    return 0


def _finite(value: Any) -> Any:
    """With null for what was not measured: JSON knows no NaN."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _decoder_lines(d: "Decoding") -> list[str]:
    return [
        f"{'decoder':<20}{d.model}, by {d.provider}",
        *([f"{'':<20}{d.notice}"] if d.notice else []),
        _line("decode", d.decode, f"{d.real_time_factor:.0f} × real time"),
    ]


def _sound_lines(p: "Playing | None", silent: str | None) -> list[str]:
    if p is None:
        return [f"{'sound':<20}not measured: {silent}"]
    buffer = 1000 * p.buffer_frames / p.sample_rate
    return [
        f"{'sound':<20}{p.device} at {p.sample_rate} Hz, {p.buffer_frames} frames a buffer "
        f"({buffer:.2f} ms), {p.seconds:.0f} s",
        _line("callback", p.callback, f"{100 * p.callback.p50 / buffer:.1f} % of a buffer"),
        _line("callback's delay", p.delay),
        f"  {'missed buffers':<18}{p.xruns} of {p.callbacks}",
        _line("gesture to sound", p.gesture_to_sound, f"{p.gestures} gestures, {p.how}"),
        _line("  of it decoding", p.decode),
        f"  {'output latency':<18}{p.output_latency:.2f} ms more, as the device reports it",
        f"{'memory':<20}desk {_megabytes(p.desk_bytes)}, server {_megabytes(p.server_bytes)} (PSS)",
    ]


def _line(name: str, spread: "Spread", remark: str = "") -> str:
    times = f"p50 {spread.p50:7.3f}   p99 {spread.p99:7.3f}   max {spread.max:7.3f} ms"
    return f"  {name:<18}{times}   {remark}".rstrip()


def _megabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / 1e6:.0f} MB"
