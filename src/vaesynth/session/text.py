"""A session as JSON text: versioned, and read without trust."""

import enum
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from ..errors import SettingError, VaesynthError
from ..metronome import Metronome
from ..shaping import Shaping
from ..swing import MOST, STRAIGHT
from ..tempo import MAX_BPM, MIN_BPM, Quantise, TempoMode
from .state import (
    MAX_CHAIN,
    MAX_HOLDS,
    MAX_LATENT,
    MAX_OWN_LOOPS,
    MAX_PATH_POINTS,
    SLOTS,
    Corner,
    OwnLoop,
    Session,
    Snapshot,
)

VERSION = 1


class SessionError(VaesynthError):
    """A session file cannot be read; the message names the file, the field and what was expected."""


def to_json(session: Session) -> str:
    """The session as JSON text, version first."""
    values: dict[str, Any] = {"version": VERSION}
    for f in fields(Session):
        value = getattr(session, f.name)
        if f.name in ("quantise", "tempo_mode", "metronome"):
            value = value.value
        elif f.name == "snapshots":
            value = {str(slot): _snapshot_values(s) for slot, s in value.items()}
        elif isinstance(value, Snapshot):
            value = _snapshot_values(value)
        elif f.name == "own_loops":
            value = [{"name": p.name, "x": p.x, "y": p.y, "z": p.z} for p in value]
        elif f.name == "corners":
            value = {str(corner): {"name": c.name, "z": c.z} for corner, c in value.items()}
        elif f.name == "shaping":
            value = value.to_json()
        elif f.name == "macros":
            value = dict(value)
        values[f.name] = value
    return json.dumps(values, ensure_ascii=False, allow_nan=False, indent=1)


def from_json(text: str, where: str = "session") -> Session:
    """A session from its JSON text; fields that an older version did not know take their defaults.

    Raises:
        SessionError: it is no session, of a newer version, or a field is out of range.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise SessionError(f"{where}: is no JSON ({e}), expected a session file") from e
    if not isinstance(values, dict):
        raise SessionError(f"{where}: is {type(values).__name__}, expected one JSON object")
    version = values.get("version")
    if version != VERSION:
        raise SessionError(f"{where}: version is {version!r}, expected {VERSION}")
    taken: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in values:
            try:
                taken[name] = read(values[name])
            except (ValueError, TypeError, KeyError, AttributeError) as e:
                shown = repr(values[name])[:60]
                raise SessionError(f"{where}: {name} is {shown}, expected {e}") from e
    return Session(**taken)


def _number(low: float, high: float) -> Callable[[Any], float]:
    def read_number(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) \
                or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g}")
        return float(value)
    return read_number


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _bars_or_none(value: Any) -> int | None:
    if value is not None and (isinstance(value, bool) or value not in (1, 2, 4)):
        raise ValueError("1, 2, 4 or null")
    return value if value is None else int(value)


def _text_or_none(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and len(value) <= 4096):
        raise ValueError("a text or null")
    return value


def _one_of(kind: type[enum.Enum]) -> Callable[[Any], enum.Enum]:
    def read_member(value: Any) -> enum.Enum:
        for member in kind:
            if member.value == value:
                return member
        raise ValueError("one of " + ", ".join(str(m.value) for m in kind))
    return read_member


_position = _number(-1, 1)


def _macros(value: Any) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) > 256:
        raise ValueError("name → value of at most 256 macros")
    return {name: _number(-1e6, 1e6)(v) for name, v in value.items()}


def _snapshots(value: Any) -> dict[int, Snapshot]:
    def slot(key: str) -> int:
        if key not in map(str, SLOTS):
            raise ValueError("snapshots 1 to 9")
        return int(key)
    if not isinstance(value, dict):
        raise ValueError("snapshots by number")
    return {slot(k): _snapshot(s) for k, s in value.items()}


def _snapshot(value: Any) -> Snapshot:
    place = _place(value)
    holds = value.get("holds", {})
    if not isinstance(holds, dict) or len(holds) > MAX_HOLDS:
        raise ValueError(f"holds as group → place of at most {MAX_HOLDS} latent groups")
    return replace(place, holds={group[:200]: _place(held) for group, held in holds.items()})


def _snapshot_or_none(value: Any) -> Snapshot | None:
    return None if value is None else _snapshot(value)


def _place(value: Any) -> Snapshot:
    """A snapshot that holds nothing."""
    if not isinstance(value, dict):
        raise ValueError("a place of x, y and macros")
    return Snapshot(_position(value.get("x")), _position(value.get("y")), _macros(value.get("macros", {})))


def _place_or_none(value: Any) -> Snapshot | None:
    return None if value is None else _place(value)


def _snapshot_values(snapshot: Snapshot) -> dict[str, Any]:
    values: dict[str, Any] = {"x": snapshot.x, "y": snapshot.y, "macros": dict(snapshot.macros)}
    if snapshot.holds:
        values["holds"] = {group: _snapshot_values(place) for group, place in snapshot.holds.items()}
    return values


def _latent(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) > MAX_LATENT:
        raise ValueError(f"a latent of at most {MAX_LATENT} numbers")
    return tuple(_number(-1e6, 1e6)(v) for v in value)


def _corners(value: Any) -> dict[int, Corner]:
    if not isinstance(value, dict) or not value.keys() <= set("0123"):
        raise ValueError("name and z of the loops in corners 0 to 3")
    return {int(k): Corner(str(c.get("name"))[:200], _latent(c.get("z"))) for k, c in value.items()}


def _path(value: Any) -> tuple[tuple[float, float, float], ...]:
    if not isinstance(value, list) or len(value) > MAX_PATH_POINTS or any(len(p) != 3 for p in value):
        raise ValueError(f"at most {MAX_PATH_POINTS} points of [beat, x, y]")
    beat = _number(0, 1e6)
    return tuple((beat(b), _position(x), _position(y)) for b, x, y in value)


def _chain(value: Any) -> tuple[tuple[float, float], ...]:
    if not isinstance(value, list) or len(value) > MAX_CHAIN or any(len(p) != 2 for p in value):
        raise ValueError(f"at most {MAX_CHAIN} places of [x, y]")
    return tuple((_position(x), _position(y)) for x, y in value)


def _own_loops(value: Any) -> tuple[OwnLoop, ...]:
    if not isinstance(value, list) or len(value) > MAX_OWN_LOOPS:
        raise ValueError(f"at most {MAX_OWN_LOOPS} loops of name, x and y")
    return tuple(OwnLoop(str(p.get("name"))[:200], _position(p.get("x")), _position(p.get("y")),
                         _latent(p.get("z", []))) for p in value)


def _shaping(value: Any) -> Shaping:
    try:
        return Shaping.from_json(value)
    except SettingError as e:
        raise ValueError(f"settings within their ranges ({e})") from e


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "model": _text_or_none, "x": _position, "y": _position, "macros": _macros, "lock": _text_or_none,
    "swing": _number(STRAIGHT, MOST), "metronome": _one_of(Metronome),
    "bpm": _number(MIN_BPM, MAX_BPM), "volume": _number(-60, 6), "quantise": _one_of(Quantise),
    "tempo_mode": _one_of(TempoMode), "playing": _flag, "snapshots": _snapshots,
    "morph_beats": _number(0, 64), "path": _path, "path_beats": _number(0, 1e6), "path_playing": _flag,
    "closed": _flag, "own_loops": _own_loops, "held": _place_or_none, "path_speed": _number(0.125, 8),
    "corners": _corners, "mutation": _number(0.02, 0.5), "a": _snapshot_or_none, "b": _snapshot_or_none,
    "mix": _number(0, 1), "shaping": _shaping, "bars": _bars_or_none,
    "chain": _chain, "chaining": _flag,
}
