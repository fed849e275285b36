"""What is switched on of the outside world, as one value; kept in a file of its own on this machine."""

import contextlib
import enum
import ipaddress
import json
import math
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import platformdirs

from ..errors import OutputError, SettingError
from .mapping import Mapping
from .sync_settings import SyncSettings, check_port_name

LOOPBACK = "127.0.0.1"
OSC_PORT = 9000
"""Where OSC is listened for when it is switched on without a port."""
OSC_SEND_PORT = 9001
MAX_BYTES = 2**20


class Notes(enum.Enum):
    """What MIDI notes do: nothing, play the loop while held, or play its slices."""

    OFF = "off"
    GATE = "gate"
    SLICES = "slices"


@dataclass(frozen=True)
class ControlSettings:
    """Everything is off until a person switches it on.

    Attributes:
        midi_in: part of the name of the MIDI port whose notes and knobs are played, None for none.
        midi_channel: the channel that is heard, 1 to 16; 0 hears all.
        notes: what notes do that `mapping` leaves alone.
        first_note: the note that plays slice 1.
        mapping: which knob or note moves what.
        osc_port: UDP port on which OSC is heard, None for none.
        osc_host: address that it is bound to; `LOOPBACK` hears this machine alone, "0.0.0.0" every network.
        osc_send: "host:port" that position, beat, level and xruns are sent to, None for nobody.
        sync: Link, MIDI clock, JACK transport, and the user's offset.

    Raises:
        SettingError: a value is out of range.
    """

    midi_in: str | None = None
    midi_channel: int = 0
    notes: Notes = Notes.OFF
    first_note: int = 36
    mapping: Mapping = field(default_factory=Mapping)
    osc_port: int | None = None
    osc_host: str = LOOPBACK
    osc_send: str | None = None
    sync: SyncSettings = field(default_factory=SyncSettings)

    def __post_init__(self) -> None:
        check_port_name("midi_in", self.midi_in)
        for name, low, high in (("midi_channel", 0, 16), ("first_note", 0, 127), ("osc_port", 1, 65535)):
            value = getattr(self, name)
            off = value is None and name == "osc_port"
            if not (off or (type(value) is int and low <= value <= high)):
                raise SettingError(f"{name} is {str(value)[:40]}, expected {low} to {high}")
        try:
            ipaddress.ip_address(self.osc_host)
        except ValueError as e:
            raise SettingError(f"osc_host is {str(self.osc_host)[:60]!r}, expected an IP address of this "
                               f"machine such as {LOOPBACK}") from e
        if self.osc_send is not None:
            send_address(self.osc_send)

    @property
    def any_on(self) -> bool:
        """Whether anything is switched on."""
        sync = self.sync
        return bool(self.midi_in or self.osc_port or self.osc_send or sync.link or sync.clock_in
                    or sync.clock_out or sync.jack)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        sync = {f.name: getattr(self.sync, f.name) for f in fields(SyncSettings)}
        return values | {"notes": self.notes.value, "mapping": self.mapping.to_json(), "sync": sync}

    @classmethod
    def from_json(cls, values: Any) -> "ControlSettings":
        """From what `to_json` gave; unknown keys are passed over, for a later version may know more.

        Raises:
            SettingError: it is no object, or a value is out of range.
        """
        taken = _known(cls, values)
        if "notes" in taken:
            notes = {n.value: n for n in Notes}
            if taken["notes"] not in list(notes):
                raise SettingError(f"notes is {str(taken['notes'])[:40]}, expected one of {', '.join(notes)}")
            taken["notes"] = notes[taken["notes"]]
        if "mapping" in taken:
            taken["mapping"] = Mapping.from_json(taken["mapping"])
        _check_types(taken, texts_or_none=("midi_in", "osc_send"), texts=("osc_host",))
        if "sync" in taken:
            sync = _known(SyncSettings, taken["sync"])
            _check_types(sync, texts_or_none=("clock_in", "clock_out"),
                         flags=("link", "link_start_stop", "jack"), numbers=("offset_ms",))
            taken["sync"] = SyncSettings(**sync)
        return cls(**taken)


def send_address(text: str) -> tuple[str, int]:
    """Host and port of "host:port"; the port may be left out, an IPv6 address stands in brackets.

    Raises:
        SettingError: it is none.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(OSC_SEND_PORT)
    host = host.removeprefix("[").removesuffix("]")
    number = int(port) if port.isascii() and port.isdecimal() else 0
    if not 0 < len(host) <= 253 or not 1 <= number <= 65535:
        raise SettingError(f"OSC target is {text[:80]!r}, expected HOST:PORT such as "
                           f"{LOOPBACK}:{OSC_SEND_PORT}")
    return host, number


def default_file() -> Path:
    """Where these settings of this user are kept."""
    return Path(platformdirs.user_config_dir("vaesynth", appauthor=False)) / "control.json"


def read(file: Path) -> ControlSettings:
    """The settings in a file; the defaults where there is no file.

    Raises:
        SettingError: the file is unreadable, or a value in it is out of range.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValueError(f"has more than {MAX_BYTES} bytes")
        values = json.loads(data)
    except FileNotFoundError:
        return ControlSettings()
    except (OSError, ValueError, RecursionError) as e:
        why = getattr(e, "strerror", None) or str(e)
        raise SettingError(f"{file}: cannot be read ({why}), expected control settings") from e
    try:
        return ControlSettings.from_json(values)
    except SettingError as e:
        raise SettingError(f"{file}: {e}") from e


def write(file: Path, settings: ControlSettings) -> None:
    """Write the settings; a crash leaves the old or the new ones, whole.

    Raises:
        OutputError: the folder cannot be written.
    """
    beside = file.with_name(f"{file.name}.{os.getpid()}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(json.dumps(settings.to_json(), indent=1, allow_nan=False), encoding="utf-8")
        os.replace(beside, file)
    except OSError as e:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise OutputError(f"{file}: cannot be written ({e.strerror}), expected a writable folder") from e


def _known(kind: type[ControlSettings] | type[SyncSettings], values: Any) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise SettingError(f"settings are {str(values)[:40]}, expected an object")
    return {f.name: values[f.name] for f in fields(kind) if f.name in values}


def _check_types(values: dict[str, Any], texts_or_none: tuple[str, ...] = (), texts: tuple[str, ...] = (),
                 flags: tuple[str, ...] = (), numbers: tuple[str, ...] = ()) -> None:
    for name, value in values.items():
        wrong = ("a text or null" if name in texts_or_none and not isinstance(value, str | None)
                 else "a text" if name in texts and not isinstance(value, str)
                 else "true or false" if name in flags and not isinstance(value, bool)
                 else "a number" if name in numbers and not (
                     isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value))
                 else None)
        if wrong:
            raise SettingError(f"{name} is {str(value)[:40]}, expected {wrong}")
