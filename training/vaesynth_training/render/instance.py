"""One playable kit: chosen instruments, treated, on a bus."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from vaesynth.loop import Audio

from .augment import Treatment, treat
from .bus import Bus
from .kits import Instrument
from .voices import MAIN_NOTE, Hit, voice_of_note

SOFT_LAYERS = 4
"""Velocity layers that a low-pass makes of an instrument that was recorded at one velocity only."""


@dataclass(frozen=True, eq=False)
class Slot:
    """What one note plays: an instrument, perhaps with that of another slot beneath it."""

    instrument: Instrument
    treatment: Treatment
    beneath: "Slot | None" = None

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """All that sound."""
        return self.instrument, *(self.beneath.instruments if self.beneath else ())


@dataclass(eq=False)
class KitInstance:
    """A kit that can be played: every note of `CLASS_OF_NOTE` has a slot, save classes that were left empty.

    Attributes:
        id: names this very instance, treatment and bus included.
        kind: `real` (one kit, gaps filled) or `hybrid` (each class from a kit of its own).
        electronic: whether it was drawn to sound like a drum machine or a production.
        slots: by MIDI note.
        bus: what the mix goes through.
        curve: exponent from velocity to amplitude.
        mono_kick: whether a kick ends the one before it, as in a drum machine.
    """

    id: str
    kind: str
    electronic: bool
    slots: dict[int, Slot]
    bus: Bus
    curve: float = 1.6
    mono_kick: bool = False
    _treated: dict[tuple[int, ...], Audio] = field(default_factory=dict, repr=False)

    def waveform(self, note: int, velocity: float) -> Audio | None:
        """What `note` sounds like before the bus, `(frames <= 96000, 2)`; None if the kit has nothing for it.

        The velocity chooses the layer and scales it.
        """
        found = self.layer(note, velocity)
        return None if found is None else found * np.float32(self.amplitude(velocity))

    def amplitude(self, velocity: float) -> float:
        """Linear gain of a hit at `velocity` (0, 1]."""
        return float(velocity**self.curve)

    def layer(self, note: int, velocity: float) -> Audio | None:
        """The layer that `velocity` chooses, treated and placed, at the gain of a hit at full velocity."""
        slot = self.slots.get(note)
        if slot is None:
            return None
        key = (note, *(_index(instrument, velocity) for instrument in slot.instruments))
        if key not in self._treated:
            self._treated[key] = _layered(slot, velocity)
        return self._treated[key]

    def send(self, note: int) -> float:
        """Gain of `note` into the room."""
        return self.slots[note].treatment.send

    def main_notes(self, hits: Iterable[Hit] = ()) -> tuple[int, ...]:
        """The note that stands for each voice: the one that `hits` play most, else the voice's main note."""
        counts: dict[int, float] = {}
        for hit in hits:
            counts[hit.note] = counts.get(hit.note, 0.0) + hit.velocity
        notes = []
        for voice, main in enumerate(MAIN_NOTE):
            played = [note for note in counts if voice_of_note(note) == voice]
            notes.append(max(played, key=lambda note: (counts[note], -note)) if played else main)
        return tuple(notes)

    def one_shots(self, hits: Iterable[Hit] = ()) -> list[Audio]:
        """The main one-shot of each voice at full velocity before the bus, `(frames <= 96000, 2)`.

        Args:
            hits: where given, a voice of several sounds (ride and crash, the toms) gives the one played most.

        Returns:
            One array a voice, at the gain it has in the mix; an empty one where the kit has no such voice.
        """
        empty = np.zeros((0, 2), np.float32)
        shots = [self.waveform(note, 1.0) for note in self.main_notes(hits)]
        return [empty if shot is None else shot for shot in shots]

    def credits(self, notes: Iterable[int] | None = None) -> list[dict[str, str]]:
        """`{"kit", "licence", "source"}` of the recordings behind `notes` (all if None), each once."""
        slots = [slot for note, slot in self.slots.items() if notes is None or note in set(notes)]
        found = {
            (instrument.kit, layer.licence, layer.source)
            for slot in slots
            for instrument in slot.instruments
            for layer in instrument.layers
        }
        return [dict(zip(("kit", "licence", "source"), entry, strict=True)) for entry in sorted(found)]

    @property
    def kits(self) -> list[str]:
        """Names of the kits that the instruments are from, sorted."""
        return sorted({part.kit for slot in self.slots.values() for part in slot.instruments})


def _index(instrument: Instrument, velocity: float) -> int:
    """Which velocity layer plays, of those that were recorded or are made by a low-pass."""
    count = len(instrument.layers) if len(instrument.layers) > 1 else SOFT_LAYERS
    return min(count - 1, int(velocity * count * 127 / 128))


def _layered(slot: Slot, velocity: float) -> Audio:
    """What a slot sounds like at full gain, with all that is beneath it."""
    recorded, index = slot.instrument.layers, _index(slot.instrument, velocity)
    single = len(recorded) == 1
    softness = 1 - (index + 1) / SOFT_LAYERS if single else 0.0
    sound = treat(recorded[0 if single else index].audio, slot.treatment, softness)
    if slot.beneath is None:
        return sound
    other = _layered(slot.beneath, velocity)
    both = np.zeros((max(len(sound), len(other)), 2), np.float32)
    both[: len(sound)] += sound
    both[: len(other)] += other
    return both
