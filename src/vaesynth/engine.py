"""The desk's side of the engine: decodes what the pad asks for and hands it to the audio server."""

import contextlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .decoder import Decoder
from .errors import VaesynthError
from .latent_controls import LatentControls, LoopDecoder
from .loop import Loop
from .metadata import ModelMetadata
from .server.handover import HandOver
from .server.process import ServerProcess
from .server.shared import Orders, Report
from .server.stream import StreamSettings
from .slicing import SlicedLoop
from .stretch import at_rate, at_tempo
from .tempo import MICRO, Quantise, TempoMode, check_bpm, grid_units

__all__ = ["Engine", "EngineStatus", "LoopDecoder", "Quantise", "TempoMode"]

MUTE_DB, LOUDEST_DB = -60.0, 6.0
WATCH_SECONDS = 0.05
SLOT_POLL_SECONDS = 0.002
FIRST_LOOP_SECONDS = 10.0
KEPT_LOOPS = 16
LONGEST_GUESS = 0.5
"""Seconds for which the position is guessed from the last report; then the server is taken to stand."""
QUANTISE = tuple(Quantise)


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


@dataclass(frozen=True, eq=False)
class _Wanted:
    """What the worker is to make: everything that shapes the loop, and when it is due (time.monotonic)."""

    decoder: LoopDecoder
    controls: LatentControls
    sample_rate: int
    mode: TempoMode
    bpm: float
    due: float


class Engine:
    """Everything that the window and the command line may ask of the sound; each call returns at once.

    Use `open`; the constructor is for decoders that come from elsewhere.

    Args:
        decoder: the instrument.
        server: the audio server, running.
        adopted: the server was playing before this desk came.
        provider: ONNX Runtime provider for models that are loaded later.
    """

    def __init__(self, decoder: LoopDecoder, server: ServerProcess, *, adopted: bool = False,
                 provider: str | None = None) -> None:
        self.adopted = adopted
        self._server = server
        self._provider = provider
        self._decoder = decoder
        self._controls = LatentControls(decoder.metadata)
        self._mode = TempoMode.SLICES
        newest = server.control.orders.read()
        self._orders = newest[1] if newest else Orders()
        self._hand_over = HandOver(server.folder, server.control)
        self._lock = threading.RLock()
        self._wanted: _Wanted | None = None
        self._wake = threading.Event()
        self._handed_over = threading.Event()
        self._closed = False
        self._loops: OrderedDict[int, Loop] = OrderedDict()
        self._decode_ms = math.nan
        self._misses = 0
        self._fault: str | None = None
        self._made_for_rate = 0
        if adopted:
            self._take_over_loop()
        self._threads = [threading.Thread(target=target, name=f"vaesynth-{name}", daemon=True)
                         for name, target in (("decode", self._work), ("watch", self._watch))]
        for thread in self._threads:
            thread.start()

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
        return cls.start(Decoder.open(model, provider, kind="loop"), device=device, sample_rate=sample_rate,
                         buffer_frames=buffer_frames, channels=channels, provider=provider,
                         orphan_seconds=orphan_seconds)

    @classmethod
    def start(cls, decoder: LoopDecoder, *, device: str | int | None = None, sample_rate: int | None = None,
              buffer_frames: int = 256, channels: Sequence[int] = (1, 2), provider: str | None = None,
              orphan_seconds: float = 10.0) -> "Engine":
        """As `open`, with a decoder that is open already."""
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
            engine._order(orphan_seconds=orphan_seconds)
        else:
            engine.move_to(0.0, 0.0)
            engine._handed_over.wait(FIRST_LOOP_SECONDS)
        return engine

    def close(self) -> None:
        """Fade out and end the server."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        self._wake.set()
        for thread in self._threads:
            thread.join(2.0)
        self._server.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    # The instrument

    @property
    def metadata(self) -> ModelMetadata:
        """What the instrument says of itself."""
        return self._decoder.metadata

    def load_model(self, path: Path) -> None:
        """Change the instrument; the old one plays on until the new one's first loop is there.

        Pad position stays; macros and lock are the new model's own.

        Raises:
            ModelError: the file is no playable model; the old one stays.
        """
        decoder = Decoder.open(path, self._provider, kind="loop")
        with self._lock:
            self._decoder = decoder
            self._controls = LatentControls(decoder.metadata).at(self._controls.x, self._controls.y)
            self._ask()

    def move_to(self, x: float, y: float) -> None:
        """Ask for the loop at a pad position in [-1, 1]; the newest request wins."""
        with self._lock:
            self._controls = self._controls.at(x, y)
            self._ask()

    def set_macro(self, name: str, value: float) -> None:
        """Move a macro of the model; the value is held within its range.

        Raises:
            SettingError: the model has no such macro.
        """
        with self._lock:
            self._controls = self._controls.with_macro(name, value)
            self._ask()

    def set_lock(self, group: str | None) -> None:
        """Keep a latent group ("groove", "kit") where it is while the pad moves the rest; None frees it.

        Raises:
            SettingError: the model has no such group.
        """
        with self._lock:
            self._controls = self._controls.with_lock(group)
            self._ask()

    # The transport

    def play(self, *, from_start: bool = True) -> None:
        """Start the transport at the downbeat, or go on where it was stopped."""
        with self._lock:
            self._order(playing=True, starts=self._orders.starts + from_start)

    def stop(self) -> None:
        """Stop the transport with a short fade."""
        self._order(playing=False)

    def set_tempo(self, bpm: float) -> None:
        """Tempo in BPM.

        Raises:
            SettingError: outside 40 to 240.
        """
        with self._lock:
            self._order(micro_bpm=round(check_bpm(bpm) * MICRO))
            if self._mode is not TempoMode.SLICES:
                self._ask()

    def set_tempo_mode(self, mode: TempoMode) -> None:
        """How loops follow a tempo that is not their own."""
        with self._lock:
            self._mode = mode
            self._ask()

    def set_volume(self, db: float) -> None:
        """Output level in dB, held within -60 (silence) and +6."""
        self._order(gain=0.0 if db <= MUTE_DB else 10 ** (min(db, LOUDEST_DB) / 20))

    def set_quantise(self, quantise: Quantise) -> None:
        """When a new loop takes over."""
        self._order(quantise=QUANTISE.index(quantise))

    # What is going on

    def status(self) -> EngineStatus:
        """The state of things now."""
        health, alive = self._server.health, self._server.is_running()
        report = self._report()
        orders, decoder = self._orders, self._decoder
        return EngineStatus(
            playing=orders.playing,
            bpm=orders.micro_bpm / MICRO,
            beat=self._beat_heard(report),
            peak=(report.left, report.right) if alive else (0.0, 0.0),
            clipped=report.clipped,
            xruns=report.xruns,
            deadline_misses=self._misses,
            decode_ms=self._decode_ms,
            provider=decoder.provider,
            device=health.device.rstrip(b"\0").decode(errors="replace"),
            sample_rate=health.sample_rate,
            buffer_frames=health.buffer_frames,
            output_latency=report.latency,
            server_alive=alive,
            sounding=report.serial,
            notice=(None if alive else self._server.notice) or self._fault or decoder.notice)

    def sounding_loop(self) -> tuple[int, Loop] | None:
        """Serial number and audio, at the model's own rate and tempo, of the loop that sounds.

        Where the server has not come to it yet, of the one handed over last; None before the first.
        """
        sounding = self._report().serial
        with self._lock:
            if sounding in self._loops:
                return sounding, self._loops[sounding]
            return next(reversed(self._loops.items()), None)

    def _report(self) -> Report:
        newest = self._server.control.report.read()
        return newest[1] if newest else Report()

    def _beat_heard(self, report: Report) -> float:
        with self._lock:
            loop = self._loops.get(report.serial)
        beats = loop.beats if loop else self.metadata.loop.beats
        position = report.beat + report.rest
        if report.playing:
            ago = min(time.monotonic() - report.stamp, LONGEST_GUESS) - report.latency
            position += ago * report.micro_bpm / (60 * MICRO)
        return position % beats

    # How it is done

    def _order(self, **changes: Any) -> int:
        """Change what the server is to do; returns the version of the orders."""
        with self._lock:
            self._orders = self._orders._replace(**changes)
            return self._server.control.orders.write(self._orders)

    def _ask(self) -> None:
        """Tell the worker what is wanted now; called with the lock held."""
        rate = self._server.health.sample_rate
        self._wanted = _Wanted(self._decoder, self._controls, rate, self._mode,
                               self._orders.micro_bpm / MICRO, self._next_line())
        self._wake.set()

    def _next_line(self) -> float:
        """When (time.monotonic) the next line of the quantise grid is due; infinity where there is none."""
        report, orders = self._report(), self._orders
        geometry = self.metadata.loop
        grid = grid_units(QUANTISE[orders.quantise], 4, geometry.beats, geometry.beats_per_bar) / 4
        if not (grid and report.playing):
            return math.inf
        beats_a_second = report.micro_bpm / (60 * MICRO)
        now = report.beat + report.rest + (time.monotonic() - report.stamp) * beats_a_second
        return time.monotonic() + (grid - now % grid) / beats_a_second

    def _work(self) -> None:
        """The worker: makes the newest wanted loop, again and again."""
        while True:
            self._wake.wait()
            with self._lock:
                self._wake.clear()
                wanted, self._wanted = self._wanted, None
            if self._closed:
                return
            if wanted is None:
                continue
            try:
                loop, sliced = self._make(wanted)
            except VaesynthError as e:
                self._fault = str(e)
            except Exception as e:  # whatever a decoder throws, the old loop plays on
                self._fault = f"decoding failed ({type(e).__name__}: {e}), the last loop plays on"
            else:
                self._fault = None
                self._send(wanted, loop, sliced)

    def _make(self, wanted: _Wanted) -> tuple[Loop, SlicedLoop]:
        begun = time.perf_counter()
        loop = wanted.decoder.decode_loop(wanted.controls.latent())
        self._decode_ms = 1000 * (time.perf_counter() - begun)
        return loop, SlicedLoop.of(at_tempo(at_rate(loop, wanted.sample_rate), wanted.bpm, wanted.mode))

    def _send(self, wanted: _Wanted, loop: Loop, sliced: SlicedLoop) -> None:
        """Hand a loop over as soon as a slot is free; a newer wish takes its place."""
        serial = self._orders.serial + 1
        sliced = sliced.numbered(serial)
        while (place := self._hand_over.place(sliced)) is None:
            if self._closed or self._wanted is not None:
                return
            time.sleep(SLOT_POLL_SECONDS)
        with self._lock:
            self._loops[serial] = loop
            while len(self._loops) > KEPT_LOOPS:
                self._loops.popitem(last=False)
            bank, slot = place
            self._hand_over.ordered(self._order(bank=bank, slot=slot, serial=serial))
            self._made_for_rate = sliced.sample_rate
        if time.monotonic() > wanted.due:
            self._misses += 1
        self._handed_over.set()

    def _watch(self) -> None:
        """Looks after the server, and makes the loop anew when the device has come back with another rate."""
        while not self._closed:
            time.sleep(WATCH_SECONDS)
            with contextlib.suppress(OSError):
                self._server.watch()
            rate = self._server.health.sample_rate
            if rate and self._made_for_rate and rate != self._made_for_rate and self._server.is_running():
                self._made_for_rate = rate
                with self._lock:
                    self._ask()

    def _take_over_loop(self) -> None:
        """Show the loop that an adopted server plays."""
        sliced = self._hand_over.loop_on_its_way()
        if sliced is not None:
            self._loops[sliced.serial] = Loop(sliced.audio.copy(), sliced.sample_rate, sliced.beats,
                                              sliced.beats_per_bar)
            self._made_for_rate = sliced.sample_rate
