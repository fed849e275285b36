"""More bars from few: what else could have been played, or heard, with every hit still known."""

import math

import torch
from torch import Tensor

from ...model import Batch
from .voices import PEAK, SAMPLE_RATE

DEPTH_DB = 2.5
"""Standard deviation of the equaliser's gain."""

WAVES = 5
"""Cosines over the octaves that make its curve; the finest has a period of about two octaves and a half."""


def rotated(batch: Batch, share: float) -> Batch:
    """The batch with a share of its bars, and their hits, starting on another beat."""
    bars, records = [], []
    for bar, record in zip(batch.x, batch.info, strict=True):
        beats = int(torch.randint(1, 4, ())) if float(torch.rand(())) < share else 0
        bars.append(bar.roll(beats * bar.shape[1] // 4, 1))
        hits = [[(place + beats / 4) % 1, *rest] for place, *rest in record.get("hits") or ()]
        records.append({**record, "hits": hits})
    return Batch(torch.stack(bars), records)


def recoloured(batch: Batch, share: float) -> Batch:
    """The batch with a share of its bars without hits through a random equaliser, left and right exchanged.

    Zero-phase and circular, so that hits stay where they are and the loop stays seamless. Bars that bring
    their hits are left alone: they come from many kits already, whose latents may stand beside them.
    """
    some = [i for i, r in enumerate(batch.info) if not r.get("hits") and float(torch.rand(())) < share]
    if not some:
        return batch
    x = batch.x.clone()
    bars = x[some].flip(1)
    gain = equaliser(len(some), bars.shape[2] // 2 + 1).to(x)
    bars = torch.fft.irfft(torch.fft.rfft(bars) * gain[:, None], bars.shape[2])
    x[some] = PEAK * bars / bars.abs().amax((1, 2), keepdim=True).clamp_min(1e-3)
    return Batch(x, batch.info)


def equaliser(count: int, bins: int) -> Tensor:
    """Random smooth gains `(count, bins)` over the bins of a spectrum up to half the sample rate."""
    hertz = torch.linspace(0, SAMPLE_RATE / 2, bins).clamp_min(30.0)
    place = (hertz / 30).log2() / math.log2(SAMPLE_RATE / 60)
    waves = torch.cos(torch.pi * torch.arange(1, WAVES + 1)[:, None] * place)
    decibels = DEPTH_DB * (2 / WAVES) ** 0.5 * torch.randn(count, WAVES) @ waves
    gain: Tensor = 10 ** (decibels / 20)
    return gain
