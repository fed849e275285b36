# SPDX-License-Identifier: GPL-3.0-or-later
"""What only the window has, as parameters that knobs and OSC messages set."""

from vaesynth.control.parameters import Form, Parameter

from .gestures import Gestures
from .state.instrument import Instrument
from .widgets.top_bar import NUDGE_MS

ONLY_HERE = (
    *(Parameter(end, f"go to {end.upper()}", Form.PUSH) for end in "ab"),
    Parameter("mutation", "how far a mutation goes", low=0.02, high=0.5),
    Parameter("nudge/back", "fall back in time", Form.PUSH),
    Parameter("nudge/ahead", "get ahead in time", Form.PUSH),
    Parameter("undo", "go back one gesture", Form.PUSH),
    Parameter("redo", "go forth one gesture", Form.PUSH),
)


def set_parameter(name: str, value: float, instrument: Instrument, gestures: Gestures) -> None:
    """Set one of `ONLY_HERE`; `value` is within its range."""
    match name:
        case "a" | "b":
            gestures.end(name)
        case "mutation":
            instrument.edit("mutation", mutation=value)
        case "nudge/back":
            gestures.nudge(-NUDGE_MS)
        case "nudge/ahead":
            gestures.nudge(NUDGE_MS)
        case "undo":
            gestures.undo()
        case "redo":
            gestures.redo()
