"""A MIDI device that is pulled and plugged in again: a knob and a clock, on a JACK MIDI port of its own."""

import threading
import time

import rtmidi

NAME = "pulled"
TICK_SECONDS = 60 / 125 / 24
KNOB = 20


class PulledPort:
    """Sends a clock of 125 BPM for as long as it is plugged in."""

    def __init__(self) -> None:
        self._out: rtmidi.MidiOut | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def plug(self) -> None:
        """Be there."""
        out = rtmidi.MidiOut(rtmidi.API_UNIX_JACK, name=NAME)
        out.open_virtual_port("out")
        with self._lock:
            self._out = out

    def pull(self) -> None:
        """Be gone."""
        with self._lock:
            out, self._out = self._out, None
        if out is not None:
            out.close_port()
            out.delete()

    def turn(self, value: int) -> None:
        """Turn the knob, controller `KNOB`, to 0 … 127."""
        self._send([0xB0, KNOB, value])

    def start(self) -> None:
        """Send a start."""
        self._send([0xFA])

    def close(self) -> None:
        """Be gone for good."""
        self._end.set()
        self._thread.join()
        self.pull()

    def _send(self, message: list[int]) -> None:
        with self._lock:
            if self._out is not None:
                self._out.send_message(message)

    def _run(self) -> None:
        due = time.monotonic()
        while not self._end.wait(max(0.0, due - time.monotonic())):
            self._send([0xF8])
            due = max(due + TICK_SECONDS, time.monotonic() - 0.1)
