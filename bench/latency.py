"""From a gesture to its sound while the window repaints at 60 Hz, taken from the recorded output.

    python bench/latency.py [--seconds 60] [--buffer 128] [--model NAME] [--still]

Quantise is off. The aim: the median within 8 ms of a decode's, 99 of 100 within 30 ms. A sound card of its
own is made (JACK's dummy driver; Debian: jackd2, jack-tools). `--still` leaves the window out.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
import played_model
from window_load import with_window

from vaesynth.bench import measure
from vaesynth.decoder import Decoder


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--buffer", type=int, default=128)
    played_model.add_option(parser)
    parser.add_argument("--still", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["VAESYNTH_RUNTIME_DIR"] = str(folder / "runtime")
        path = played_model.path_of(options.model, folder)
        decoder = Decoder.open(path, kind="loop")

        def play() -> measure.Playing:
            return measure.playing(decoder, options.seconds, buffer_frames=options.buffer)
        with jack.jack_server(folder, options.buffer):
            found = play() if options.still else with_window(play)
    sound, decode = found.gesture_to_sound, found.decode
    window = "left out" if options.still else "repainting at 60 Hz"
    print(f"{found.gestures} gestures in {found.seconds:.0f} s, {options.buffer} frames at "
          f"{found.sample_rate} Hz, {found.how}, the window {window}")
    for what, spread in (("decode", decode), ("gesture to sound", sound), ("callback", found.callback),
                         ("callback's delay", found.delay)):
        print(f"{what:18} median {spread.p50:8.2f}   p99 {spread.p99:8.2f}   max {spread.max:8.2f} ms")
    print(f"median beside a decode {sound.p50 - decode.p50:+.2f} ms; missed buffers {found.xruns} of "
          f"{found.callbacks}")


if __name__ == "__main__":
    main()
