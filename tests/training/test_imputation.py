"""Filling in a missing half, with a model that knows the answer."""

import math

import torch
from torch import Tensor

from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.imputation import imputation
from vaesynth_training.model import Batch, Model, Posterior

LOOP = LoopGeometry(sample_rate=8_000, channels=1, frames=3_200, beats=4, beats_per_bar=4)


class Tones(Model):
    """Decodes a burst in each half of a bar, one as loud as the other, from its level alone."""

    latent_dim = 1

    def __init__(self) -> None:
        super().__init__()
        self.geometry = LOOP
        t = torch.arange(LOOP.frames // 2) / LOOP.sample_rate
        burst = torch.exp(-30 * t)
        first, second = (burst * torch.sin(2 * math.pi * hertz * t) for hertz in (440, 1700))
        self.shape = torch.cat([first, second])[None, None]

    def encode(self, x: Tensor) -> Posterior:
        level = (x * self.shape).sum((1, 2)) / self.shape.square().sum()
        return Posterior(level[:, None], torch.full((len(x), 1), -4.0))

    def decode(self, z: Tensor) -> Tensor:
        return z[:, :, None] * self.shape

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        return {"loss": batch.x.sum()}


def test_a_model_that_knows_both_halves_finds_the_second() -> None:
    model = Tones()
    levels = torch.tensor([[0.3], [0.6]])
    x = model.decode(levels)
    with torch.no_grad():
        figures, imputed = imputation(model, x, torch.rand(5, 1, LOOP.frames) - 0.5, LOOP)
    for way in ("encoded", "searched"):
        assert figures[way]["mr_stft"] < 0.2 < figures["repeated"]["mr_stft"], way
        torch.testing.assert_close(imputed.filled[way][..., :1600], x[..., :1600])
    assert figures["reconstructed"]["mr_stft"] < 1e-3
    assert imputed.known[..., 1600:].abs().max() == 0
    torch.testing.assert_close(imputed.filled["repeated"][..., 1600:], x[..., :1600])


def test_an_item_is_never_its_own_nearest() -> None:
    model = Tones()
    x = model.decode(torch.tensor([[0.3], [0.6]]))
    with torch.no_grad():
        _, imputed = imputation(model, x, x, LOOP)
        alone, _ = imputation(model, x[:1], x[:1], LOOP)
    torch.testing.assert_close(imputed.filled["nearest"][0, :, 1600:], x[1, :, 1600:])
    assert "nearest" not in alone


def test_pictures_lose_their_lower_half() -> None:
    class Grey(Tones):
        def encode(self, x: Tensor) -> Posterior:
            return Posterior(x.mean((1, 2, 3))[:, None], torch.zeros(len(x), 1))

        def decode(self, z: Tensor) -> Tensor:
            return z[:, :, None, None].expand(-1, 3, 9, 6)

    x = torch.rand(3, 3, 9, 6)
    with torch.no_grad():
        figures, imputed = imputation(Grey(), x, torch.rand(4, 3, 9, 6), ImageGeometry(9, 6))
    assert imputed.known[:, :, 5:].abs().max() == 0
    torch.testing.assert_close(imputed.filled["repeated"][:, :, 5], x[:, :, 4])  # a mirror at the cut
    assert all(set(v) == {"psnr"} for v in figures.values() if isinstance(v, dict))
