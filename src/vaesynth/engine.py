"""The desk's side of the engine: decodes what the pad asks for and hands it to the audio server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from .loop import Loop
from .metadata import ModelMetadata
from .tempo import Quantise, TempoMode

__all__ = ["Engine", "EngineStatus", "Quantise", "TempoMode"]


@dataclass(frozen=True)
class EngineStatus:
    """A picture of the engine, cheap enough to take at every repaint.

    Attributes:
        playing: the transport runs.
        bpm: tempo of the transport.
        beat: position within the sounding loop in beats, as heard now (output latency taken off).
        peak: linear level of the left and right output over the last moments.
        clipped: blocks in which the safety limiter had to act, since the start.
        xruns: buffers that the device missed, since the start.
        deadline_misses: loops that were decoded too late for the grid line they were meant for.
        decode_ms: time of the last decode, NaN before the first one.
        provider: ONNX Runtime's provider really in use.
        device: the output device's name.
        sample_rate: of the device, in Hz.
        buffer_frames: frames a callback.
        output_latency: from the mix to the loudspeaker in seconds, as the device reports it.
        server_alive: the audio server runs and its device is open.
        sounding: serial number of the loop that sounds, 0 before the first one.
        notice: what a person should know now (another provider than asked, device lost …), else None.
    """

    playing: bool
    bpm: float
    beat: float
    peak: tuple[float, float]
    clipped: int
    xruns: int
    deadline_misses: int
    decode_ms: float
    provider: str
    device: str
    sample_rate: int
    buffer_frames: int
    output_latency: float
    server_alive: bool
    sounding: int
    notice: str | None


class Engine:
    """Everything that the window and the command line may ask of the sound; each call returns at once."""

    metadata: ModelMetadata
    adopted: bool
    """True where a server of a desk that died was found still playing, and taken over."""

    @classmethod
    def open(cls, model: Path, *, device: str | int | None = None, sample_rate: int | None = None,
             buffer_frames: int = 256, channels: Sequence[int] = (1, 2), provider: str | None = None,
             orphan_seconds: float = 10.0) -> "Engine":
        """Load a model, start the audio server and decode the first loop.

        Args:
            model: a decoder file of kind loop.
            device: part of a device's name, or its number; None takes the system's own choice.
            sample_rate: in Hz; None takes the model's where the device can, else the device's.
            buffer_frames: frames a callback.
            channels: output channels for left and right, counted from 1; one number plays mono.
            provider: ONNX Runtime provider, None for the best.
            orphan_seconds: how long the server plays on when the desk has died.

        Raises:
            ModelError: the file is no playable model.
            DeviceError: the device is absent, busy or refuses the settings.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Fade out and end the server."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def load_model(self, path: Path) -> None:
        """Change the instrument; the old one plays on until the new one's first loop is there.

        Raises:
            ModelError: the file is no playable model; the old one stays.
        """

    def move_to(self, x: float, y: float) -> None:
        """Ask for the loop at a pad position in [-1, 1]; the newest request wins."""

    def set_macro(self, name: str, value: float) -> None:
        """Move a macro of the model; the value is held within its range.

        Raises:
            SettingError: the model has no such macro.
        """

    def set_lock(self, group: str | None) -> None:
        """Keep a latent group ("groove", "kit") where it is while the pad moves the rest; None frees it.

        Raises:
            SettingError: the model has no such group.
        """

    def play(self, *, from_start: bool = True) -> None:
        """Start the transport at the downbeat, or go on where it was stopped."""

    def stop(self) -> None:
        """Stop the transport with a short fade."""

    def set_tempo(self, bpm: float) -> None:
        """Tempo in BPM.

        Raises:
            SettingError: outside 40 to 240.
        """

    def set_tempo_mode(self, mode: TempoMode) -> None:
        """How loops follow a tempo that is not their own."""

    def set_volume(self, db: float) -> None:
        """Output level in dB, held within -60 (silence) and +6."""

    def set_quantise(self, quantise: Quantise) -> None:
        """When a new loop takes over."""

    def status(self) -> EngineStatus:
        """The state of things now."""
        raise NotImplementedError

    def sounding_loop(self) -> tuple[int, Loop] | None:
        """Serial number and audio, at the model's own rate and tempo, of the loop that sounds."""
        raise NotImplementedError
