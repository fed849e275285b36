"""An engine follows the clock of a MIDI port and is turned by its knob, while the port comes and goes."""

import contextlib
import time
from types import TracebackType
from typing import Self

from pulled_port import KNOB, NAME, PulledPort
from watcher import until

from vaesynth.control.controls import Controls
from vaesynth.control.mapping import Binding, Kind, Knob, Mapping
from vaesynth.control.performer import Performer
from vaesynth.control.settings import ControlSettings
from vaesynth.engine import Engine, SyncSettings

AWAY_SECONDS = 0.5
"""A hand that pulls a plug and puts it in again takes no less."""


class PulledKnob:
    """The port, and the engine's hold on it.

    Args:
        engine: plays.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            self._port = PulledPort()
            stack.callback(self._port.close)
            self._port.plug()
            self._controls = Controls(Performer(self._engine), self._engine)
            stack.callback(self._controls.close)
            self._controls.apply(settings(50, 70))
            until(lambda: self._engine.sync.status().following)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._stack.close()

    def pull_and_plug(self, n: int) -> None:
        """Pull the port and plug it in again, until clock and knob act as before."""
        port, controls, engine = self._port, self._controls, self._engine
        port.pull()
        until(lambda: controls.notices and not engine.sync.status().following)
        time.sleep(AWAY_SECONDS)
        port.plug()
        until(lambda: not controls.notices)
        port.start()
        until(lambda: engine.sync.status().following)
        low, high = 50 + n % 2, 70 + n % 2

        def turned() -> bool:
            port.turn(127)
            return engine.transport.orders.swing == 10 * high
        controls.apply(settings(low, high))
        until(turned)


def settings(low: float, high: float) -> ControlSettings:
    """A clock to follow, and a knob that swings, both from the port that is pulled."""
    swing = Binding(Knob(Kind.CC, KNOB), "swing", low, high)
    return ControlSettings(midi_in=NAME, mapping=Mapping((swing,)), sync=SyncSettings(clock_in=NAME))
