"""Does the ONNX graph say what the PyTorch model says? Measured on the file's own bytes with ONNX Runtime."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch

from vaesynth import providers
from vaesynth.errors import VaesynthError
from vaesynth_training.losses.stft import MultiResolutionSTFT
from vaesynth_training.model import Model

from .graph import item_name

TOLERANCE = 1e-4
"""Largest absolute difference allowed between PyTorch and ONNX Runtime in single precision."""
MIN_LATENT_DB = 60.0
"""Signal-to-difference ratio from which an encoder's answer is the same place on the pad all the same: the
logarithm of a loop's quiet bands, and 48 steps of descent to its groove, make more of rounding than
`TOLERANCE`. Models of people's own loops have 77 dB."""
MIN_HALF_DB = 40.0
"""Smallest signal-to-difference ratio allowed where weights are stored in half precision."""
MAX_HALF_SPECTRAL = 0.15
"""A tenth and a half of what separates a loop from its own blurred reconstruction (about 1)."""
SOFT_STEM = 1e-4
"""Share of a loop's energy below which a stem is not compared by itself: 40 dB below all of it."""
RANDOM_POINTS = 32
POSTERIOR_POINTS = 32
_BATCH = 4

Array = npt.NDArray[np.float32]


class ParityError(VaesynthError):
    """The exported graph differs from the model; no file is written."""


@dataclass(frozen=True)
class Difference:
    """How far one output of the graph is from the model's.

    Attributes:
        what: which output on which inputs.
        largest: largest absolute difference.
        ratio_db: energy of the model's output over that of the difference, of the worst item, in dB.
        spectral: multi-resolution STFT distance of the worst item, for loops; of stems that of the worst
            stem of an item.
        latent: it is a latent, and no sound or picture.
    """

    what: str
    largest: float
    ratio_db: float
    spectral: float | None = None
    latent: bool = False

    def __str__(self) -> str:
        heard = "" if self.spectral is None else f", MR-STFT {self.spectral:.3f}"
        return (
            f"{self.what}: largest difference {self.largest:.1e}, "
            f"signal to difference {self.ratio_db:.0f} dB{heard}"
        )

    @property
    def half_is_good(self) -> bool:
        """Whether half-precision weights lose nothing that counts.

        A loop may differ in phase, which the waveform's difference counts in full and the ear not at all.
        """
        same = self.spectral is not None and self.spectral <= MAX_HALF_SPECTRAL
        return same or self.ratio_db >= MIN_HALF_DB


def decoder_points(latent_dim: int, posterior_means: Array | None) -> dict[str, Array]:
    """Latents to compare at: random ones and, where there are any, posteriors of training items."""
    points = {
        "random z": np.random.default_rng(0).standard_normal((RANDOM_POINTS, latent_dim)).astype(np.float32)
    }
    if posterior_means is not None and len(posterior_means):
        rows = np.unique(np.linspace(0, len(posterior_means) - 1, POSTERIOR_POINTS).astype(int))
        points["training posteriors"] = posterior_means[rows]
    return points


def compare_decoder(
    graph: bytes, model: Model, outputs: Sequence[str], points: dict[str, Array]
) -> list[Difference]:
    """Differences of every output of a decoder graph, in batches and one by one."""

    def reference(z: torch.Tensor) -> list[torch.Tensor]:
        return [model.decode_stems(z) if name == "stems" else model.decode(z) for name in outputs]

    return [d for what, z in points.items() for d in _compare(graph, "z", z, outputs, reference, what)]


def compare_encoder(graph: bytes, model: Model, inputs: dict[str, Array]) -> list[Difference]:
    """Differences of mean and log variance of an encoder graph, for items `(n, …)` by name."""

    def reference(x: torch.Tensor) -> list[torch.Tensor]:
        posterior = model.encode(x)
        return [posterior.mean, posterior.log_variance]

    names = ["mean", "log_variance"]
    return [
        replace(d, latent=True)
        for what, x in inputs.items()
        for d in _compare(graph, item_name(model), x, names, reference, what)
    ]


def require(differences: Sequence[Difference], where: str, half: bool) -> None:
    """Refuse a graph that is too far from its model.

    Args:
        differences: what was measured.
        where: the file's name, for the message.
        half: weights are stored in half precision.

    Raises:
        ParityError: names the first output that differs too much.
    """
    for d in differences:
        if half and not d.half_is_good:
            heard = "" if d.spectral is None else f" and MR-STFT {d.spectral:.3f}"
            raise ParityError(
                f"{where}: signal to difference is {d.ratio_db:.1f} dB{heard} in {d.what}, "
                f"expected at least {MIN_HALF_DB:g} dB of half-precision weights, "
                f"or an MR-STFT of a loop of at most {MAX_HALF_SPECTRAL:g}"
            )
        same_place = d.latent and d.ratio_db >= MIN_LATENT_DB
        if not half and not (d.largest <= TOLERANCE or same_place):
            raise ParityError(
                f"{where}: largest difference to PyTorch is {d.largest:.2e} in {d.what}, "
                f"expected at most {TOLERANCE:g}"
            )


def _compare(
    graph: bytes,
    name: str,
    x: Array,
    outputs: Sequence[str],
    reference: Callable[[torch.Tensor], list[torch.Tensor]],
    what: str,
) -> list[Difference]:
    session = providers.open_graph(graph, "the exported graph", "cpu")
    largest = np.zeros(len(outputs))
    worst = np.full(len(outputs), np.inf)
    spectral: list[float | None] = [None] * len(outputs)
    distance = MultiResolutionSTFT(stereo=False)
    for start in range(0, len(x), _BATCH):
        batch = np.ascontiguousarray(x[start : start + _BATCH], np.float32)
        with torch.no_grad():
            expected = [t.numpy() for t in reference(torch.from_numpy(batch))]
        together = session.run(list(outputs), {name: batch})
        # One item alone must come out as it does among others: batch is the graph's only dynamic dimension.
        alone = session.run(list(outputs), {name: batch[:1]})
        for i, want in enumerate(expected):
            if together[i].shape != want.shape:
                raise ParityError(f"{outputs[i]} has shape {together[i].shape}, expected {want.shape}")
            rest = (together[i] - want).reshape(len(want), -1)
            first = (alone[i] - want[:1]).ravel()
            largest[i] = np.fmax(largest[i], max(np.abs(rest).max(), np.abs(first).max()))
            if outputs[i] in ("audio", "stems"):
                heard = _heard(distance, together[i], want)
                spectral[i] = float(np.maximum(spectral[i] or 0.0, heard))
            if not np.isfinite(rest).all():
                largest[i] = np.inf
            energy = (want.reshape(len(want), -1).astype(np.float64) ** 2).sum(1)
            lost = (rest.astype(np.float64) ** 2).sum(1)
            worst[i] = np.minimum(worst[i], (10 * np.log10((energy + 1e-12) / (lost + 1e-12))).min())
    return [
        Difference(f"{output} of {what}", float(largest[i]), float(worst[i]), spectral[i])
        for i, output in enumerate(outputs)
    ]


def _heard(distance: MultiResolutionSTFT, got: Array, want: Array) -> float:
    """Spectral distance of the worst loop, or stem of a loop.

    Args:
        distance: of loops.
        got, want: `(batch, channels, frames)`, or stems `(batch, stems, channels, frames)`.
    """
    if want.ndim == 4:
        energy = np.maximum(*((x.astype(np.float64) ** 2).sum((2, 3)) for x in (got, want)))
        loud = ~(energy < SOFT_STEM * energy.sum(1, keepdims=True))
        got, want = got[loud], want[loud]
    return float(distance.items(torch.from_numpy(got), torch.from_numpy(want)).max())
