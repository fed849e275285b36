"""How things stand, as one record."""

from dataclasses import dataclass


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
        position: of the transport in beats, as heard now.
        making_ahead: loops round the pad position are still being made, for moves to come.
        cache_hits, cache_misses: moves and other wishes whose loop was there already, or had to be decoded.
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
    cache_hits: int = 0
    cache_misses: int = 0
    position: float = 0.0
    making_ahead: bool = False
