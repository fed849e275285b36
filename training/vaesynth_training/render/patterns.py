"""Programmed patterns: what a producer clicks into a drum machine, by genre, with choices inside its idiom.

Half of the loops that people make are not played but programmed. Every genre here is a function that puts
strokes on a sheet of sixteen steps (a 16th note each).
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.random import Generator

from .voices import Hit

STEPS: Final = 16
BEATS: Final = (0, 4, 8, 12)
BACKBEAT: Final = (4, 12)
OFFBEATS: Final = (2, 6, 10, 14)
KICK, SNARE, RIM, CLAP, HAT, PEDAL, OPEN, CRASH, RIDE = 36, 38, 37, 39, 42, 44, 46, 49, 51
LOW_TOM, MID_TOM, HIGH_TOM = 43, 45, 48
PERC: Final = (60, 61, 62, 63)


class Sheet:
    """A bar being programmed: strokes at steps, delayed by swing and, in some bars, by a loose hand.

    Args:
        rng: source of every choice.
        swing: share of a 16th (0 to 0.34, a triplet) by which every second 16th comes late.
    """

    def __init__(self, rng: Generator, swing: float = 0.0) -> None:
        self.rng = rng
        self.swing = swing
        self.hits: list[Hit] = []
        self._loose = float(rng.uniform(0.0005, 0.002)) if rng.random() < 0.3 else 0.0

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return bool(self.rng.random() < probability)

    def pick(self, options: Sequence[int]) -> int:
        """One of the options."""
        return options[int(self.rng.integers(len(options)))]

    def some(self, steps: Sequence[int], probability: float) -> list[int]:
        """The steps that a coin with this probability chooses."""
        return [step for step in steps if self.chance(probability)]

    def put(self, note: int, steps: Iterable[float], velocity: float = 0.85, accent: float = 0.0) -> None:
        """Strokes of `note`; steps off the beat are softer by `accent`."""
        for step in steps:
            late = self.swing / STEPS if step % 2 == 1 else 0.0
            at = step / STEPS + late + float(self.rng.normal(0, 1)) * self._loose
            softer = 0.0 if step % 4 == 0 else accent if step % 2 == 0 else 1.5 * accent
            strength = velocity - softer + float(self.rng.normal(0, 0.03))
            self.hits.append(Hit.of_note(at, note, min(max(strength, 0.08), 1.0)))


def euclid(strokes: int, rotation: int = 0, steps: int = STEPS) -> list[int]:
    """`strokes` spread as evenly as `steps` allow (Toussaint, "The Euclidean Algorithm Generates Traditional
    Musical Rhythms", 2005)."""
    return sorted((i * steps // strokes + rotation) % steps for i in range(strokes))


def _backbeat(s: Sheet) -> None:
    """Snare, clap or both on two and four."""
    kind = s.rng.random()
    if kind < 0.7:
        s.put(SNARE, BACKBEAT, 0.9)
    if kind > 0.45:
        s.put(CLAP, BACKBEAT, 0.85)


def _percussion(s: Sheet, probability: float) -> None:
    """Up to three percussion sounds in even rhythms."""
    for note in PERC[:3]:
        if s.chance(probability):
            velocity = float(s.rng.uniform(0.45, 0.85))
            s.put(note, euclid(s.pick((2, 3, 3, 5, 5, 7)), s.pick(range(STEPS))), velocity, 0.08)


def _hats(s: Sheet) -> None:
    """Closed hats in 8ths or 16ths, or between the offbeats."""
    steps: Sequence[int] = ((0, 2, 4, 6, 8, 10, 12, 14), range(STEPS), OFFBEATS)[s.pick((0, 1, 1, 2))]
    s.put(HAT, steps, float(s.rng.uniform(0.55, 0.85)), float(s.rng.uniform(0, 0.2)))


def _house(s: Sheet) -> None:
    s.put(KICK, BEATS, 0.97)
    s.put(KICK, s.some((3, 7, 10, 15), 0.08), 0.7)
    if s.chance(0.85):
        _backbeat(s)
    if s.chance(0.8):
        s.put(OPEN, OFFBEATS, 0.75)
    if s.chance(0.75):
        _hats(s)
    if s.chance(0.2):
        s.put(RIDE, OFFBEATS if s.chance(0.5) else range(0, STEPS, 2), 0.6)
    s.put(RIM, s.some((3, 6, 9, 11, 14), 0.12), 0.6)
    _percussion(s, 0.3)


def _techno(s: Sheet) -> None:
    s.put(KICK, BEATS, 1.0)
    if s.chance(0.6):
        s.put(OPEN, OFFBEATS, 0.7)
    if s.chance(0.7):
        s.put(HAT, range(STEPS), 0.6, float(s.rng.uniform(0.02, 0.2)))
    if s.chance(0.5):
        s.put(CLAP, BACKBEAT, 0.8)
    if s.chance(0.35):
        s.put(RIDE, range(0, STEPS, 2) if s.chance(0.5) else OFFBEATS, 0.65)
    if s.chance(0.5):
        s.put(RIM, euclid(s.pick((3, 5)), s.pick(range(STEPS))), 0.55)
    if s.chance(0.3):
        s.put(LOW_TOM, euclid(s.pick((3, 5)), s.pick((1, 2, 3))), 0.6)
    _percussion(s, 0.3)


def _trap(s: Sheet) -> None:
    s.put(KICK, [0, *s.some((3, 6, 7, 10, 11, 13, 14), 0.3)], 0.95)
    s.put(CLAP if s.chance(0.5) else SNARE, [8], 0.95)
    if s.chance(0.3):
        s.put(CLAP, [8], 0.8)
    step, every = 0.0, 2.0 if s.chance(0.7) else 1.0
    while step < STEPS:
        roll = s.rng.random()
        if step % 2 == 0 and roll < 0.22:  # a roll: 32nds, triplets or 64ths that grow or fade
            count = s.pick((3, 4, 4, 6, 8))
            ramp = np.linspace(0.35, 0.8, count)[:: 1 if s.chance(0.6) else -1]
            for i, velocity in enumerate(ramp.tolist()):
                s.put(HAT, [step + 2 * i / count], velocity)
            step += 2
        else:
            s.put(HAT, [step], 0.75, 0.1)
            step += every
    if s.chance(0.5):
        s.put(OPEN, [s.pick((2, 6, 7, 10, 14, 15))], 0.7)
    s.put(RIM, s.some((3, 5, 11, 13, 15), 0.1), 0.6)
    s.put(SNARE, s.some((14, 14.5, 15, 15.5), 0.1), 0.5)  # type: ignore[arg-type]  # 32nds are steps too
    _percussion(s, 0.15)


def _boom_bap(s: Sheet) -> None:
    s.put(KICK, [0, *s.some((3, 7, 8, 10, 11, 14), 0.33)], 0.9)
    s.put(SNARE, BACKBEAT, 0.92)
    s.put(SNARE, s.some((1, 6, 7, 9, 11, 15), 0.13), 0.28)
    s.put(HAT, range(0, STEPS, 2), 0.7, 0.12)
    s.put(HAT, s.some((3, 7, 11, 15), 0.25), 0.45)
    s.put(OPEN, s.some((6, 10, 14), 0.15), 0.6)
    _percussion(s, 0.12)


def _breakbeat(s: Sheet) -> None:
    kicks = ((0, 2, 10, 11), (0, 2, 10), (0, 3, 10), (0, 6, 10), (0, 2, 9, 10))
    s.put(KICK, kicks[s.pick(range(len(kicks)))], 0.92)
    s.put(SNARE, BACKBEAT, 0.95)
    s.put(SNARE, s.some((7, 9, 14, 15), 0.45), 0.35)
    s.put(RIDE if s.chance(0.35) else HAT, range(0, STEPS, 2), 0.7, 0.1)
    s.put(OPEN, s.some((6, 10, 14), 0.2), 0.65)
    if s.chance(0.12):
        s.put(CRASH, [0], 0.8)


def _two_step(s: Sheet) -> None:
    s.put(KICK, [0, s.pick((7, 10, 10, 11)), *s.some((5, 13), 0.2)], 0.92)
    _backbeat(s)
    s.put(HAT, s.some(range(STEPS), 0.65), 0.65, 0.1)
    s.put(OPEN, s.some((2, 6, 10, 14), 0.35), 0.65)
    s.put(RIM, s.some((3, 6, 9, 11, 15), 0.3), 0.6)
    _percussion(s, 0.3)


def _electro(s: Sheet) -> None:
    s.put(KICK, [0, *s.some((3, 6, 7, 10, 11), 0.4)], 0.95)
    _backbeat(s)
    s.put(HAT, range(STEPS) if s.chance(0.6) else range(0, STEPS, 2), 0.65, 0.1)
    s.put(OPEN, s.some(OFFBEATS, 0.35), 0.65)
    if s.chance(0.5):
        s.put(PERC[0], euclid(s.pick((3, 5, 6)), s.pick((0, 1, 2))), 0.65)
    if s.chance(0.3):
        s.put(HIGH_TOM, s.some((10, 11, 14), 0.5), 0.7)
        s.put(LOW_TOM, s.some((13, 15), 0.5), 0.7)


def _dembow(s: Sheet) -> None:
    s.put(KICK, BEATS, 0.95)
    s.put(SNARE if s.chance(0.7) else RIM, (3, 6, 11, 14), 0.85, 0.05)
    _hats(s)
    _percussion(s, 0.35)


def _disco(s: Sheet) -> None:
    s.put(KICK, BEATS, 0.92)
    _backbeat(s)
    s.put(OPEN, OFFBEATS, 0.7)
    s.put(HAT, [step for step in range(STEPS) if step % 4 != 2], 0.65, 0.1)
    _percussion(s, 0.35)


def _rock(s: Sheet) -> None:
    s.put(KICK, [0, 8, *s.some((6, 7, 10, 14), 0.3)], 0.9)
    s.put(SNARE, BACKBEAT, 0.95)
    s.put(RIDE if s.chance(0.3) else OPEN if s.chance(0.15) else HAT, range(0, STEPS, 2), 0.75, 0.12)
    if s.chance(0.15):
        s.put(CRASH, [0], 0.9)


def _samba(s: Sheet) -> None:
    s.put(KICK, (0, 3, 4, 7, 8, 11, 12, 15) if s.chance(0.5) else (0, 4, 8, 12), 0.65, -0.05)
    s.put(LOW_TOM, BACKBEAT, 0.85)
    clave = ((0, 3, 6, 10, 12), (0, 3, 7, 10, 12), (2, 4, 8, 11, 14), (0, 2, 5, 7, 9, 12, 14))
    s.put(RIM if s.chance(0.5) else PERC[0], clave[s.pick(range(len(clave)))], 0.7)
    s.put(PERC[1], range(STEPS), 0.55, 0.12)
    s.put(PERC[2], euclid(s.pick((5, 6, 7)), s.pick(range(4))), 0.65)
    s.put(HAT, s.some(range(0, STEPS, 2), 0.5), 0.5)
    s.put(SNARE, s.some(range(STEPS), 0.2), 0.35)


def _experimental(s: Sheet) -> None:
    """Each voice in an even rhythm of its own."""
    for note, low, high, velocity in (
        (KICK, 2, 5, 0.92),
        (SNARE, 1, 4, 0.85),
        (HAT, 5, 12, 0.65),
        (OPEN, 0, 3, 0.6),
        (CLAP, 0, 3, 0.75),
        (RIM, 0, 4, 0.6),
        (MID_TOM, 0, 3, 0.65),
        (PERC[0], 0, 7, 0.6),
        (PERC[1], 0, 5, 0.6),
    ):
        count = int(s.rng.integers(low, high + 1))
        if count:
            s.put(note, euclid(count, 0 if note == KICK else s.pick(range(STEPS))), velocity, 0.06)


GENRES: Final[dict[str, tuple[Callable[[Sheet], None], float, float]]] = {
    # Genre: the function, the chance of swing, and how often the genre is drawn.
    "house": (_house, 0.35, 3.0),
    "techno": (_techno, 0.1, 1.5),
    "trap": (_trap, 0.1, 2.5),
    "boom_bap": (_boom_bap, 0.7, 2.0),
    "breakbeat": (_breakbeat, 0.3, 1.5),
    "two_step": (_two_step, 0.7, 1.0),
    "electro": (_electro, 0.15, 1.5),
    "dembow": (_dembow, 0.15, 0.7),
    "disco": (_disco, 0.2, 1.0),
    "rock": (_rock, 0.15, 1.5),
    "samba": (_samba, 0.3, 1.0),
    "experimental": (_experimental, 0.25, 1.0),
}


def draw_pattern(rng: Generator) -> tuple[str, tuple[Hit, ...]]:
    """A random genre, and a bar of it: hits sorted by position."""
    names = list(GENRES)
    weights = np.array([GENRES[name][2] for name in names])
    name = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    return name, program(name, rng)


def program(genre: str, rng: Generator) -> tuple[Hit, ...]:
    """A bar of the genre (a key of `GENRES`): hits sorted by position."""
    write, swung, _ = GENRES[genre]
    sheet = Sheet(rng, float(rng.uniform(0.06, 0.34)) if rng.random() < swung else 0.0)
    write(sheet)
    if sheet.chance(0.06):
        sheet.put(sheet.pick((LOW_TOM, MID_TOM, SNARE)), range(12, STEPS), 0.7, 0.1)
    if len(sheet.hits) < 4:
        _hats(sheet)
    return tuple(sorted(sheet.hits))
