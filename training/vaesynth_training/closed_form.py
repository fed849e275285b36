"""Models that are solved rather than descended."""

from abc import abstractmethod
from collections.abc import Iterable

from .data import Data
from .model import Batch, Model


class ClosedForm(Model):
    """A model whose weights follow from the data in closed form: `fit` takes the place of the optimiser."""

    @abstractmethod
    def fit(self, data: Data, seed: int) -> None:
        """Find the weights from the training split, which is streamed."""


class FittedStart(Model):
    """A model some of whose weights follow from the data in closed form, before the others are descended."""

    @abstractmethod
    def begin(self, batches: Iterable[Batch]) -> None:
        """Find those weights from one pass over the training split, before the first step of a fresh run."""
