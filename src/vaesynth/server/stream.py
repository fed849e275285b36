"""The output stream of the audio server."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import DeviceError
from .devices import OutputDevice, explain, find_device, portaudio


@dataclass(frozen=True)
class StreamSettings:
    """How the device is to be opened.

    Attributes:
        device: part of its name, its number, or None for the default.
        sample_rate: in Hz; None takes the first of `preferred_rate` and the device's own that it accepts.
        preferred_rate: the model's rate.
        buffer_frames: frames a callback.
        channels: output channels for left and right, counted from 1; one number plays mono.
    """

    device: str | int | None = None
    sample_rate: int | None = None
    preferred_rate: int = 48_000
    buffer_frames: int = 256
    channels: tuple[int, ...] = (1, 2)

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "StreamSettings":
        """From what `to_json` gave."""
        return cls(**{**values, "channels": tuple(values["channels"])})


def choose(settings: StreamSettings) -> tuple[OutputDevice, int, tuple[int, ...]]:
    """Device, sample rate and channels that will do: a device with one output gets mono.

    Raises:
        DeviceError: there are none.
    """
    sd = portaudio()
    device = find_device(settings.device)
    channels = settings.channels
    if max(channels) > device.channels:
        if channels != (1, 2):
            raise DeviceError(f"audio device {device.name!r} has {device.channels} outputs, "
                              f"expected at least {max(channels)}")
        channels = (1,)
    rates = [settings.sample_rate] if settings.sample_rate else [settings.preferred_rate, device.sample_rate]
    for i, rate in enumerate(rates):
        try:
            sd.check_output_settings(device.index, max(channels), "float32", samplerate=rate)
            return device, rate, channels
        except sd.PortAudioError as e:
            if i == len(rates) - 1:
                raise explain(e, device, rate, max(channels)) from e
    raise AssertionError("unreachable: there is always a rate to try")


def open_stream(device: OutputDevice, rate: int, channels: tuple[int, ...], buffer_frames: int,
                callback: Callable[..., None]) -> Any:
    """A started `sounddevice.OutputStream`.

    Raises:
        DeviceError: the device refuses.
    """
    sd = portaudio()
    stream = None
    try:
        stream = sd.OutputStream(rate, buffer_frames, device.index, max(channels), "float32",
                                 latency="low", callback=callback)
        stream.start()
    except sd.PortAudioError as e:
        if stream is not None:
            stream.close(ignore_errors=True)
        raise explain(e, device, rate, max(channels)) from e
    return stream
