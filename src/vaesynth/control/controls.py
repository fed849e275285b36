"""Everything from outside, opened and closed as the settings say."""

import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from ..engine import Engine
from ..repeating import Repeating
from .mapping import Binding
from .midi import MidiInput
from .midi_ports import MidiPort
from .osc import OscInput
from .osc_output import OscOutput
from .settings import ControlSettings, send_address
from .surface import Surface
from .timeline import ControlError

LOOK_SECONDS = 0.25
RETRY_SECONDS = 1.0
"""Until an OSC port that was taken is tried again."""


class Controls:
    """MIDI in, OSC in and out, and those to be in time with; nothing is open before `apply`.

    Args:
        surface: what notes, knobs and messages play.
        engine: told with whom to keep time, and asked how things stand.
        learnt: told the settings with the new binding, from a thread of MIDI's driver.

    Attributes:
        settings: what was applied last, and what has been learnt since.
    """

    def __init__(self, surface: Surface, engine: Engine,
                 learnt: Callable[[ControlSettings], None] = lambda settings: None) -> None:
        self.settings = ControlSettings()
        self._surface, self._engine, self._learnt = surface, engine, learnt
        self._midi = MidiInput(surface, engine.play_slice, self._on_learnt)
        self._port: MidiPort | None = None
        self._osc: OscInput | None = None
        self._output: OscOutput | None = None
        self._retry_at = 0.0
        self._lock = threading.RLock()
        self._panics = engine.transport.orders.panics
        self._looking = Repeating("vaesynth-controls", self._look)

    def apply(self, settings: ControlSettings) -> None:
        """Open what is switched on, close what is switched off; what stays as it was is left alone.

        A MIDI port that is not there is waited for (`notices` tells of it), and an OSC port that cannot be
        opened is tried again.

        Raises:
            ControlError: something cannot be opened; the rest is.
        """
        with self._lock, contextlib.ExitStack() as steps:
            # All steps are taken, last to first, even when one fails; the failure comes after the last one.
            before, self.settings = self.settings, settings
            midi = self._midi
            midi.channel, midi.notes, midi.first_note = (
                settings.midi_channel, settings.notes, settings.first_note)
            midi.mapping = settings.mapping
            if settings.sync != self._engine.sync.settings:
                self._engine.sync.set(settings.sync)
            if self._output is None or settings.osc_send != before.osc_send:
                steps.callback(self._open_output)
            if self._osc is None or (settings.osc_host, settings.osc_port) != (before.osc_host,
                                                                               before.osc_port):
                steps.callback(self._open_osc)
            if self._port is None or settings.midi_in != before.midi_in:
                steps.callback(self._open_port)

    def learn(self, parameter: str | None) -> None:
        """Bind the next knob that is moved, or note that is struck, to a parameter; None learns no longer."""
        self._midi.learn(parameter)

    @property
    def learning(self) -> str | None:
        """The parameter that waits for its knob or note."""
        return self._midi.learning

    @property
    def notices(self) -> list[str]:
        """What a person should know now: ports that are absent, peers that are out of reach."""
        port = self._port.notice if self._port else None
        return [notice for notice in (port, self._engine.sync.status().notice) if notice]

    def described(self) -> str:
        """What is switched on, in one line; empty where nothing is."""
        settings, sync, osc = self.settings, self.settings.sync, self._osc
        heard = ", ".join(filter(None, [
            f"channel {settings.midi_channel}" if settings.midi_channel else "",
            {"gate": "notes play while held", "slices": "notes play slices"}.get(settings.notes.value, ""),
            f"{len(settings.mapping.bindings)} knobs" if settings.mapping.bindings else ""]))
        send = send_address(settings.osc_send) if settings.osc_send and self._output else ("", 0)
        parts = {
            f"MIDI from {settings.midi_in!r}" + (f" ({heard})" if heard else ""): settings.midi_in,
            f"OSC on {settings.osc_host} port {osc.port if osc else 0}": osc,
            f"OSC to {send[0]} port {send[1]}": send[1],
            "Link" + (" with start and stop" if sync.link_start_stop else ""): sync.link,
            f"MIDI clock from {sync.clock_in!r}": sync.clock_in,
            f"MIDI clock to {sync.clock_out!r}": sync.clock_out,
            "JACK transport": sync.jack,
            f"offset {sync.offset_ms:+g} ms": sync.offset_ms}
        return ", ".join(part for part, on in parts.items() if on)

    def close(self) -> None:
        """Close all that is open; the transport goes on."""
        self._looking.close()
        with self._lock:
            for part in (self._port, self._osc, self._output):
                if part is not None:
                    part.close()
            self._port = self._osc = self._output = None
            self.settings = replace(self.settings, osc_port=None)  # a late look opens nothing

    def _open_port(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.close()
            self._midi.release()
        if self.settings.midi_in is not None:
            self._port = MidiPort(self.settings.midi_in, self._midi.receive)

    def _open_osc(self) -> None:
        osc, self._osc = self._osc, None
        if osc is not None:
            osc.close()
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self.settings.osc_port is not None:
            self._osc = OscInput(self.settings.osc_host, self.settings.osc_port, self._surface)

    def _open_output(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            output.close()
        if self.settings.osc_send is not None:
            self._output = OscOutput(self.settings.osc_send, self._engine.status)

    def _on_learnt(self, binding: Binding) -> None:
        self.settings = replace(self.settings, mapping=self.settings.mapping.bound(binding))
        self._learnt(self.settings)

    def _look_after_port(self) -> None:
        if self._port is not None:
            was_open = self._port.is_open
            self._port.look()
            if was_open and not self._port.is_open:
                self._midi.release()  # the end of a note that was held will never come

    def _look_after_osc(self) -> None:
        wanted = self.settings.osc_port is not None
        if wanted and self._osc is None and time.monotonic() >= self._retry_at:
            with contextlib.suppress(ControlError):
                self._open_osc()

    def _look(self) -> float:
        with self._lock:
            self._look_after_port()
            self._look_after_osc()
        self._panics, before = self._engine.transport.orders.panics, self._panics
        if self._panics != before:
            self._midi.forget()
        return LOOK_SECONDS
