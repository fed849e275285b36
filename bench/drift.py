"""No drift: where the downbeats of an hour at an odd tempo are, in what the player gives.

    python bench/drift.py [--minutes 60] [--bpm 97.3] [--rate 48000]

The player is rendered without a device, as fast as the machine can. Each downbeat of the loop is one sample
of full level, so that its place in the sound is known to the sample.
"""

import argparse
import time

import numpy as np
import numpy.typing as npt

from vaesynth.loop import Loop
from vaesynth.player import LoopPlayer
from vaesynth.slicing import SlicedLoop

BEATS, BLOCK = 4, 2048


Places = npt.NDArray[np.float64]


def downbeats(minutes: float, bpm: float, rate: int) -> Places:
    """How far each downbeat sounds from its place on the ideal grid, in samples."""
    audio = np.zeros((2 * rate, 2), np.float32)  # a bar at 120 BPM
    audio[0] = 0.5
    player = LoopPlayer(rate, BLOCK)
    player.clock.set_tempo(bpm)
    player.offer(SlicedLoop.of(Loop(audio, rate, BEATS)))
    player.play(fade=False)
    found: list[int] = []
    out = np.empty((BLOCK, 2), np.float32)
    for start in range(0, round(60 * minutes * rate), BLOCK):
        player.render(out)
        found += (start + np.flatnonzero(out[:, 0] > 0.25)).tolist()
    bar = BEATS * 60 / bpm * rate
    places = np.array(found, np.float64)
    return np.asarray(places - np.round(places / bar) * bar)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--bpm", type=float, default=97.3)
    parser.add_argument("--rate", type=int, default=48_000)
    options = parser.parse_args()
    begun = time.process_time()
    off = downbeats(options.minutes, options.bpm, options.rate)
    print(f"{len(off)} downbeats in {options.minutes:g} minutes at {options.bpm:g} BPM and {options.rate} Hz "
          f"({time.process_time() - begun:.0f} s of processor time)")
    print(f"from the ideal grid: {off.min():+.2f} to {off.max():+.2f} samples, the first {off[0]:+.2f}, "
          f"the last {off[-1]:+.2f}; spread {np.ptp(off):.2f}")


if __name__ == "__main__":
    main()
