"""The groove's latents, fitted to the very pattern: what an encoder's first guess leaves open.

An encoder amortises inference: one pass has to serve all patterns, and misses the best latents of each. A
few steps of gradient descent on the pattern's own likelihood close most of that gap (Kim et al. 2018,
"Semi-Amortized Variational Autoencoders", section 3). They are part of the graph, so the gradient is written
out.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .groove import (
    DEPARTURE,
    FELT_DEVIATION,
    LATENESS,
    OFFSET_DEVIATION,
    SHARPNESS,
    TIMES,
    VELOCITY_DEVIATION,
    GrooveDecoder,
    Pattern,
    parted,
    timing_weight,
)

DESCENT = tuple(0.012 * (1 - step / 48) for step in range(48))
"""Rates of the steps. They fall, and there is no momentum: latents that still swing at the end would make
much of what half precision changes in the encoder."""

STEEP = 1.0
"""Gradient, in nats a unit, beyond which steps hardly grow."""


def refined(decoder: GrooveDecoder, pattern: Tensor, z: Tensor) -> Tensor:
    """Latents `(batch, latent_dim)` that decode to `pattern` more nearly than `z`, from which they start.

    `pattern` is `(batch, voices, STEPS, 3)`, as `GrooveEncoder` takes it. Gradients pass to `z` as if nothing
    had been done.
    """
    with torch.no_grad():
        found, wanted = z, parted(pattern)
        for rate in DESCENT:
            slope = gradient(decoder, wanted, found)
            found = found - rate * slope / (1 + slope.abs() / STEEP)
        moved = found - z
    return z + moved


def gradient(decoder: GrooveDecoder, wanted: Pattern, z: Tensor) -> Tensor:
    """Gradient by `z` of a pattern's negative log-likelihood, `pattern_loss` with its corners rounded.

    `wanted` is the pattern as `parted` gives it.
    """
    layers = [layer for layer in decoder.net if isinstance(layer, nn.Linear)]
    before, x = [], z
    for layer in layers[:-1]:
        before.append(layer(x))
        x = functional.silu(before[-1])
    logit, velocity, offset = decoder.cells(layers[-1](x) + decoder.straight(z), z)
    by_logit, by_velocity, by_offset = _by_cells(wanted, logit, velocity, offset)
    back = torch.stack([by_logit, by_velocity, DEPARTURE * by_offset], 3).flatten(1)
    straight = back @ decoder.straight.weight
    for layer, h in zip(reversed(layers[1:]), reversed(before), strict=True):
        gate = h.sigmoid()
        back = (back @ layer.weight) * gate * (1 + h * (1 - gate))
    on, between = by_offset.sum(1).reshape(-1, TIMES, 2).unbind(2)
    late = LATENESS * (on + (between + between.roll(1, 1)) / 2)
    whole = straight + back @ layers[0].weight
    return torch.cat([whole[:, :TIMES] + late, whole[:, TIMES:]], 1)


def _by_cells(
    wanted: Pattern, logit: Tensor, velocity: Tensor, offset: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """The same by logits of hits, by what the velocities are sigmoids of, and by offsets."""
    hit, played, late = wanted
    sounds = torch.sigmoid(SHARPNESS * logit)
    off = torch.tanh(2 * (sounds * velocity - hit * played) / FELT_DEVIATION) / FELT_DEVIATION
    by_logit = logit.sigmoid() - hit + off * velocity * SHARPNESS * sounds * (1 - sounds)
    by_velocity = hit * (velocity - played) / VELOCITY_DEVIATION**2 + off * sounds
    by_offset = hit * timing_weight(played) * torch.tanh((offset - late) / OFFSET_DEVIATION)
    return by_logit, by_velocity * velocity * (1 - velocity), by_offset
