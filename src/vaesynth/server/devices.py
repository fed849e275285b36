"""Output devices: what there is, which one is meant, and PortAudio's errors in one sentence."""

from dataclasses import dataclass
from typing import Any

from ..errors import DeviceError

JACK = "JACK Audio Connection Kit"
INVALID_CHANNELS, INVALID_RATE, INVALID_DEVICE, UNAVAILABLE = -9998, -9997, -9996, -9985


@dataclass(frozen=True)
class OutputDevice:
    """An output of this machine.

    Attributes:
        index: PortAudio's number.
        name: its name.
        host: the system that drives it (ALSA, JACK, Core Audio, WASAPI …).
        channels: outputs.
        sample_rate: its own rate in Hz.
        latency: the lowest that it suggests, in seconds.
        is_default: the one that is taken when none is named.
    """

    index: int
    name: str
    host: str
    channels: int
    sample_rate: int
    latency: float
    is_default: bool


def portaudio() -> Any:
    """The `sounddevice` module, loaded when first needed.

    Raises:
        DeviceError: PortAudio is not installed, or does not start.
    """
    try:
        import sounddevice
    except OSError as e:
        raise DeviceError("PortAudio is missing, expected the system package libportaudio2 "
                          "(Debian, Ubuntu: apt-get install libportaudio2)") from e
    return sounddevice


def output_devices() -> list[OutputDevice]:
    """Every output device, the default one marked.

    Raises:
        DeviceError: PortAudio is missing or fails.
    """
    sd = portaudio()
    try:
        hosts, devices = sd.query_hostapis(), sd.query_devices()
    except sd.PortAudioError as e:
        raise DeviceError(f"audio devices cannot be listed ({_first(e)}), "
                          "expected a working sound system") from e
    outputs = [(i, d, hosts[d["hostapi"]]["name"])
               for i, d in enumerate(devices) if d["max_output_channels"] > 0]
    # Who runs a JACK server wants to be heard through it, whatever ALSA calls its default.
    jack = next((i for i, d, host in outputs if host == JACK and d["name"] == "system"), None)
    default = jack if jack is not None else int(sd.default.device[1])
    if default not in [i for i, _, _ in outputs] and outputs:
        default = outputs[0][0]
    return [OutputDevice(i, str(d["name"]), str(host), int(d["max_output_channels"]),
                         round(d["default_samplerate"]), float(d["default_low_output_latency"]), i == default)
            for i, d, host in outputs]


def find_device(wanted: str | int | None) -> OutputDevice:
    """The device meant by a number, a name, a part of a name, or None for the default.

    Raises:
        DeviceError: there is no output device, none of that name, or several.
    """
    devices = output_devices()
    if not devices:
        raise DeviceError("no audio output device was found, expected a sound card or a running JACK server")
    if wanted is None:
        return next(d for d in devices if d.is_default)
    if isinstance(wanted, int) or wanted.isdecimal():
        matches = [d for d in devices if d.index == int(wanted)]
    else:
        matches = ([d for d in devices if d.name == wanted]
                   or [d for d in devices if wanted.lower() in d.name.lower()])
    names = ", ".join(f"{d.index} {d.name}" for d in devices)
    if not matches:
        raise DeviceError(f"audio device {wanted!r} is absent, expected one of: {names}")
    # The same card appears once for each host; the default host's entry is the one meant.
    return next((d for d in matches if d.is_default), matches[0])


def explain(error: Exception, device: OutputDevice, rate: int, channels: int) -> DeviceError:
    """PortAudio's refusal to open a device, in words."""
    code = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else 0
    if code == INVALID_RATE:
        return DeviceError(f"audio device {device.name!r} refuses {rate} Hz, "
                           f"expected {device.sample_rate} Hz")
    if code == INVALID_CHANNELS:
        return DeviceError(f"audio device {device.name!r} refuses {channels} channels, "
                           f"expected at most {device.channels}")
    if code in (UNAVAILABLE, INVALID_DEVICE):
        return DeviceError(f"audio device {device.name!r} is busy or gone, expected a free one")
    return DeviceError(f"audio device {device.name!r} cannot be opened at {rate} Hz ({_first(error)}), "
                       "expected a free, working device")


def _first(error: Exception) -> str:
    return str(error.args[0] if error.args else error).removeprefix("Error opening OutputStream: ")
