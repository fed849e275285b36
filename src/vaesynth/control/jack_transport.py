"""JACK transport, by JACK-Client: rolling, stopping and the position, both ways."""

import time
from typing import Any

from .timeline import ControlError, OurTime, Timeline


class JackTransport:
    """Follows the JACK server's transport and the tempo of its timebase master (a `TimeSource`).

    Where nobody is, the tempo is the user's own, and JACK's frames are counted as beats of it.

    Raises:
        ControlError: JACK-Client is not installed, or no JACK server runs.
    """

    def __init__(self) -> None:
        try:
            import jack
        except (ImportError, OSError) as e:
            raise ControlError("JACK transport is switched on, expected JACK and the package JACK-Client to "
                               "be installed (pip install 'vaesynth[control]')") from e
        try:
            self._client: Any = jack.Client("vaesynth-transport", no_start_server=True)
            self._client.activate()
        except jack.JackError as e:
            raise ControlError("JACK transport is switched on, expected a running JACK server") from e
        self._rolling = jack.ROLLING
        self.peers = 1
        self.notice: str | None = None
        self._starts, self._was_playing, self._start_beat = 0, False, 0.0
        self._client.set_shutdown_callback(self._on_shutdown)

    def _on_shutdown(self, *_: object) -> None:
        self.peers, self.notice = 0, "JACK is gone, expected it to return"

    def poll(self, ours: OurTime) -> Timeline | None:
        """The transport's time now."""
        if not self.peers:
            return None
        state, position = self._client.transport_query()
        now = time.monotonic()
        playing = state == self._rolling
        rate = position["frame_rate"]
        # JACK's frame is that of the cycle being made, which is heard when the output latency is over.
        cycle = position["usecs"] * 1e-6
        when = (cycle if abs(now - cycle) < 1 else now) + ours.latency
        bpm = position.get("beats_per_minute", 0.0)
        if bpm > 0:
            beat = ((position["bar"] - 1) * position["beats_per_bar"] + position["beat"] - 1
                    + position["tick"] / position["ticks_per_beat"])
        else:
            bpm, beat = ours.bpm, position["frame"] / rate * ours.bpm / 60
        if playing and not self._was_playing:
            self._starts, self._start_beat = self._starts + 1, beat
        self._was_playing = playing
        return Timeline(when, beat, bpm, playing=playing, start=self._starts,
                        start_beat=self._start_beat, phase=playing)

    def set_tempo(self, bpm: float) -> None:
        """Nobody is told: JACK's tempo is its timebase master's."""

    def set_playing(self, playing: bool) -> None:
        """Start or stop the transport of everybody."""
        if playing:
            self._client.transport_start()
        else:
            self._client.transport_stop()

    def close(self) -> None:
        """Leave JACK."""
        self._client.deactivate()
        self._client.close()
