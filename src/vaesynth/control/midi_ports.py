"""MIDI ports that are named by a part of their name, and that may vanish and return."""

import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from .timeline import ControlError

API_VARIABLE = "VAESYNTH_MIDI_API"
"""Chooses rtmidi's driver where there are several, such as "jack" beside "alsa"."""
LOOK_SECONDS = 0.25
"""A device that was pulled is away for longer; between two looks its return would go unnoticed."""
CLIENT = "vaesynth"
Receive = Callable[[Sequence[int], float], None]
"""Called with the bytes of a message and when it came (time.monotonic), in a thread of the driver."""


def rtmidi() -> Any:
    """The module `rtmidi`, loaded when first needed.

    Raises:
        ControlError: python-rtmidi is not installed.
    """
    try:
        import rtmidi as module
    except ImportError as e:
        raise ControlError("MIDI needs the package python-rtmidi, expected it to be installed "
                           "(pip install 'vaesynth[control]')") from e
    return module


def _api(module: Any) -> int:
    """The driver: the one that `API_VARIABLE` names, else the first that works."""
    wanted = os.environ.get(API_VARIABLE, "").lower()
    apis = {str(module.get_api_display_name(api)).lower(): int(api) for api in module.get_compiled_api()}
    if not wanted:
        return int(module.API_UNSPECIFIED)
    if wanted not in apis:
        raise ControlError(f"{API_VARIABLE} is {wanted!r}, expected one of {', '.join(apis)}")
    return apis[wanted]


def port_names(*, inputs: bool) -> list[str]:
    """The ports that there are.

    Raises:
        ControlError: python-rtmidi is missing, or its driver does not start.
    """
    midi = _open(inputs)
    try:
        return list(midi.get_ports())
    finally:
        midi.delete()


def is_own(name: str) -> bool:
    """Whether a port is one that vaesynth has opened; JACK calls a second client of a name `vaesynth-01`."""
    client, has_port, _ = name.partition(":")
    return bool(has_port) and re.fullmatch(rf"{CLIENT}(-\d+)?", client) is not None


def _open(inputs: bool) -> Any:
    module = rtmidi()
    kind = module.MidiIn if inputs else module.MidiOut
    try:
        return kind(_api(module), name=CLIENT)
    except (module.SystemError, module.RtMidiError) as e:
        raise ControlError(f"MIDI does not start ({str(e).strip()}), expected a working MIDI system") from e


class MidiPort:
    """One port that is opened whenever a port of its name is there; call `look` now and then.

    One client of the driver looks for it and opens it, again and again: a new one takes its time, holds
    Python's lock meanwhile, and disturbs JACK.

    Args:
        wanted: part of its name.
        receive: for an input, what is called with each message; None makes an output.
        timing: whether an input hears clock messages.

    Attributes:
        notice: that the port is absent, else None.
    """

    def __init__(self, wanted: str, receive: Receive | None = None, *, timing: bool = False) -> None:
        self.wanted = wanted
        self.notice: str | None = None
        self._receive = receive
        self._timing = timing
        self._client: Any = _open(receive is not None)
        self._name: str | None = None
        self._next_look = 0.0
        self._saw_ports = False
        self.look()

    @property
    def is_open(self) -> bool:
        """Whether the port is there."""
        return self._name is not None

    def look(self) -> None:
        """Open the port where it has come, close it where it has gone; looks four times a second at most."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + LOOK_SECONDS
        names = self._names()
        if self._name is not None and self._name not in names:
            self._shut()
        if self._name is None and self._client is not None:
            self._connect(names)

    def _names(self) -> list[str]:
        """The ports that there are. Where all have gone at once, the driver may have died, as a JACK server
        does, and a new one is asked; once, for a new client disturbs JACK."""
        names = list(self._client.get_ports()) if self._client is not None else []
        if not names and (self._saw_ports or self._client is None):
            self._shut()
            self._delete()
            try:
                self._client = _open(self._receive is not None)
                names = list(self._client.get_ports())
            except ControlError as e:
                self.notice = str(e)
        self._saw_ports = bool(names)
        return names

    def _connect(self, names: list[str]) -> None:
        name = next((n for n in names if self.wanted.lower() in n.lower()), None)
        if name is None:
            shown = ", ".join(names) or "none, there is none"
            self.notice = f"MIDI port {self.wanted!r} is absent, expected one of: {shown}"
            return
        module, client = rtmidi(), self._client
        try:
            client.open_port(names.index(name), "in" if self._receive else "out")
        except (module.RtMidiError, module.SystemError, ValueError) as e:
            self.notice = f"MIDI port {name!r} cannot be opened ({str(e).strip()}), expected a free one"
            return
        if self._receive is not None:
            client.ignore_types(sysex=True, timing=not self._timing, active_sense=True)
            client.set_callback(self._on_message)
        self._name, self.notice = name, None

    def _on_message(self, event: tuple[Sequence[int], float], _: object = None) -> None:
        assert self._receive is not None
        self._receive(event[0], time.monotonic())

    def send(self, message: Sequence[int]) -> None:
        """Send a message, if the port is there."""
        if self._name is not None:
            try:
                self._client.send_message(message)
            except (ValueError, RuntimeError):
                self._shut()  # gone; `look` will find it again

    def _shut(self) -> None:
        name, self._name = self._name, None
        if name is not None:
            self.notice = f"MIDI port {name!r} is gone, expected it to return"
            if self._receive is not None:
                self._client.cancel_callback()
            self._client.close_port()

    def _delete(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.delete()

    def close(self) -> None:
        """Close it for good."""
        self._shut()
        self._delete()
