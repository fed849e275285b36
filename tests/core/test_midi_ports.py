"""MIDI ports that vanish and return, with a driver that may die."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from vaesynth.control import midi_ports
from vaesynth.control.midi_ports import MidiPort
from vaesynth.control.timeline import ControlError


class Driver:
    """What rtmidi is, in short."""

    def __init__(self) -> None:
        self.ports: list[str] = []
        self.runs = True
        self.clients: list[Client] = []

    def open(self, inputs: bool) -> "Client":
        if not self.runs:
            raise ControlError("MIDI does not start, expected a working MIDI system")
        self.clients.append(Client(self))
        return self.clients[-1]


class Client:
    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self.dead = self.deleted = False
        self.sent: list[Any] = []

    def get_ports(self) -> list[str]:
        return [] if self.dead else list(self._driver.ports)

    def send_message(self, message: Any) -> None:
        self.sent.append(message)

    def delete(self) -> None:
        self.deleted = True

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver()
    monkeypatch.setattr(midi_ports, "_open", driver.open)
    errors = SimpleNamespace(RtMidiError=OSError, SystemError=OSError)
    monkeypatch.setattr(midi_ports, "rtmidi", lambda: errors)
    monkeypatch.setattr(midi_ports, "LOOK_SECONDS", 0)
    return driver


@pytest.mark.parametrize(("name", "own"), [
    ("vaesynth:in", True), ("vaesynth:out 128:0", True), ("vaesynth-02:in", True), ("vaesynth", False),
    ("vaesynther:in", False), ("Midi Through:vaesynth:in", False), ("my vaesynth:in", False)])
def test_own_ports_are_known_by_their_client(name: str, own: bool) -> None:
    assert midi_ports.is_own(name) is own


def test_a_port_comes_goes_and_returns(driver: Driver) -> None:
    port = MidiPort("drums")
    for _ in range(3):
        assert not port.is_open
        assert "MIDI port 'drums' is absent" in str(port.notice)
        port.look()
    assert len(driver.clients) == 1, "waiting makes no new clients, which disturb JACK"
    for _ in range(2):
        driver.ports = ["Keys", "My Drums 1"]
        port.look()
        assert (port.is_open, port.notice) == (True, None)
        port.send([0xF8])
        driver.ports = ["Keys"]
        port.look()
        port.send([0xFA])
        assert not port.is_open
    assert len(driver.clients) == 1
    assert driver.clients[0].sent == [[0xF8], [0xF8]], "nothing goes to a port that is gone"
    port.close()
    assert all(client.deleted for client in driver.clients)


def test_a_driver_that_dies_is_asked_anew(driver: Driver) -> None:
    driver.ports = ["drums"]
    port = MidiPort("drums")
    assert port.is_open
    for client in driver.clients:
        client.dead = True
    driver.runs = False
    for _ in range(3):
        port.look()
        assert not port.is_open
        assert port.notice == "MIDI does not start, expected a working MIDI system"
    driver.runs = True
    port.look()
    assert (port.is_open, port.notice) == (True, None)
    for client in driver.clients:
        client.dead = True
    port.look()
    assert port.is_open, "a new client at once, where the old one was thrown out"
