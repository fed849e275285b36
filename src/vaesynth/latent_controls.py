"""What a performer does to the latent: pad, macros and locks → z."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .errors import SettingError
from .latent_map import Latent
from .loop import Loop
from .metadata import ModelMetadata
from .plane import Plane


class LoopDecoder(Protocol):
    """What the engine asks of a decoder (`vaesynth.decoder.Decoder` is one)."""

    @property
    def metadata(self) -> ModelMetadata:
        """What it decodes."""

    @property
    def provider(self) -> str:
        """ONNX Runtime's provider really in use."""

    @property
    def notice(self) -> str | None:
        """Why it is another one than was asked for."""

    def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
        """The loop of a latent `(latent_dim,)`; where `stems` is False, without them."""


@dataclass(frozen=True, eq=False)
class LatentControls:
    """The controls of one model at one moment: z = pad(x, y) + Σ value · direction, with groups held fast.

    Attributes:
        metadata: of the model.
        x, y: pad position in [-1, 1].
        macros: name → value, for those that were moved.
        holds: by name, the latent from which each group that is held is taken.
        fixed: a latent that stands in for the pad's until the pad is moved.
        plane: what lies behind the pad where it is not the model's own sheet.
    """

    metadata: ModelMetadata
    x: float = 0.0
    y: float = 0.0
    macros: Mapping[str, float] = field(default_factory=dict)
    holds: Mapping[str, Latent] = field(default_factory=dict)
    fixed: Latent | None = None
    plane: Plane | None = None

    def at(self, x: float, y: float) -> "LatentControls":
        """With the pad elsewhere; positions are held within [-1, 1]."""
        return replace(self, x=min(max(x, -1.0), 1.0), y=min(max(y, -1.0), 1.0), fixed=None)

    def with_latent(self, z: npt.ArrayLike) -> "LatentControls":
        """With a latent `(latent_dim,)` in place of the pad's.

        Raises:
            SettingError: it has another length, or is not finite.
        """
        dim = self.metadata.latent_dim
        try:
            fixed = np.array(z, np.float32)
        except (TypeError, ValueError):
            fixed = np.zeros(0, np.float32)
        if fixed.shape != (dim,) or not np.isfinite(fixed).all():
            got = f"has shape {fixed.shape}" if fixed.shape != (dim,) else "holds NaN or infinity"
            raise SettingError(f"latent {got}, expected {dim} finite numbers for {self.metadata.name}")
        return replace(self, fixed=fixed)

    def with_macro(self, name: str, value: float) -> "LatentControls":
        """With a macro moved; the value is held within its range.

        Raises:
            SettingError: the model has no such macro.
        """
        for macro in self.metadata.values.get("macros", ()):
            if macro["name"] == name:
                held = min(max(value, macro["min"]), macro["max"])
                return replace(self, macros={**self.macros, name: held})
        names = ", ".join(m["name"] for m in self.metadata.values.get("macros", ())) or "none, it has none"
        raise SettingError(f"macro is {name!r}, expected one of {self.metadata.name}'s: {names}")

    def with_lock(self, group: str | None, place: tuple[float, float] | None = None,
                  macros: Mapping[str, float] | None = None) -> "LatentControls":
        """With this group alone held where it is now, or as it is at another pad position and macros; or with
        none.

        Raises:
            SettingError: the model has no such group.
        """
        if group is None:
            return replace(self, holds={})
        there = self
        if place is not None:
            there = replace(self.at(*place), holds={}, macros=self.macros if macros is None else macros)
        return replace(self, holds={self._group(group): there.latent()})

    def with_hold(self, group: str, held: bool, place: tuple[float, float] | None = None,
                  macros: Mapping[str, float] | None = None) -> "LatentControls":
        """With a group held (where it is now, or as it is at another pad position and macros), or let go;
        others stay.

        Raises:
            SettingError: the model has no such group.
        """
        group = self._group(group)
        others = {name: z for name, z in self.holds.items() if name != group}
        if not held:
            return replace(self, holds=others)
        there = self
        if place is not None:
            there = replace(self.at(*place), holds={}, macros=self.macros if macros is None else macros)
        return replace(self, holds={**others, group: there.latent()})

    def _group(self, name: str) -> str:
        if name not in self.metadata.latent_groups:
            names = ", ".join(self.metadata.latent_groups) or "none, it has none"
            raise SettingError(f"lock is {name!r}, expected one of {self.metadata.name}'s groups: {names}")
        return name

    def on(self, plane: Plane | None) -> "LatentControls":
        """With another plane behind the pad, None for the model's own."""
        return replace(self, plane=plane)

    def latent(self) -> Latent:
        """The latent, float32 `(latent_dim,)`."""
        z = (self.plane or self.metadata.pad).point(self.x, self.y) if self.fixed is None else self.fixed
        for macro in self.metadata.values.get("macros", ()):
            value = self.macros.get(macro["name"], macro["default"])
            if value:
                z = z + np.float32(value) * np.asarray(macro["direction"], np.float32)
        z = np.array(z, np.float32)
        for group, held in self.holds.items():
            start, stop = self.metadata.latent_groups[group]
            z[start:stop] = held[start:stop]
        return z
