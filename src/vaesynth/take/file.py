"""Takes on disk: lines of JSON, appended as they come, so that a crash leaves a take that ends earlier."""

import base64
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import VaesynthError
from ..player_state import DeckState, PlayerState, VoicesState, VoiceState
from ..slice_voices import VOICES
from ..tempo import MAX_BPM, MICRO, Quantise
from .journal import Event, Tape

VERSION = 1
MAX_LINE = 16 * 2**20
MAX_BLOCK = 65_536
FARTHEST = 2**62


class TakeError(VaesynthError):
    """A take cannot be read; the message names file, line and what was expected."""


@dataclass(frozen=True, eq=False)
class Take:
    """What was asked of a player while it was recorded.

    Attributes:
        sample_rate: in Hz.
        block: the most frames that the player mixes at once.
        state: of the player at the beginning.
        recipes: serial number of a loop → how it was made; None where nobody said.
        events: (frame, name, values…), in the order of their frames; names as in `CHECKS`.
        frames: length.
    """

    sample_rate: int
    block: int
    state: PlayerState
    recipes: Mapping[int, Any]
    events: tuple[Event, ...]
    frames: int

    @property
    def hand_overs(self) -> int:
        """How many loops were handed over."""
        return sum(event[1] == "loop" for event in self.events)


class TakeWriter:
    """Appends what a tape noted.

    Args:
        path: a new file.

    Raises:
        OSError: the file exists already, or cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("x", encoding="utf-8", newline="\n")
        self._told: set[int] = set()
        self._begun = False

    def write(self, tape: Tape) -> None:
        """Append what has been noted since the last call, and how far the take has come.

        Raises:
            OSError: the disk is full, or gone.
        """
        lines: list[Any] = []
        frame = tape.written  # first, for more may be noted meanwhile
        for _ in range(len(tape.events)):
            at, name, *values = tape.events.popleft()
            frame = max(frame, at)
            if name == "begin":
                rate, block, state, loops = values
                lines.append({"take": VERSION, "sample_rate": rate, "block": block, "state": _plain(state)})
                for serial, recipe in loops.items():
                    self._tell(lines, serial, recipe)
            elif name == "loop":
                serial, quantise, recipe = values
                self._tell(lines, serial, recipe)
                lines.append([at, name, serial, quantise])
            else:
                lines.append([at, name, *values])
        self._begun = self._begun or bool(lines)
        if self._begun:
            lines.append([frame, "at"])
        self._file.write("".join(json.dumps(line, allow_nan=False) + "\n" for line in lines))
        self._file.flush()

    def close(self) -> None:
        """End.

        Raises:
            OSError: the disk is full, or gone.
        """
        self._file.close()

    def _tell(self, lines: list[Any], serial: int, recipe: str) -> None:
        if serial not in self._told:
            self._told.add(serial)
            lines.append({"serial": serial, "recipe": json.loads(recipe) if recipe else None})


def read(path: Path) -> Take:
    """A take from its file; a last line that a crash has cut is passed over.

    Raises:
        TakeError: the file is no take.
    """
    head: dict[str, Any] | None = None
    recipes: dict[int, Any] = {}
    events: list[Event] = []
    frames = 0
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE), ""), 1):
                if not line.endswith("\n"):
                    break
                try:
                    value = _json(line)
                    if head is None:
                        head = _header(value)
                    elif isinstance(value, dict):
                        recipes[_whole(value["serial"], 0, FARTHEST)] = value["recipe"]
                    else:
                        event = _event(value, frames)
                        frames = event[0]
                        if event[1] != "at":
                            events.append(event)
                except (ValueError, TypeError, KeyError) as e:
                    raise TakeError(f"{path}: line {number} is {line.strip()[:60]!r}, expected {e}") from e
    except (OSError, UnicodeDecodeError) as e:
        reason = e.strerror if isinstance(e, OSError) else "no text"
        raise TakeError(f"{path}: cannot be read ({reason}), expected a take") from e
    if head is None:
        raise TakeError(f"{path}: is empty, expected a take")
    return Take(head["sample_rate"], head["block"], head["state"], recipes, tuple(events), frames)


def _json(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("a line of JSON") from None


def _plain(state: PlayerState) -> dict[str, Any]:
    played, ages, voices = state.voices
    sounding = [[voice, number, line, base64.b64encode(audio).decode()]
                for voice, number, line, audio in voices]
    return {**state._asdict(), "voices": [played, ages, sounding]}


def _header(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("take") != VERSION:
        raise ValueError(f"the first line of a take of version {VERSION}")
    fields = value["state"]
    decks: dict[str, Any] = {}
    for name in ("deck", "next_deck"):
        deck = fields[name]
        if deck is not None:
            serial, places = deck
            deck = (_whole(serial, 0, FARTHEST),
                    DeckState(*(_whole(place, -FARTHEST**2, FARTHEST**2) for place in places)))
        decks[name] = deck
    (is_open, left), (now, target) = fields["gate"], fields["volume"]
    whole: dict[str, Any] = {name: _whole(fields[name], -FARTHEST, FARTHEST)
                             for name in ("position", "micro_bpm", "bend", "owed", "permille", "faded")}
    maybe: dict[str, Any] = {name: None if fields[name] is None else _whole(fields[name], -FARTHEST, FARTHEST)
                             for name in ("pending", "pending_line", "restart_at", "open_at")}
    state = PlayerState(
        **whole, **maybe, **decks, free_running=bool(fields["free_running"]),
        limiter=_number(fields["limiter"]), shared=_number(fields["shared"]),
        gate=(bool(is_open), _whole(left, 0, MAX_BLOCK)), volume=(_number(now), _number(target)),
        voices=_voices(*fields["voices"]))
    return {"sample_rate": _whole(value["sample_rate"], 1_000, 768_000),
            "block": _whole(value["block"], 1, MAX_BLOCK), "state": state}


def _voices(played: Any, ages: Any, voices: Any) -> VoicesState:
    if len(ages) != VOICES:
        raise ValueError(f"the ages of {VOICES} voices")
    sounding = []
    for voice, number, line, text in voices:
        audio = base64.b64decode(text, validate=True)
        if len(audio) % 8:
            raise ValueError("whole frames of sound")
        sounding.append(VoiceState(_whole(voice, 0, VOICES - 1), _place(number),
                                   None if line is None else _place(line), audio))
    return VoicesState(_whole(played, 0, FARTHEST), tuple(_whole(age, 0, FARTHEST) for age in ages),
                       tuple(sounding))


def _whole(value: Any, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"whole numbers from {low} to {high}")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("finite numbers")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _place(value: Any) -> int:
    return _whole(value, -FARTHEST, FARTHEST)


CHECKS: Mapping[str, tuple[Callable[[Any], Any], ...]] = {
    "at": (),
    "block": (lambda v: _whole(v, 1, MAX_BLOCK),),
    "clock": (_place, lambda v: _whole(v, 1, int(10 * MAX_BPM * MICRO)), _place, _place, _flag),
    "play": (lambda v: None if v is None else _place(v), _flag),
    "play_at": (_place,),
    "leap": (_place,),
    "stop": (),
    "panic": (),
    "volume": (_number, _flag),
    "swing": (lambda v: _whole(v, 500, 750),),
    "loop": (lambda v: _whole(v, 0, FARTHEST), lambda v: Quantise(v).value),
    "slice": (lambda v: _whole(v, 0, FARTHEST), _number, lambda v: Quantise(v).value),
    "stop_slices": (),
    "drop": (),
}
"""Name of an event → what its values are read with."""


def _event(value: Any, frames: int) -> Event:
    at, name, *values = value
    if name not in CHECKS:
        raise ValueError(f"one of the events {', '.join(CHECKS)}")
    checks = CHECKS[name]
    if len(values) != len(checks):
        raise ValueError(f"{len(checks)} values of {name}")
    return (_whole(at, frames, FARTHEST), name, *(check(v) for check, v in zip(checks, values, strict=True)))
