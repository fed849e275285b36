"""Kit instances drawn at random from the recorded kits: which instruments, how treated, on what bus."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.random import Generator

from .augment import Treatment
from .bus import Bus
from .instance import KitInstance, Slot
from .kits import Instrument, Kit
from .voices import CLASS_OF_NOTE, FALLBACK, LEVEL, PERC_NOTES

T = TypeVar("T")

BENEATH_DB = (-14.0, -2.0)
"""Level of an instrument beneath another, against a neutral mix, before its own treatment."""

PLAIN_NOTES: dict[str, tuple[int, ...]] = {
    sound_class: tuple(sorted(note for note, other in CLASS_OF_NOTE.items() if other == sound_class))
    for sound_class in LEVEL
}
MARKED = {
    # Notes with a sound of their own where a kit has an instrument of such a name.
    44: ("pedal", "foot"),
    52: ("china",),
    53: ("bell",),
    55: ("splash",),
}


@dataclass(frozen=True)
class Mixture:
    """How kit instances are drawn.

    Attributes:
        hybrid: share of kits with each class from another kit.
        clean: share of kits that are left as they were recorded, save their place and a bus.
        borrow: chance that a class which a real kit lacks is borrowed from another kit.
        layered: chance, of each class, that an instrument of another kit sounds beneath its own, as
            producers layer one-shots: of a few dozen snares it makes hundreds.
    """

    hybrid: float = 0.6
    clean: float = 0.15
    borrow: float = 0.7
    layered: float = 0.0


def draw_instance(
    kits: Sequence[Kit], seed: Sequence[int], electronic: float = 0.4, mixture: Mixture | None = None
) -> KitInstance:
    """A kit instance that depends on nothing but its arguments.

    Args:
        kits: to draw from; at least one must be playable.
        seed: words that seed the draw, such as (seed, quad, which).
        electronic: chance that it is built from electronic kits only, where there are any.
        mixture: shares of real, hybrid and clean kits.

    Raises:
        ValueError: none of the kits is playable.
    """
    mixture = mixture or Mixture()
    rng = np.random.default_rng(list(seed))
    is_electronic = bool(rng.random() < electronic)
    pool = [kit for kit in kits if kit.electronic == is_electronic]
    if not any(kit.playable for kit in pool):
        pool, is_electronic = list(kits), False
    playable = [kit for kit in pool if kit.playable]
    if not playable:
        raise ValueError("none of the kits has a kick, a snare and a closed hat")
    hybrid = bool(rng.random() < mixture.hybrid)
    home = _choose(rng, playable, [kit.weight for kit in playable])
    chosen: dict[str, Kit | None] = {}
    for sound_class in LEVEL:
        owners = [kit for kit in pool if sound_class in kit.instruments] or [
            kit for kit in kits if sound_class in kit.instruments
        ]
        lacks = sound_class not in home.instruments
        other = bool(owners) and (hybrid or (lacks and rng.random() < mixture.borrow))
        # A kit that offers many instruments of a class is drawn more often for it.
        weights = [kit.weight * len(kit.instruments[sound_class]) ** 0.5 for kit in owners]
        chosen[sound_class] = _choose(rng, owners, weights) if other else None if lacks else home
    clean = bool(rng.random() < mixture.clean)
    slots = _slots(rng, chosen, is_electronic, clean)
    instance = KitInstance(
        id=("hybrid" if hybrid else home.name) + "~" + "-".join(str(word) for word in seed),
        kind="hybrid" if hybrid else "real",
        electronic=is_electronic,
        slots=slots,
        bus=Bus.draw(rng, is_electronic),
        curve=float(rng.uniform(1.2, 1.9)),
        mono_kick=bool(is_electronic and rng.random() < 0.7),
    )
    # Last, so that a kit is otherwise the one that it is without layers.
    if mixture.layered:
        _layer(rng, instance.slots, pool, is_electronic, mixture.layered)
    return instance


def _choose(rng: Generator, options: Sequence[T], weights: Sequence[float]) -> T:
    p = np.array(weights) / np.sum(weights)
    return options[int(rng.choice(len(options), p=p))]


def _slots(rng: Generator, chosen: dict[str, Kit | None], electronic: bool, clean: bool) -> dict[int, Slot]:
    spread = float(rng.uniform(0.0, 0.6) if electronic else rng.uniform(0.1, 0.85))
    slots: dict[int, Slot] = {}
    for sound_class, kit in chosen.items():
        drawn = Treatment.draw(rng, sound_class, electronic, spread)
        if kit is None:
            continue
        if clean:
            drawn = Treatment(pan=drawn.pan, send=drawn.send)
        drawn = _scaled(drawn, LEVEL[sound_class])
        for note, instrument in _assign(rng, sound_class, kit.instruments[sound_class]).items():
            slots[note] = Slot(instrument, _moved(rng, drawn, sound_class, note, spread))
    for sound_class, instead in FALLBACK.items():
        source = next((slots[note] for note in PLAIN_NOTES[instead] if note in slots), None)
        for note in PLAIN_NOTES[sound_class]:
            if note not in slots and source is not None:
                ratio = LEVEL[sound_class] / LEVEL[instead]
                slots[note] = Slot(source.instrument, _scaled(source.treatment, min(ratio, 1.0)))
    return slots


def _layer(
    rng: Generator, slots: dict[int, Slot], pool: Sequence[Kit], electronic: bool, chance: float
) -> None:
    """Put instruments of other kits beneath those of some classes, treated in their own way."""
    for sound_class, notes in PLAIN_NOTES.items():
        above = {slots[note].instrument.kit for note in notes if note in slots}
        owners = [kit for kit in pool if sound_class in kit.instruments and kit.name not in above]
        if not owners or rng.random() >= chance:
            continue
        kit = _choose(rng, owners, [kit.weight for kit in owners])
        treatment = Treatment.draw(rng, sound_class, electronic, 0.3)
        gain = LEVEL[sound_class] * float(10 ** (rng.uniform(*BENEATH_DB) / 20))
        found = _assign(rng, sound_class, kit.instruments[sound_class])
        for note in notes:
            if note in slots:
                beneath = Slot(found[note], _scaled(treatment, gain))
                slots[note] = replace(slots[note], beneath=beneath)


def _assign(rng: Generator, sound_class: str, instruments: tuple[Instrument, ...]) -> dict[int, Instrument]:
    """Note → instrument for the notes of a class."""
    notes = PLAIN_NOTES[sound_class]
    if sound_class == "tom":
        # 41 and 43 are the lowest, then 58, 45, 47, 48, 50 rise.
        ordered = sorted(instruments, key=lambda instrument: instrument.pitch)
        if len(ordered) > 4:
            ordered = [ordered[i] for i in sorted(rng.choice(len(ordered), 4, replace=False).tolist())]
        rank = {41: 0.0, 43: 0.0, 58: 0.0, 45: 0.5, 47: 0.5, 48: 1.0, 50: 1.0}
        return {note: ordered[round(rank[note] * (len(ordered) - 1))] for note in notes}
    marks = {word for words in MARKED.values() for word in words}
    plain = [i for i in instruments if not any(word in i.name.lower() for word in marks)] or list(instruments)
    order = rng.permutation(len(plain)).tolist()
    main = plain[order[0]]
    assigned = dict.fromkeys(notes, main)
    if sound_class == "perc":
        for k, note in enumerate(PERC_NOTES):
            assigned[note] = plain[order[k % len(order)]]
        return assigned
    if len(order) > 1 and rng.random() < 0.35:
        # The rim of the snare, the edge of a hat, the second crash: another instrument of the same kit.
        second = {"snare": 40, "hat_closed": 22, "hat_open": 26, "crash": 57, "ride": 59, "kick": 35}.get(
            sound_class
        )
        if second is not None:
            assigned[second] = plain[order[1]]
    for note, words in MARKED.items():
        named = [i for i in instruments if any(word in i.name.lower() for word in words)]
        if note in assigned and named:
            assigned[note] = named[0]
    return assigned


def _scaled(treatment: Treatment, gain: float) -> Treatment:
    return replace(treatment, gain=treatment.gain * gain)


def _moved(rng: Generator, treatment: Treatment, sound_class: str, note: int, spread: float) -> Treatment:
    """Toms, crashes and percussion stand side by side: each note of them has a place of its own."""
    if sound_class not in ("tom", "crash", "perc"):
        return treatment
    place = {50: -0.4, 48: -0.4, 47: 0.0, 45: 0.0, 49: -0.45, 57: 0.45, 55: -0.2, 52: 0.5}.get(note)
    pan = (0.4 if sound_class == "tom" else float(rng.uniform(-0.6, 0.6))) if place is None else place
    return replace(treatment, pan=float(np.clip(pan * spread + treatment.pan / 2, -0.8, 0.8)))
