"""What a variant loses: items through its encoder and decoder, beside the model's own way there and back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from vaesynth import providers
from vaesynth_training.losses.stft import MultiResolutionSTFT
from vaesynth_training.model import Model

from .graph import item_name
from .parity import ParityError

MAX_LOST = {"MR-STFT": 0.02, "PSNR": 0.1}
"""Most that a reconstruction may be worse than the model's own, PSNR in dB: too little to hear or see."""
ITEMS = 8


@dataclass(frozen=True)
class Loss:
    """How well a variant reconstructs, beside the model itself.

    Attributes:
        metric: MR-STFT distance (loops; smaller is better) or PSNR in dB (images; larger is better).
        files: of the reconstruction by the variant's encoder and decoder, mean of the items.
        model: of the reconstruction by the PyTorch model.
    """

    metric: str
    files: float
    model: float

    @property
    def lost(self) -> float:
        """By how much the files are worse."""
        return self.files - self.model if self.metric == "MR-STFT" else self.model - self.files

    def __str__(self) -> str:
        return (
            f"reconstruction {self.metric} {self.files:.4f}, the model's own {self.model:.4f}: "
            f"loses {max(self.lost, 0.0):.4f}, allowed {MAX_LOST[self.metric]:g}"
        )


def measure(pair: Sequence[bytes], model: Model, items: npt.NDArray[np.float32]) -> Loss:
    """The loss of a variant.

    Args:
        pair: the bytes of its decoder and of its encoder.
        model: what they were exported from.
        items: loops `(n, channels, frames)` or images `(n, 3, height, width)`.
    """
    name = item_name(model)
    decoder, encoder = (providers.open_graph(graph, "the exported graph", "cpu") for graph in pair)
    distance = MultiResolutionSTFT(stereo=False)
    scores = []
    for item in items[:ITEMS]:
        x = np.ascontiguousarray(item[None], np.float32)
        (mean,) = encoder.run(["mean"], {name: x})
        (got,) = decoder.run([name], {"z": mean})
        with torch.no_grad():
            want = model.decode(model.encode(torch.from_numpy(x)).mean).numpy()
        if name == "audio":
            truth = torch.from_numpy(x)
            scores.append([float(distance(torch.from_numpy(a), truth)) for a in (got, want)])
        else:
            scores.append([float(-10 * np.log10(np.mean((a - x) ** 2) + 1e-12)) for a in (got, want)])
    files, own = np.mean(scores, 0)
    return Loss("MR-STFT" if name == "audio" else "PSNR", float(files), float(own))


def require(loss: Loss, where: str) -> None:
    """Refuse a variant that reconstructs worse than the model by more than the bound.

    Raises:
        ParityError: tells by how much.
    """
    if not loss.lost <= MAX_LOST[loss.metric]:
        raise ParityError(
            f"{where}: its reconstruction loses {loss.lost:.3f} in {loss.metric} against the model's own "
            f"{loss.model:.3f}, expected at most {MAX_LOST[loss.metric]:g}"
        )
