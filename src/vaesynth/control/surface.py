"""What can be played from outside: the engine by itself, or a window that shows what is played."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from .parameters import Parameter


class Surface(Protocol):
    """Where notes, knobs and messages end. Each call returns at once; any thread may call it.

    All raise a `SettingError`, and change nothing, where a name or a value is of no use; numbers out of range
    are held within it.
    """

    @property
    def parameters(self) -> Mapping[str, Parameter]:
        """All that can be set now."""

    def set(self, name: str, value: float) -> None:
        """Set a parameter."""

    def move_to(self, x: float, y: float) -> None:
        """Move the pad."""

    def move_group(self, group: str, x: float, y: float) -> None:
        """Take one latent group (by its slug) from a pad position of its own, until it is unlocked."""

    def chain(self, places: Sequence[tuple[float, float]]) -> None:
        """Play positions of the pad as a sequence of bars, until the pad moves."""

    def play_slice(self, number: int, velocity: float = 1.0) -> None:
        """Play a slice (from 0) of the loop that sounds, 0 to 1 hard."""

    def set_latent(self, z: Sequence[float]) -> None:
        """Play an exact latent."""
