"""The half of the engine that says which loop is wanted: model, pad, macros, lock, chain, shaping."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy.typing as npt

from ..chain import MAX_BARS
from ..errors import SettingError
from ..latent_controls import LatentControls, LoopDecoder
from ..latent_map import Latent
from ..metadata import ModelMetadata
from ..open_decoders import open_decoder
from ..plane import Plane
from ..shaping import NEUTRAL, Shaping
from ..tempo import TempoMode
from .transport import Transport
from .wanted import Wanted
from .worker import LoopWorker

LOOP_BARS = (1, 2, 4)


class Instrument:
    """What is asked for here the worker makes next; each call returns at once.

    Args:
        decoder: the instrument.
        provider: ONNX Runtime provider for models that are loaded later.
        transport: tells tempo and grid.
        worker: makes the loops.
        sample_rate: gives the device's, in Hz.
    """

    def __init__(self, decoder: LoopDecoder, provider: str | None, transport: Transport,
                 worker: LoopWorker, sample_rate: Callable[[], int]) -> None:
        self._decoder = decoder
        self._provider = provider
        self._transport = transport
        self._worker = worker
        self._sample_rate = sample_rate
        self._controls = LatentControls(decoder.metadata)
        self._mode = TempoMode.SLICES
        self._shaping = NEUTRAL
        self._chain: tuple[tuple[float, float], ...] = ()
        self._bars: int | None = None
        self._lock = threading.RLock()
        self._within, self._put_off = 0, False

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
        decoder = open_decoder(path, self._provider, kind="loop")
        with self._lock:
            self._decoder = decoder
            self._controls = LatentControls(decoder.metadata).at(self._controls.x, self._controls.y)
            self._worker.forget()
            self._ask()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Ask once, at the end, for all that is set within: nothing between is heard, or taken for a way."""
        with self._lock:
            self._within += 1
            try:
                yield
            finally:
                self._within -= 1
                if not self._within and self._put_off:
                    self._ask()

    def move_to(self, x: float, y: float) -> None:
        """Ask for the loop at a pad position in [-1, 1]; the newest request wins."""
        with self._lock:
            self._controls, self._chain = self._controls.at(x, y), ()
            self._ask()

    def move_to_latent(self, z: npt.ArrayLike) -> None:
        """Ask for the loop of an exact latent: a training example's, or that of an encoded loop.

        The next `move_to` leaves it; macros and lock act on it as on a place of the pad.

        Args:
            z: `(latent_dim,)`.

        Raises:
            SettingError: it has another length, or is not finite.
        """
        with self._lock:
            self._controls, self._chain = self._controls.with_latent(z), ()
            self._ask()

    def latent(self) -> Latent:
        """The latent `(latent_dim,)` that was asked for last."""
        return self._controls.latent()

    def set_macro(self, name: str, value: float) -> None:
        """Move a macro of the model; the value is held within its range.

        Raises:
            SettingError: the model has no such macro.
        """
        with self._lock:
            self._controls = self._controls.with_macro(name, value)
            self._ask()

    def set_lock(self, group: str | None, place: tuple[float, float] | None = None,
                 macros: Mapping[str, float] | None = None) -> None:
        """Keep a latent group ("groove", "kit") as it is while the pad moves the rest; None frees it.

        Args:
            group: its name.
            place: pad position (x, y) that the group is taken from instead of the puck's.
            macros: values of the macros there, instead of those of now.

        Raises:
            SettingError: the model has no such group.
        """
        with self._lock:
            self._controls = self._controls.with_lock(group, place, macros)
            self._ask()

    def hold_group(self, group: str, held: bool, place: tuple[float, float] | None = None,
                   macros: Mapping[str, float] | None = None) -> None:
        """As `set_lock`, but groups beside it that are held stay held: with all of them held the pad rests.

        Args:
            group: its name.
            held: whether to hold it, or let it go.
            place: pad position (x, y) that it is taken from instead of where it is now.
            macros: values of the macros there, instead of those of now.

        Raises:
            SettingError: the model has no such group.
        """
        with self._lock:
            self._controls = self._controls.with_hold(group, held, place, macros)
            self._ask()

    def set_plane(self, plane: Plane | None) -> None:
        """Put another plane behind the pad, such as four pinned loops; None the model's own.

        Another model starts with its own.
        """
        with self._lock:
            self._controls = self._controls.on(plane)
            self._ask()

    @property
    def shaping(self) -> Shaping:
        """The sound shaping that was asked for."""
        return self._shaping

    def set_shaping(self, shaping: Shaping) -> None:
        """Shape the sound of every loop from now on; it stays when the model changes.

        Raises:
            SettingError: it needs a package that is not installed.
        """
        shaping.check_installed()
        with self._lock:
            self._shaping = shaping
            self._ask()

    def expect_shaping(self) -> None:
        """Be told that the sound may soon be shaped: what that takes long to load is loaded now, beside the
        sound."""
        self._worker.expect_shaping()

    def set_chain(self, places: Sequence[tuple[float, float]]) -> None:
        """Play pad positions as a sequence of bars: the first bar of the first, the second of the second…

        Macros and lock act on each; the next `move_to` leaves the chain.

        Args:
            places: up to 16 positions (x, y); held within [-1, 1].

        Raises:
            SettingError: there are none, or too many, or one is no position.
        """
        if not 1 <= len(places) <= MAX_BARS or not all(math.isfinite(v) for place in places for v in place):
            raise SettingError(f"chain has {len(places)} places, expected 1 to {MAX_BARS} positions (x, y)")
        with self._lock:
            self._controls = self._controls.at(*places[0])
            self._chain = tuple((x, y) for x, y in places[1:])
            self._ask()

    def set_bars(self, bars: int | None) -> None:
        """Make the loop 1, 2 or 4 bars long; None for the model's own length, and a bar for each place of a
        chain.

        Raises:
            SettingError: another number.
        """
        if bars is not None and bars not in LOOP_BARS:
            raise SettingError(f"bars is {bars}, expected 1, 2, 4 or none")
        with self._lock:
            self._bars = bars
            self._ask()

    def set_tempo_mode(self, mode: TempoMode) -> None:
        """How loops follow a tempo that is not their own."""
        with self._lock:
            self._mode = mode
            self._ask()

    def _ask(self) -> None:
        """Tell the worker what is wanted now; called with the lock held."""
        self._put_off = self._within > 0
        if self._put_off:
            return
        bars = self._bars or (len(self._chain) + 1 if self._chain else None)
        # While the device is away its rate is 0: it most likely comes back with the one that it had.
        rate = self._sample_rate() or self._worker.made_for_rate or self.metadata.loop.sample_rate
        self._worker.ask(Wanted(self._decoder, self._controls, rate, self._mode,
                                self._transport.bpm, self._transport.next_line(self.metadata.loop, bars),
                                self._shaping, self._chain, self._bars))
