"""The eight voices of a kit: what the renderer plays, and what the drum model's stems are named after."""

from typing import Final

VOICES: Final = ("kick", "snare", "rim_clap", "hat_closed", "hat_open", "tom", "cymbal", "perc")
"""The voices in the order of the `hits` of a record."""

KICK, SNARE, RIM_CLAP, HAT_CLOSED, HAT_OPEN, TOM, CYMBAL, PERC = range(len(VOICES))
