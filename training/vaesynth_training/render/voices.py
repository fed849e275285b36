"""The renderer's vocabulary: the classes of one-shots behind the voices, the notes that play them."""

from typing import Final, NamedTuple

from ..voices import CYMBAL, HAT_CLOSED, HAT_OPEN, KICK, PERC, RIM_CLAP, SNARE, TOM

CLASSES: Final = ("kick", "snare", "rim", "clap", "hat_closed", "hat_open", "tom", "crash", "ride", "perc")
"""What one-shots are sorted into; `rim` and `clap` share a voice, and so do `crash` and `ride`."""

PERC_NOTES: Final = (60, 61, 62, 63)
"""Four hand percussion sounds (General MIDI has its bongos and congas here)."""

CLASS_OF_NOTE: Final = {
    # General MIDI percussion, and what a Roland TD-11 sends for edges and rims (22, 26, 40, 58 …).
    **dict.fromkeys((35, 36), "kick"),
    **dict.fromkeys((38, 40), "snare"),
    37: "rim",
    39: "clap",
    **dict.fromkeys((22, 42, 44), "hat_closed"),
    **dict.fromkeys((26, 46), "hat_open"),
    **dict.fromkeys((41, 43, 45, 47, 48, 50, 58), "tom"),
    **dict.fromkeys((49, 52, 55, 57), "crash"),
    **dict.fromkeys((51, 53, 59), "ride"),
    **dict.fromkeys(PERC_NOTES, "perc"),
}

VOICE_OF_CLASS: Final = {
    "kick": KICK,
    "snare": SNARE,
    "rim": RIM_CLAP,
    "clap": RIM_CLAP,
    "hat_closed": HAT_CLOSED,
    "hat_open": HAT_OPEN,
    "tom": TOM,
    "crash": CYMBAL,
    "ride": CYMBAL,
    "perc": PERC,
}

MAIN_NOTE: Final = (36, 38, 37, 42, 46, 45, 51, 60)
"""The note that stands for each voice where a hit does not say which of the voice's sounds it wants."""

LEVEL: Final = {
    "kick": 1.0,
    "snare": 0.85,
    "rim": 0.55,
    "clap": 0.65,
    "hat_closed": 0.38,
    "hat_open": 0.36,
    "tom": 0.75,
    "crash": 0.45,
    "ride": 0.36,
    "perc": 0.5,
}
"""Peak of a hit at full velocity in a neutral mix, where the kick's is 1."""

FALLBACK: Final = {
    "rim": "snare",
    "clap": "snare",
    "hat_open": "hat_closed",
    "tom": "kick",
    "crash": "hat_open",
    "ride": "hat_closed",
    "perc": "rim",
}
"""What a player hits when a kit lacks a class."""


class Hit(NamedTuple):
    """One stroke: `position` in bars [0, 1), index of its voice, `velocity` (0, 1], MIDI note."""

    position: float
    voice: int
    velocity: float
    note: int

    @classmethod
    def of_note(cls, position: float, note: int, velocity: float) -> "Hit":
        """The hit of a note of `CLASS_OF_NOTE`; the position is wrapped into the bar."""
        return cls(position % 1.0, voice_of_note(note), min(max(velocity, 1 / 127), 1.0), note)


def voice_of_note(note: int) -> int:
    """Index of the voice that plays `note`."""
    return VOICE_OF_CLASS[CLASS_OF_NOTE[note]]
