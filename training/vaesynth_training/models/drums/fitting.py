"""A kit out of a loop: one set of envelopes for all its bars, fitted by gradient descent.

The latents of a kit say what kits are like that were learnt from; envelopes say any. What is played is as the
encoder writes it down; how loud each hit is, is fitted along.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from ...losses.stft import FFT_SIZES, side_distance
from .alignment import aligned
from .groove import hits_of
from .model import DrumVae, levelled
from .place import SILENT, mixed, placed

RATE, LOUDNESS_RATE = 0.06, 0.03
"""Of the descent on envelopes, and on the logarithms of the hits' amplitudes."""

WARM_UP = 10
WIDTH_WEIGHT = 0.3
RESOLUTIONS = 2
"""STFT sizes compared in a step, drawn anew each time."""

WINDOW = 960
"""Frames (20 ms) over which the level of a tail is measured."""


@dataclass(frozen=True, eq=False)
class FittedKit:
    """What was found in a loop.

    Attributes:
        shots: one-shots, for each voice `(channels, frames)`.
        hits: how often each voice is played in the bars that were looked at.
        share: share of their energy that is each voice's.
        before, after: multi-resolution STFT distance of the bars on the kit that was heard, and on this one.
    """

    shots: list[Tensor]
    hits: list[int]
    share: list[float]
    before: float
    after: float


def fit_kit(model: DrumVae, bars: Tensor, steps: int = 160) -> FittedKit:
    """The kit that the bars of one loop, `(bars, 2, 96000)`, are most nearly played on.

    Each step hears one bar, drawn by torch's generator. The model's weights stay as they are.
    """
    with torch.no_grad():
        heard = model.encoder(bars)
        logit, velocity, offset = aligned(bars, heard.written)
        amplitude, place = hits_of((logit, velocity.clamp_min(0.05), offset))
        amplitude = amplitude * (logit > 0)
        start = model.kit_decoder.envelopes(heard.kit.mean(0, keepdim=True))
    envelopes = [[nn.Parameter(part.clone()) for part in voice] for voice in start]
    loudness = nn.Parameter(torch.zeros_like(amplitude))
    parts = [part for voice in envelopes for part in voice]
    fitted = [*parts, loudness]
    optimiser = torch.optim.Adam(
        [{"params": parts, "lr": RATE}, {"params": [loudness], "lr": LOUDNESS_RATE}], betas=(0.9, 0.97)
    )
    rates = [group["lr"] for group in optimiser.param_groups]

    def kit() -> list[Tensor]:
        return model.kit_decoder.sound(envelopes)

    def stems() -> list[Tensor]:
        with torch.no_grad():
            shots = [shot.expand(len(bars), -1, -1) for shot in kit()]
            return placed(amplitude * loudness.exp(), place, shots)

    def distance(played: list[Tensor]) -> float:
        return float(model.distance.items(levelled(played)[1], bars).mean())

    before = distance(stems())
    for step in range(steps):
        for group, rate in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / WARM_UP) * (1 - step / steps)
        one = torch.randint(len(bars), (1,))
        bar = levelled([mixed(amplitude[one] * loudness[one].exp(), place[one], kit())])[1]
        sizes = [FFT_SIZES[int(i)] for i in torch.randperm(len(FFT_SIZES))[:RESOLUTIONS]]
        loss = model.distance.items(bar, bars[one], sizes).mean()
        loss = loss + WIDTH_WEIGHT * side_distance(bar, bars[one])
        for part, slope in zip(fitted, torch.autograd.grad(loss, fitted), strict=True):
            part.grad = slope
        nn.utils.clip_grad_norm_(fitted, 1.0)
        optimiser.step()
    ended = stems()
    power = torch.stack([stem.square().mean() for stem in ended])
    with torch.no_grad():
        shots = [falling(shot[0]) for shot in kit()]
    played = (amplitude > SILENT).sum((0, 2)).tolist()
    share = (power / power.sum().clamp_min(1e-12)).tolist()
    return FittedKit(shots, played, share, before, distance(ended))


def falling(shot: Tensor) -> Tensor:
    """`(channels, frames)` with a tail that never grows louder: what does is another sound of the loop."""
    frames = shot.shape[1]
    windows = -(-frames // WINDOW)
    level = (
        nn.functional.pad(shot.abs().amax(0), (0, windows * WINDOW - frames)).reshape(windows, WINDOW).amax(1)
    )
    peak = int(level.argmax())
    gain = torch.ones(windows)
    gain[peak:] = level[peak:].cummin(0).values / level[peak:].clamp_min(1e-9)
    # Gains hold in the middles of windows, straight lines between.
    middles = nn.functional.interpolate(gain[None, None], size=windows * WINDOW, mode="linear")[0, 0]
    return shot * middles[:frames]
