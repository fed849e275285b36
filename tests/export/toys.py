"""Small models and runs to export, and a synthesiser whose latents a test knows."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training import configuration
from vaesynth_training.configuration import Configuration
from vaesynth_training.model import Batch, Model, Posterior
from vaesynth_training.models import build, settings_class
from vaesynth_training.run import CARD, CONFIG, ITEMS, LATENTS, WEIGHTS, write_json, write_tensors, write_text

LOOP = LoopGeometry(sample_rate=8_000, channels=2, frames=1_600, beats=1, beats_per_bar=4)
IMAGE = ImageGeometry(height=16, width=12)


class ToyLoops(Model):
    """What loop decoders are made of: circular and grouped convolutions, layer and weight norm, GELU,
    a gather, upsampling, constant noise, and a matmul with overlap-add; two stems.
    """

    voices = ("low", "high")

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.geometry, self.latent_dim = LOOP, 6
        self.enc = nn.Linear(2 * LOOP.frames, 12)
        self.inp = nn.utils.parametrizations.weight_norm(nn.Linear(6, 16 * 25))
        self.depthwise, self.norm = nn.Conv1d(16, 16, 7, groups=16), nn.LayerNorm(16)
        self.wide, self.narrow = nn.Linear(16, 32), nn.Linear(32, 16)
        self.head = nn.Conv1d(16, 12, 3, padding=1, padding_mode="circular")
        self.unused = nn.Linear(500, 500)
        self.register_buffer("noise", torch.randn(1, 1, LOOP.frames))
        self.register_buffer("basis", 0.1 * torch.randn(8, 128))
        self.register_buffer("order", torch.randperm(25))

    def encode(self, x: Tensor) -> Posterior:
        level = torch.log10(x.flatten(1).square() + 1e-8)  # the floor must survive the exporter's optimiser
        mean, log_variance = self.enc(level).chunk(2, 1)
        return Posterior(mean, log_variance)

    def decode_stems(self, z: Tensor) -> Tensor:
        h = self.inp(z).view(-1, 16, 25)
        y = self.norm(self.depthwise(F.pad(h, (3, 3), mode="circular")).transpose(1, 2))
        h = h + self.narrow(F.gelu(self.wide(y))).transpose(1, 2)
        h = self.head(h)[:, :, self.order]
        spectrum = torch.cat([h[:, :4].exp() * h[:, 4:8].cos(), h[:, :4].exp() * h[:, 4:8].sin()], 1)
        windows = (spectrum.transpose(1, 2) @ self.basis).view(-1, 25, 2, 64)
        tone = (windows[:, :, 0] + windows[:, :, 1].roll(1, 1)).reshape(-1, 1, LOOP.frames)
        level = F.interpolate(F.softplus(h[:, 8:10]), scale_factor=64.0, mode="linear")
        hiss = 0.02 * level * self.noise
        return 0.4 * torch.tanh(torch.stack([tone.expand(-1, 2, -1), hiss], 1))

    def decode(self, z: Tensor) -> Tensor:
        return self.decode_stems(z).sum(1)

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        raise NotImplementedError


class ToyImages(Model):
    """What image decoders are made of: convolutions, group norm, pixel shuffle, attention, resizing."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.geometry, self.latent_dim = IMAGE, 5
        self.enc = nn.Conv2d(3, 10, 3, stride=4)
        self.inp, self.mix = nn.Linear(5, 8 * 12), nn.Conv2d(8, 16, 3, padding=1)
        self.norm, self.up = nn.GroupNorm(4, 16), nn.ConvTranspose2d(4, 4, 2, stride=2)
        self.out = nn.Conv2d(4, 3, 3, padding=1, padding_mode="reflect")

    def encode(self, x: Tensor) -> Posterior:
        mean, log_variance = self.enc(x).mean((2, 3)).chunk(2, 1)
        return Posterior(mean, log_variance)

    def decode(self, z: Tensor) -> Tensor:
        h = self.inp(z).view(-1, 8, 4, 3)
        tokens = h.flatten(2).transpose(1, 2)[:, None]
        h = h + F.scaled_dot_product_attention(tokens, tokens, tokens)[:, 0].transpose(1, 2).reshape(h.shape)
        h = F.pixel_shuffle(F.silu(self.norm(self.mix(h))), 2)
        h = F.interpolate(self.up(h), scale_factor=1.0)
        return torch.sigmoid(self.out(h))

    def losses(self, batch: Batch, step: int) -> dict[str, Tensor]:
        raise NotImplementedError


def write_run(
    folder: Path, geometry: LoopGeometry | ImageGeometry = LOOP, items: int = 6, **card: Any
) -> Path:
    """A finished run of the small dense network, as training leaves it."""
    output = "tanh" if isinstance(geometry, LoopGeometry) else "sigmoid"
    settings = settings_class("dense")(hidden=(24, 16), latent_dim=4, output=output)
    torch.manual_seed(0)
    model = build("dense", settings, geometry)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1.5)  # an untrained network says little
    write_text(folder / CONFIG, configuration.dump(Configuration("dense", settings, geometry=geometry)))
    write_tensors(folder / WEIGHTS, model.state_dict())
    if items:
        mean, log_variance = torch.randn(items, 4), torch.full((items, 4), -2.0)
        write_tensors(
            folder / LATENTS,
            {
                "train_mean": mean,
                "train_log_variance": log_variance,
                "validation_mean": mean[:0],
                "validation_log_variance": log_variance[:0],
            },
        )
        records = [
            {
                "key": f"{i:06d}",
                "name": f"loop {i}",
                "source": "A. Drummer",
                "licence": "CC-BY-4.0",
                "score": 0.1 * i,
            }
            for i in range(items)
        ]
        write_json(folder / ITEMS, {"train": records, "validation": []})
    write_json(
        folder / CARD,
        {"steps": 7, "minutes": 0.5, "code_version": "0.1.0", "scores": {"train": {"mr_stft": 1.25}}, **card},
    )
    return folder


class Synthesiser:
    """z → drum-like loops `(n, 1, 8000)`; a rotation mixes the controls over all dimensions."""

    def __init__(self, dim: int = 8) -> None:
        self.geometry = LoopGeometry(sample_rate=8_000, channels=1, frames=8_000, beats=4)
        self.dim = dim
        self.rotation = np.linalg.qr(np.random.default_rng(1).standard_normal((dim, dim)))[0]

    def __call__(self, z: np.ndarray) -> np.ndarray:
        t = np.arange(500) / 8_000
        loops = []
        for q in z @ self.rotation:
            off, pitch, decay, ghost = 1 / (1 + np.exp(-1.5 * q[:4]))
            tone = np.exp(-t * (20 + 80 * decay)) * np.sin(2 * np.pi * 100 * 2 ** (3 * pitch) * t)
            levels = np.tile([1.0, ghost * 0.5, off, ghost * 0.5], 4)
            loops.append(0.5 * np.concatenate([level * tone for level in levels]))
        return np.array(loops, np.float32)[:, None]
