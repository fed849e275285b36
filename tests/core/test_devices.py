from types import SimpleNamespace
from typing import Any

import pytest

from vaesynth.errors import DeviceError
from vaesynth.server import devices, stream
from vaesynth.server.stream import StreamSettings, choose


class PortAudioError(Exception):
    pass


def card(name: str, host: int, channels: int, rate: float = 48_000.0) -> dict[str, Any]:
    return {"name": name, "hostapi": host, "max_output_channels": channels, "default_samplerate": rate,
            "default_low_output_latency": 0.01}


def system(*cards: dict[str, Any], default: int = 0, rates: tuple[int, ...] = (44_100, 48_000)) -> Any:
    """A PortAudio that knows these cards, all of which accept these rates."""
    def check(_: int, channels: int, kind: str, samplerate: int) -> None:
        assert (kind, channels > 0) == ("float32", True)
        if samplerate not in rates:
            raise PortAudioError("Invalid sample rate", -9997)
    return SimpleNamespace(
        PortAudioError=PortAudioError, query_hostapis=lambda: ({"name": "ALSA"}, {"name": devices.JACK}),
        query_devices=lambda: list(cards), default=SimpleNamespace(device=[0, default]),
        check_output_settings=check)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def replace(sounddevice: Any) -> None:
        monkeypatch.setattr(devices, "portaudio", lambda: sounddevice)
        monkeypatch.setattr(stream, "portaudio", lambda: sounddevice)
    return replace


CARDS = (card("hw:0 microphone", 0, 0), card("jack", 0, 128), card("USB Audio", 0, 4), card("system", 1, 2))


def test_outputs_are_listed_and_a_running_jack_is_the_default(use: Any) -> None:
    use(system(*CARDS, default=1))
    found = devices.output_devices()
    assert [(d.index, d.name, d.is_default) for d in found] == [
        (1, "jack", False), (2, "USB Audio", False), (3, "system", True)]
    assert devices.find_device(None).name == "system"


def test_without_jack_the_systems_default_is_taken(use: Any) -> None:
    use(system(*CARDS[:3], default=2))
    assert devices.find_device(None).name == "USB Audio"


def test_a_device_is_found_by_number_name_and_part_of_it(use: Any) -> None:
    use(system(*CARDS))
    assert devices.find_device(2).name == devices.find_device("2").name == "USB Audio"
    assert devices.find_device("usb").index == 2
    assert devices.find_device("system").index == 3


def test_absent_devices_are_named_with_those_that_are_there(use: Any) -> None:
    use(system(*CARDS))
    with pytest.raises(DeviceError, match="audio device 'Scarlett' is absent, expected one of: 1 jack, 2"):
        devices.find_device("Scarlett")
    use(system())
    with pytest.raises(DeviceError, match="no audio output device was found"):
        devices.find_device(None)


def test_the_models_rate_is_preferred_the_devices_own_comes_next(use: Any) -> None:
    use(system(*CARDS))
    assert choose(StreamSettings(preferred_rate=44_100))[1] == 44_100
    assert choose(StreamSettings(preferred_rate=30_000))[1] == 48_000


def test_a_refused_rate_is_an_error_where_it_was_asked_for(use: Any) -> None:
    use(system(*CARDS))
    with pytest.raises(DeviceError, match="'system' refuses 96000 Hz, expected 48000 Hz"):
        choose(StreamSettings(sample_rate=96_000))


def test_channels_beyond_the_device_are_refused_but_stereo_becomes_mono(use: Any) -> None:
    use(system(card("one speaker", 0, 1)))
    assert choose(StreamSettings())[2] == (1,)
    with pytest.raises(DeviceError, match="has 1 outputs, expected at least 4"):
        choose(StreamSettings(channels=(3, 4)))


def test_missing_portaudio_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "sounddevice":
            raise OSError("PortAudio library not found")
        return real(name, *rest)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(DeviceError, match="libportaudio2"):
        devices.output_devices()


def test_a_busy_device_is_told_as_such_and_let_go_of(use: Any) -> None:
    busy, closed = PortAudioError("Device unavailable", devices.UNAVAILABLE), []

    def start() -> None:
        raise busy
    opened = SimpleNamespace(start=start, close=lambda ignore_errors: closed.append(ignore_errors))
    sounddevice = system(*CARDS, default=1)
    sounddevice.OutputStream = lambda *_, **__: opened
    use(sounddevice)
    device, rate, channels = choose(StreamSettings("USB"))
    with pytest.raises(DeviceError, match="'USB Audio' is busy or gone, expected a free one"):
        stream.open_stream(device, rate, channels, 256, print)
    assert closed == [True]

    def refuse(*_: Any, **__: Any) -> None:
        raise busy
    sounddevice.check_output_settings = refuse
    with pytest.raises(DeviceError, match="'USB Audio' is busy or gone"):
        choose(StreamSettings("USB"))
