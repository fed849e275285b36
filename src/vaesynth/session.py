"""What the musician has set, kept so that the instrument reopens exactly where it was."""

import contextlib
import json
import math
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from .errors import OutputError, VaesynthError
from .tempo import MAX_BPM, MIN_BPM, Quantise, TempoMode

VERSION = 1
MAX_BYTES = 4 * 2**20
MAX_PATH_POINTS = 20_000
MAX_OWN_LOOPS = 256
SLOTS = range(1, 10)
"""Snapshot numbers: the digit keys."""


class SessionError(VaesynthError):
    """A session file cannot be read; the message names the file, the field and what was expected."""


@dataclass(frozen=True)
class Snapshot:
    """A place to come back to: pad position (x, y in [-1, 1]) and macro values by name."""

    x: float
    y: float
    macros: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class OwnLoop:
    """A loop of the musician's own that was encoded: its name and its place on the pad."""

    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Session:
    """The whole state of the instrument as the musician left it.

    Attributes:
        model: path or name of the model file, None for the bundled one.
        x, y: pad position in [-1, 1].
        macros: value of each macro that was moved.
        lock: latent group that the pad leaves alone.
        bpm: tempo; `volume` in dB, -60 is silence.
        quantise, tempo_mode: see `tempo`.
        playing: the transport runs.
        snapshots: by slot, 1 to 9.
        morph_beats: time of a morph to a snapshot in beats, 0 jumps.
        path: a recorded gesture, (beat, x, y) from beat 0 on; `path_beats` is its length.
        path_playing: the recorded gesture runs.
        own_loops: dropped on the pad, for this model.
        closed: the window was closed by hand; False after a crash.
    """

    model: str | None = None
    x: float = 0.0
    y: float = 0.0
    macros: Mapping[str, float] = field(default_factory=dict)
    lock: str | None = None
    bpm: float = 120.0
    volume: float = -6.0
    quantise: Quantise = Quantise.SIXTEENTH
    tempo_mode: TempoMode = TempoMode.SLICES
    playing: bool = False
    snapshots: Mapping[int, Snapshot] = field(default_factory=dict)
    morph_beats: float = 1.0
    path: tuple[tuple[float, float, float], ...] = ()
    path_beats: float = 0.0
    path_playing: bool = False
    own_loops: tuple[OwnLoop, ...] = ()
    closed: bool = False


def default_file() -> Path:
    """Where the session of this user is kept."""
    return Path(platformdirs.user_state_dir("vaesynth", appauthor=False)) / "session.json"


def to_json(session: Session) -> str:
    """The session as JSON text, version first."""
    values: dict[str, Any] = {"version": VERSION}
    for f in fields(Session):
        value = getattr(session, f.name)
        if f.name in ("quantise", "tempo_mode"):
            value = value.value
        elif f.name == "snapshots":
            value = {str(slot): {"x": s.x, "y": s.y, "macros": dict(s.macros)} for slot, s in value.items()}
        elif f.name == "own_loops":
            value = [{"name": p.name, "x": p.x, "y": p.y} for p in value]
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


def read(file: Path) -> Session | None:
    """The session in a file, None where there is no file.

    Raises:
        SessionError: the file is not readable, too large or no session.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as e:
        raise SessionError(f"{file}: cannot be read ({e.strerror}), expected a session file") from e
    if len(data) > MAX_BYTES:
        raise SessionError(f"{file}: has more than {MAX_BYTES} bytes, expected a session file")
    try:
        text = data.decode()
    except UnicodeDecodeError as e:
        raise SessionError(f"{file}: is no UTF-8 text, expected a session file") from e
    return from_json(text, str(file))


def write(file: Path, session: Session) -> None:
    """Write a session so that a crash at any moment leaves the old or the new one, whole.

    Raises:
        OutputError: the folder cannot be written; nothing half-written is left.
    """
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("w", encoding="utf-8") as stream:
            stream.write(to_json(session))
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)
    except OSError as e:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OutputError(f"{file}: cannot be written ({e.strerror}), expected a writable folder") from e


def recover(file: Path) -> tuple[Session, str | None]:
    """The session of a file or a fresh one, and one sentence for people where the file was of no use.

    An unusable file is kept beside as `NAME.broken`, never overwritten in silence.
    """
    try:
        return read(file) or Session(), None
    except SessionError as e:
        with contextlib.suppress(OSError):
            os.replace(file, file.with_name(file.name + ".broken"))
        return Session(), f"Started afresh: {e}."


class Autosave:
    """Writes the newest of the sessions offered to it, from a thread of its own: no caller waits for a disk.

    Args:
        file: where to.
        interval: seconds between two writes at least.
        failed: told once, from the thread, when writing starts to fail.
    """

    def __init__(self, file: Path, interval: float = 0.25,
                 failed: Callable[[str], None] | None = None) -> None:
        self._file = file
        self._interval = interval
        self._failed = failed
        self._newest: Session | None = None
        self._wake = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="vaesynth-autosave", daemon=True)
        self._thread.start()

    def offer(self, session: Session) -> None:
        """Have this session written soon; never blocks."""
        self._newest = session
        self._wake.set()

    def close(self, final: Session | None = None) -> None:
        """Write what is pending (`final`, if given) and end."""
        if final is not None:
            self.offer(final)
        self._end.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        written: Session | None = None
        broken = False
        while True:
            self._wake.wait()
            self._wake.clear()
            newest = self._newest
            if newest is not None and newest is not written:
                try:
                    write(self._file, newest)
                    written, broken = newest, False
                except OutputError as e:
                    if not broken and self._failed is not None:
                        self._failed(str(e))
                    broken = True
            if self._end.is_set():
                if self._newest is newest:
                    return
                self._wake.set()
            else:
                self._end.wait(self._interval)


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


def _text_or_none(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and len(value) <= 4096):
        raise ValueError("a text or null")
    return value


def _one_of(kind: type[Quantise] | type[TempoMode]) -> Callable[[Any], Quantise | TempoMode]:
    def read_member(value: Any) -> Quantise | TempoMode:
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
    return {slot(k): Snapshot(_position(s.get("x")), _position(s.get("y")), _macros(s.get("macros", {})))
            for k, s in value.items()}


def _path(value: Any) -> tuple[tuple[float, float, float], ...]:
    if not isinstance(value, list) or len(value) > MAX_PATH_POINTS or any(len(p) != 3 for p in value):
        raise ValueError(f"at most {MAX_PATH_POINTS} points of [beat, x, y]")
    beat = _number(0, 1e6)
    return tuple((beat(b), _position(x), _position(y)) for b, x, y in value)


def _own_loops(value: Any) -> tuple[OwnLoop, ...]:
    if not isinstance(value, list) or len(value) > MAX_OWN_LOOPS:
        raise ValueError(f"at most {MAX_OWN_LOOPS} loops of name, x and y")
    return tuple(OwnLoop(str(p.get("name"))[:200], _position(p.get("x")), _position(p.get("y")))
                 for p in value)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "model": _text_or_none, "x": _position, "y": _position, "macros": _macros, "lock": _text_or_none,
    "bpm": _number(MIN_BPM, MAX_BPM), "volume": _number(-60, 6), "quantise": _one_of(Quantise),
    "tempo_mode": _one_of(TempoMode), "playing": _flag, "snapshots": _snapshots,
    "morph_beats": _number(0, 64), "path": _path, "path_beats": _number(0, 1e6), "path_playing": _flag,
    "closed": _flag, "own_loops": _own_loops,
}


def as_closed(session: Session) -> Session:
    """The session to keep when the window is closed by hand: it will reopen here, but silent."""
    return replace(session, playing=False, path_playing=False, closed=True)
