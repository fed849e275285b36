"""Does the face cost the sound a buffer? Missed buffers with and without its preview, in turns.

    python bench/preview.py [--minutes 10] [--turn 10] [--buffer 128] [--model NAME] [--face NAME]

One engine plays on a sound card of its own (JACK's dummy driver) while the pad moves and the window repaints
at 60 Hz. In every other turn each of those moves asks the preview for a face, too. Turns are short, so that
what else happens on the machine falls on both alike; a bare sine on another card tells how much that was.
The aim: no more missed buffers in the turns with faces than in those without, beyond what counting by chance
allows (two standard deviations). Needs jackd, jack_rec and jack_lsp (Debian: jackd2, jack-tools).
"""

import argparse
import math
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

import jack
from dropouts import SETTLING, Missed, bare_sine
from window_load import with_window

from vaesynth import models
from vaesynth.decoder import Decoder
from vaesynth.engine import Engine
from vaesynth.face_preview import FacePreview

RATE = 60


def shown(preview: FacePreview) -> int:
    """Faces decoded so far."""
    latest = preview.latest()
    return latest[0] if latest else 0


def take_turns(
    decoder: Decoder, face: Decoder, buffer: int, seconds: float, turn: float
) -> tuple[Missed, Missed, float]:
    """Buffers without and with the preview, and its faces a second."""
    found, faces, watched = (Missed(), Missed()), 0, 0.0
    preview = FacePreview(face)
    with Engine.start(decoder, buffer_frames=buffer) as playing:
        playing.play()
        time.sleep(SETTLING)
        for index in range(2 * max(1, round(seconds / turn / 2))):
            with_face = index % 2 == 1
            before, seen, begun = playing.transport.report(), shown(preview), time.monotonic()
            while (t := time.monotonic() - begun) < turn:
                x, y = 0.9 * math.sin(0.7 * t), 0.9 * math.sin(1.1 * t)
                playing.move_to(x, y)
                if with_face:
                    preview.move_to(x, y)
                time.sleep(max(0.0, 1 / RATE - (time.monotonic() - begun - t)))
            after = playing.transport.report()
            found[with_face].calls += after.callbacks - before.callbacks
            found[with_face].dry += after.xruns - before.xruns
            if with_face:
                faces, watched = faces + shown(preview) - seen, watched + turn
    preview.close()
    return *found, faces / watched


def main() -> int:
    """Measure and print; returns 1 where the preview cost buffers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--turn", type=float, default=10, help="seconds of each turn (default: 10)")
    parser.add_argument("--buffer", type=int, default=128)
    parser.add_argument("--model", default="drums")
    parser.add_argument("--face", default="faces")
    options = parser.parse_args()
    decoder = Decoder.open(models.find(options.model), kind="loop")
    face = Decoder.open(models.find(options.face), "cpu", kind="image")
    with tempfile.TemporaryDirectory() as name:
        os.environ["VAESYNTH_RUNTIME_DIR"] = str(Path(name) / "runtime")
        folders = [Path(name) / part for part in ("sine", "engine")]
        for folder in folders:
            folder.mkdir()
        with (
            jack.jack_server(folders[0], options.buffer),
            bare_sine(options.buffer) as sine,
            jack.jack_server(folders[1], options.buffer),
        ):
            work = partial(take_turns, decoder, face, options.buffer, 60 * options.minutes, options.turn)
            without, with_face, rate = with_window(work)
    print(f"{'engine without faces':42} {without}")
    print(f"{f'engine with {rate:.1f} faces a second':42} {with_face}")
    print(f"{'bare sine all the time':42} {sine}")
    more, chance = with_face.dry - without.dry, 2 * math.sqrt(with_face.dry + without.dry)
    verdict = "within" if more <= chance else "beyond"
    print(f"{'':42} {more:+} with faces, {verdict} the {chance:.1f} of chance")
    return int(more > chance)


if __name__ == "__main__":
    sys.exit(main())
