"""Models that are solved rather than descended."""

from abc import abstractmethod

from .data import Data
from .model import Model


class ClosedForm(Model):
    """A model whose weights follow from the data in closed form: `fit` takes the place of the optimiser."""

    @abstractmethod
    def fit(self, data: Data, seed: int) -> None:
        """Find the weights from the training split, which is streamed."""
