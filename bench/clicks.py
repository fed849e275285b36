"""No click at a hand-over: random moves at each quantise setting, heard above the band of the tones.

    python bench/clicks.py [--moves 1000] [--seed 0]

A decoder of tones below 1.7 kHz, of other levels and phases at every pad position, is played by the player
that the audio server calls, in blocks of 128 frames and without a device, so that the figure is the same on
every machine. What sounds above 6 kHz round a hand-over can only be made by the hand-over.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "audio"))

from signals import corners, db

from vaesynth.decks import CROSSFADE_SECONDS
from vaesynth.loop import Loop
from vaesynth.player import LoopPlayer
from vaesynth.render import play_bars
from vaesynth.slicing import SlicedLoop
from vaesynth.tempo import Quantise

RATE, BLOCK, BEATS, BPM = 48_000, 128, 4, 240.0
FRAMES = RATE
"""One bar of four beats at 240 BPM, so that a thousand bars pass in a thousand seconds."""
TONES = (220, 330, 495, 743, 1114, 1670)
"""Hz, whole numbers: each is seamless in one second."""
FADE = round(CROSSFADE_SECONDS * RATE)
MARGIN = 2048


def tones(random: np.random.Generator, serial: int) -> SlicedLoop:
    """A loop of all tones, each with a level and a phase of its own, peaks below full scale."""
    t = 2 * np.pi * np.arange(FRAMES) / RATE
    levels = random.uniform(0, 1, len(TONES))
    phases = random.uniform(0, 2 * np.pi, len(TONES))
    wave = sum(a * np.sin(f * t + p) for a, f, p in zip(levels, TONES, phases, strict=True))
    audio = np.repeat((0.5 * wave / np.abs(wave).max())[:, None], 2, 1).astype(np.float32)
    return SlicedLoop.of(Loop(audio, RATE, BEATS), serial)


def play(player: LoopPlayer, frames: int) -> npt.NDArray[np.float32]:
    """The next frames, in the server's blocks."""
    out = np.empty((frames, 2), np.float32)
    for start in range(0, frames, BLOCK):
        player.render(out[start:start + BLOCK])
    return out


def peaks(quantise: Quantise, moves: int, seed: int = 0) -> tuple[npt.NDArray[np.float64], bool]:
    """Play on while the loop is changed again and again, at a random time each.

    Returns:
        The highest sample above 6 kHz round each hand-over; and whether the player, left alone afterwards,
        plays what the offline render gives, sample by sample.
    """
    random = np.random.default_rng(seed)
    player = LoopPlayer(RATE, 2048)
    player.clock.set_tempo(BPM)
    player.offer(tones(random, 1))
    player.play(fade=False)
    kinds = [tones(random, serial) for serial in range(2, 34)]
    found, before = np.empty(moves), play(player, 2 * MARGIN)
    for move in range(moves):
        last = kinds[(move + int(random.integers(1, 16))) % len(kinds)].numbered(move + 100)
        parts = [before[-2 * MARGIN:], play(player, BLOCK * int(random.integers(1, 60)))]
        player.offer(last, quantise)
        while player.sounding is not last:
            parts = [*parts[-40:], play(player, BLOCK)]
        parts.append(play(player, FADE + MARGIN))
        heard = np.concatenate(parts)
        found[move] = corners(heard[-(FADE + 3 * MARGIN):, 0]).max()
        before = heard
    rest = player.clock.position % (BEATS * player.clock.units_per_beat) // player.clock.micro_bpm
    ideal = np.roll(play_bars(last, BEATS, BPM), -rest, 0)
    return found, bool(np.array_equal(play(player, FRAMES), ideal))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=1000, help="at each quantise setting")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for quantise in Quantise:
        found, same = peaks(quantise, options.moves, options.seed)
        print(f"{quantise.value:5} {len(found):5} hand-overs   above 6 kHz: highest {db(found.max()):7.1f}, "
              f"median {db(float(np.median(found))):7.1f} dBFS   at rest equal to the offline render: "
              f"{'yes' if same else 'NO'}", flush=True)


if __name__ == "__main__":
    main()
