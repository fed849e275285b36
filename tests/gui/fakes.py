"""Doubles of the engine and the face preview: at once and in memory what the real ones do."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vaesynth.chain import lay_bars
from vaesynth.control.sync_settings import SyncSettings
from vaesynth.engine import EngineStatus, SyncStatus
from vaesynth.engine.recording import RecordingStatus
from vaesynth.errors import ModelError, OutputError
from vaesynth.latent_controls import LatentControls
from vaesynth.loop import Loop
from vaesynth.metadata import ModelMetadata, check
from vaesynth.metronome import Metronome
from vaesynth.plane import Plane
from vaesynth.server.records import Orders
from vaesynth.shaping import NEUTRAL, Shaping
from vaesynth.swing import check_swing
from vaesynth.tempo import Quantise, TempoMode, check_bpm

RATE, FRAMES = 12_000, 24_000


def metadata(name: str = "Test drums", macros: int = 3, groups: bool = True) -> ModelMetadata:
    """Metadata of a loop model with 4 latent dimensions, macros, groups and a few examples."""
    axes = np.eye(4).tolist()
    names = ["Tightness", "Ghost notes", "Room", "Swing", "Dirt", "Snap"][:macros]
    points = [("Funk 98", -0.62, 0.41), ("Half-time", 0.15, -0.7), ("Two step", 0.58, 0.22),
              ("Dub", -0.3, -0.25),
              ("Breakbeat", 0.3, 0.71), ("Boom bap", -0.75, -0.6), ("Four on the floor", 0.8, -0.3)]
    values = {
        "format": 1, "kind": "loop", "name": name, "sample_rate": RATE, "channels": 2, "frames": FRAMES,
        "bpm": 120.0,
        "beats": 4, "beats_per_bar": 4, "latent_dim": 4, "latent_mean": [0.0] * 4, "latent_std": [1.0] * 4,
        "pad": {"origin": [0.0] * 4, "x_axis": axes[0], "y_axis": axes[1], "x_label": "busier",
                "y_label": "brighter"},
        "macros": [{"name": n, "direction": axes[2], "min": -2.0, "max": 2.0, "default": 0.0} for n in names],
        "examples": [{"name": n, "z": [x, y, 0.0, 0.0], "x": x, "y": y, "licence": "CC0", "score": 1.0}
                     for n, x, y in points],
        "pair": "test", "scores": {}, "trained": {}, "licence": "CC0", "data_licence": "CC0",
        "authors": ["nobody"]}
    values["voices"] = ["kick", "snare", "hat_closed", "tom"]
    if groups:
        values["latent_groups"] = {"groove": [0, 2], "kit": [2, 4]}
    return check(values, name)


def drum_loop(x: float, y: float) -> Loop:
    """A plausible bar: decaying noise and tones on sixteenths, busier with x and brighter with y."""
    rng = np.random.default_rng(7)
    audio = np.zeros((FRAMES, 2), np.float32)
    t = np.arange(FRAMES // 8) / RATE
    for step in range(16):
        weight = rng.random()
        if step % 4 == 0 or weight < 0.5 + 0.5 * x:
            hertz = 60 if step % 8 == 0 else 190 + 2000 * (y + 1)
            tone = np.sin(2 * np.pi * hertz * t) * np.exp(-t * (14 + 20 * (y + 1)))
            noise = rng.normal(size=(len(t), 2)) * np.exp(-t * 40)[:, None] * (0.15 + 0.2 * (y + 1))
            start = step * FRAMES // 16
            level = 0.7 if step % 4 == 0 else 0.35 * weight + 0.1
            stop = min(start + len(t), FRAMES)
            audio[start:stop] += (level * (tone[:, None] + noise))[:stop - start].astype(np.float32)
    return Loop(np.clip(audio, -1, 1), RATE, 4)


def tone(hertz: float, level: float) -> Loop:
    """A second of a sine at 8 kHz."""
    t = np.arange(8_000) / 8_000
    return Loop((level * np.sin(2 * np.pi * hertz * t)).astype(np.float32)[:, None], 8_000, 2)


class FakeTransport:
    """Keeps what it was told."""

    def __init__(self) -> None:
        self.swing, self.metronome, self.nudged = 50.0, Metronome.OFF, 0.0
        self.panics = 0

    def set_swing(self, percent: float) -> None:
        self.swing = check_swing(percent)

    def set_metronome(self, metronome: Metronome) -> None:
        self.metronome = metronome

    def nudge(self, milliseconds: float) -> None:
        self.nudged += milliseconds

    def panic(self) -> None:
        self.panics += 1

    @property
    def orders(self) -> Orders:
        return Orders(panics=self.panics)


class FakeSync:
    """Keeps time with nobody, until a test says otherwise."""

    def __init__(self) -> None:
        self.settings, self.answer = SyncSettings(), SyncStatus()

    def set(self, settings: SyncSettings) -> None:
        self.settings = settings

    def status(self) -> SyncStatus:
        return self.answer


class FakeRecording:
    """Keeps where it records to; fails as it is told to."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.running, self.fault, self.seconds = False, None, 0.0
        self.refused: str | None = None

    def start(self, path: Path) -> None:
        if self.refused:
            raise OutputError(self.refused)
        self.path, self.running = path, True

    def stop(self) -> None:
        self.running = False

    def status(self) -> RecordingStatus:
        self.seconds += self.running
        runs = self.running and not self.fault
        return RecordingStatus(runs, False, self.path, self.seconds, 0.0, self.fault)


class FakeEngine:
    """Keeps what it was told in `calls`, sounds at once, and answers like a healthy engine.

    Attributes:
        slow: seconds that opening, loading and closing take.
        threads: names of the threads that called the slow methods.
    """

    slow = 0.0

    def __init__(self, model: Path) -> None:
        self.threads: list[str] = []
        self.calls: list[tuple[object, ...]] = []
        self.position = (0.0, 0.0)
        self.metadata = metadata()
        self.controls = LatentControls(self.metadata)
        self.adopted = self.closed = self.playing = self.frozen = self.expects_shaping = False
        self.bpm, self.volume, self.alive, self.notice = 120.0, 0.0, True, None
        self.plane: Plane | None = None
        self.shaping = NEUTRAL
        self.transport, self.sync, self.recording = FakeTransport(), FakeSync(), FakeRecording()
        self.lock: tuple[str | None, tuple[float, float] | None] = (None, None)
        self._serial, self._started = 0, time.monotonic()
        self._loop: Loop | None = None
        self._open(model)

    def _open(self, model: Path) -> None:
        self.threads.append(threading.current_thread().name)
        time.sleep(self.slow)
        if b"broken" in model.read_bytes():
            raise ModelError(f"{model.name}: is no model, expected an ONNX file")
        self.metadata = metadata(model.name.removesuffix(".onnx"))
        self.controls = LatentControls(self.metadata).at(*self.position)
        self._sound()

    def _sound(self) -> None:
        self._serial += 1
        self._loop = drum_loop(*self.position)

    def close(self) -> None:
        self.threads.append(threading.current_thread().name)
        time.sleep(self.slow)
        self.closed = True

    def load_model(self, path: Path) -> None:
        self._open(path)

    @contextmanager
    def together(self) -> Iterator[None]:
        yield

    def move_to(self, x: float, y: float) -> None:
        self.calls.append(("move_to", x, y))
        self.position, self.controls = (x, y), self.controls.at(x, y)
        self._sound()

    def move_to_latent(self, z) -> None:
        self.calls.append(("move_to_latent", *z))

    def play_slice(self, *arguments: object) -> None:
        self.calls.append(("play_slice", *arguments))

    def set_macro(self, name: str, value: float) -> None:
        self.calls.append(("set_macro", name, value))
        self.controls = self.controls.with_macro(name, value)

    def set_lock(self, group: str | None, place: tuple[float, float] | None = None,
                 macros: Mapping[str, float] | None = None) -> None:
        self.calls.append(("set_lock", group, place))
        self.lock, self.controls = (group, place), self.controls.with_lock(group, place, macros)

    def set_plane(self, plane: Plane | None) -> None:
        self.plane, self.controls = plane, self.controls.on(plane)

    def latent(self) -> np.ndarray:
        return self.controls.latent()

    def play(self, *, from_start: bool = True) -> None:
        self.calls.append(("play",) if from_start else ("continue",))
        self.playing, self._started = True, time.monotonic()

    def stop(self) -> None:
        self.calls.append(("stop",))
        self.playing = False

    def set_tempo(self, bpm: float) -> None:
        self.calls.append(("set_tempo", bpm))
        self.bpm = check_bpm(bpm)

    def set_bars(self, bars: int | None) -> None:
        self.calls.append(("set_bars", bars))

    def set_chain(self, places: Sequence[tuple[float, float]]) -> None:
        self.calls.append(("set_chain", [*places]))
        self._serial += 1
        self._loop = lay_bars([drum_loop(x, y) for x, y in places], len(places))

    def set_tempo_mode(self, mode: TempoMode) -> None:
        self.calls.append(("set_tempo_mode", mode))

    def set_volume(self, db: float) -> None:
        self.calls.append(("set_volume", db))
        self.volume = db

    def set_shaping(self, shaping: Shaping) -> None:
        self.shaping = shaping

    def expect_shaping(self) -> None:
        self.expects_shaping = True

    def set_quantise(self, quantise: Quantise) -> None:
        self.calls.append(("set_quantise", quantise))

    def status(self) -> EngineStatus:
        position = (time.monotonic() - self._started) * self.bpm / 60 if self.playing else 0.0
        beat = position % (self._loop.beats if self._loop is not None else 4)
        decay = 0.4 + 0.4 * float(np.exp(-3 * (beat % 1)))
        level = 10 ** (self.volume / 20) * decay if self.playing else 0.0
        return EngineStatus(
            playing=self.playing, bpm=self.bpm, beat=beat, peak=(level, level * 0.9), clipped=0, xruns=0,
            deadline_misses=0, decode_ms=12.4, provider="cpu", device="system", sample_rate=RATE,
            buffer_frames=256,
            output_latency=0.0107, server_alive=self.alive, sounding=self._serial, notice=self.notice,
            position=position)

    def sounding_loop(self) -> tuple[int, Loop] | None:
        return (self._serial, self._loop) if self._loop is not None else None


class FakeFace:
    """A face that is a gradient, redder to the right and greener to the top."""

    def __init__(self, model: Path | None = None) -> None:
        self._serial = 0
        self._pixels = np.zeros((64, 64, 3), np.uint8)
        self.closed = False
        self.own: list[object] = []

    def show_own(self, faces: Sequence[object]) -> None:
        self.own = list(faces)

    def move_to(self, x: float, y: float) -> None:
        across, down = np.meshgrid(np.linspace(0, 127, 64), np.linspace(0, 127, 64))
        planes = across + 64 * (x + 1), down + 64 * (y + 1), np.full((64, 64), 90.0)
        self._pixels = np.stack(planes, -1).astype(np.uint8)
        self._serial += 1

    def latest(self) -> tuple[int, np.ndarray] | None:
        return (self._serial, self._pixels) if self._serial else None

    def close(self) -> None:
        self.closed = True
