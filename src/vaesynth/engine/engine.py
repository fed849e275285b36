"""What the window and the command line may ask of the sound."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from ..latent_controls import LoopDecoder
from ..loop import Loop
from ..open_decoders import open_decoder
from ..repeating import Repeating
from ..server.handover import HandOver
from ..server.process import ServerProcess
from ..server.records import Orders
from ..server.stream import StreamSettings
from ..tempo import MICRO, Quantise, TempoMode
from .instrument import Instrument
from .recording import Recording
from .status import EngineStatus
from .sync import Sync
from .transport import Transport
from .tuning import tidy, tune_process
from .worker import LoopWorker

FIRST_LOOP_SECONDS = 10.0
LOOK_SECONDS = 0.05


class Engine(Instrument):
    """Everything that the window and the command line may ask of the sound; each call returns at once.

    Use `open`; the constructor is for decoders that come from elsewhere.

    Args:
        decoder: the instrument.
        server: the audio server, running.
        adopted: the server was playing before this desk came.
        provider: ONNX Runtime provider for models that are loaded later.

    Attributes:
        adopted: as given.
        transport: further calls: tap, nudge, swing, metronome, panic.
        sync: keeps time with others: Link, MIDI clock, JACK transport.
        recording: records what is played, and the take behind it.
    """

    def __init__(self, decoder: LoopDecoder, server: ServerProcess, *, adopted: bool = False,
                 provider: str | None = None) -> None:
        self.adopted = adopted
        self._server = server
        self._closed = False
        self.transport = Transport(server.control)
        self.sync = Sync(server.control)
        self.recording = Recording(server.control)
        super().__init__(decoder, provider, self.transport,
                         LoopWorker(self.transport, HandOver(server.folder, server.control)),
                         lambda: server.health.sample_rate)
        self._watch = Repeating("vaesynth-watch", self._look)
        self._tidy = Repeating("vaesynth-tidy", tidy)

    @classmethod
    def open(cls, model: Path, *, device: str | int | None = None, sample_rate: int | None = None,
             buffer_frames: int = 256, channels: Sequence[int] = (1, 2), provider: str | None = None,
             orphan_seconds: float = 10.0) -> "Engine":
        """Load a model, start the audio server and decode the first loop.

        Where a desk died and its server (with the same settings) still plays, that one is taken over with its
        transport and its sound, and nothing changes until it is asked for.

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
        return cls.start(open_decoder(model, provider, kind="loop"), device=device, sample_rate=sample_rate,
                         buffer_frames=buffer_frames, channels=channels, provider=provider,
                         orphan_seconds=orphan_seconds)

    @classmethod
    def start(cls, decoder: LoopDecoder, *, device: str | int | None = None, sample_rate: int | None = None,
              buffer_frames: int = 256, channels: Sequence[int] = (1, 2), provider: str | None = None,
              orphan_seconds: float = 10.0) -> "Engine":
        """As `open`, with a decoder that is open already."""
        tune_process()
        geometry = decoder.metadata.loop
        settings = StreamSettings(device, sample_rate, geometry.sample_rate, buffer_frames, tuple(channels))
        server = ServerProcess.adopt(settings)
        adopted = server is not None
        if server is None:
            tempo = min(max(geometry.bpm, 40.0), 240.0)
            server = ServerProcess.start(
                settings, Orders(micro_bpm=round(tempo * MICRO), orphan_seconds=orphan_seconds))
        engine = cls(decoder, server, adopted=adopted, provider=provider)
        if adopted:
            engine.transport.order(orphan_seconds=orphan_seconds)
        else:
            engine.move_to(0.0, 0.0)
            engine._worker.wait_for_first(FIRST_LOOP_SECONDS)
        return engine

    def close(self) -> None:
        """Fade out and end the server, once a recording is complete."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self.recording.finish()
        self._worker.close()
        self._watch.close()
        self._tidy.close()
        self._server.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    # The transport

    def play(self, *, from_start: bool = True) -> None:
        """Start the transport at the downbeat, or go on where it was stopped."""
        self.transport.play(from_start=from_start)

    def stop(self) -> None:
        """Stop the transport with a short fade."""
        self.transport.stop()

    def set_tempo(self, bpm: float) -> None:
        """Tempo in BPM.

        Raises:
            SettingError: outside 40 to 240.
        """
        with self._lock:
            self.transport.set_tempo(bpm)
            if self._mode is not TempoMode.SLICES:
                self._ask()

    def set_volume(self, db: float) -> None:
        """Output level in dB, held within -60 (silence) and +6."""
        self.transport.set_volume(db)

    def set_quantise(self, quantise: Quantise) -> None:
        """When a new loop takes over."""
        self.transport.set_quantise(quantise)

    def play_slice(self, number: int, velocity: float = 1.0) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard, whether the transport runs or not."""
        self.transport.play_slice(number, velocity)

    # What is going on

    @property
    def server(self) -> ServerProcess:
        """The audio server, for those who measure it."""
        return self._server

    def status(self) -> EngineStatus:
        """The state of things now."""
        health, alive = self._server.health, self._server.is_running()
        transport, worker, decoder = self.transport, self._worker, self._decoder
        report = transport.report()
        sounding, position = worker.loop(report.serial), transport.position_heard(report)
        return EngineStatus(
            playing=transport.playing,
            bpm=transport.bpm,
            beat=position % (sounding or decoder.metadata.loop).beats,
            peak=(report.left, report.right) if alive else (0.0, 0.0),
            clipped=report.clipped,
            xruns=report.xruns,
            deadline_misses=worker.late,
            decode_ms=worker.decode_ms,
            provider=decoder.provider,
            device=health.device.rstrip(b"\0").decode(errors="replace"),
            sample_rate=health.sample_rate,
            buffer_frames=health.buffer_frames,
            output_latency=report.latency,
            server_alive=alive,
            sounding=report.serial,
            notice=(None if alive else self._server.notice) or worker.fault or decoder.notice,
            cache_hits=worker.hits,
            cache_misses=worker.misses,
            position=position,
            making_ahead=worker.making_ahead)

    def sounding_loop(self) -> tuple[int, Loop] | None:
        """Serial number and audio, at the model's own rate and tempo, of the loop that sounds.

        Where the server has not come to it yet, of the one handed over last; None before the first.
        """
        serial = self.transport.report().serial
        loop = self._worker.loop(serial)
        return (serial, loop) if loop else self._worker.newest()

    # How it is done

    def _look(self) -> float:
        with contextlib.suppress(OSError):  # a folder that is being cleared away
            self._look_after_server()
        return LOOK_SECONDS

    def _look_after_server(self) -> None:
        """Look after the server, and make the loop anew when the device has come back with another rate, or
        when others have changed the tempo that it was rendered for."""
        self._server.watch()
        rate, worker = self._server.health.sample_rate, self._worker
        if not (worker.made_for_rate and self._server.is_running()):
            return
        bpm = self.transport.bpm if self._mode is not TempoMode.SLICES else worker.made_for_bpm
        if (rate or worker.made_for_rate, bpm) != (worker.made_for_rate, worker.made_for_bpm):
            worker.made_for_rate, worker.made_for_bpm = rate, bpm
            with self._lock:
                self._ask()
