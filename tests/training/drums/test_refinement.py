"""Latents of a groove, fitted to its pattern by descent."""

import torch

from vaesynth_training.models.drums.groove import (
    STEPS,
    GrooveDecoder,
    GrooveEncoder,
    parted,
    pattern_loss,
    pattern_of,
)
from vaesynth_training.models.drums.refinement import gradient, refined

BARS = [
    [(0.0, 0, 1.0), (0.26, 1, 0.8), (0.5, 0, 0.7), (0.74, 1, 0.9), (0.125, 3, 0.5)],
    [(0.03, 0, 0.9), (0.33, 4, 0.6), (0.5, 1, 0.7), (0.98, 7, 0.4)],
]


def losses(decoder: GrooveDecoder, pattern: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    return torch.stack(
        [sum(pattern_loss(decoder.pattern(z[i : i + 1]), pattern[i : i + 1]).values()) for i in range(len(z))]  # type: ignore[misc]
    )


def begun() -> tuple[GrooveDecoder, torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    pattern = torch.stack([pattern_of(bar) for bar in BARS])
    encoder, decoder = GrooveEncoder(20).eval(), GrooveDecoder(20, hidden=32)
    return decoder, pattern, encoder(pattern)[0]


def test_the_gradient_written_out_is_that_of_the_likelihood() -> None:
    decoder, pattern, z = begun()
    z = z.detach().requires_grad_(True)
    (wanted,) = torch.autograd.grad(losses(decoder, pattern, z).sum(), z)
    with torch.no_grad():
        found = gradient(decoder, parted(pattern), z)
    # Not the same: where the likelihood has corners, this one is round.
    assert torch.cosine_similarity(found, wanted, 1).min() > 0.95
    assert 0.8 < float(found.norm() / wanted.norm()) < 1.05


def test_refined_latents_are_likelier() -> None:
    decoder, pattern, z = begun()
    with torch.no_grad():
        before, after = (losses(decoder, pattern, w) for w in (z, refined(decoder, pattern, z)))
    assert (after < before - 10).all(), "nats"


def test_gradients_pass_to_the_guess() -> None:
    decoder, pattern, z = begun()
    z = z.detach().requires_grad_(True)
    weight = torch.randn(z.shape)
    (found,) = torch.autograd.grad((refined(decoder, pattern, z) * weight).sum(), z)
    torch.testing.assert_close(found, weight)


def test_wild_latents_stay_finite() -> None:
    decoder, pattern, z = begun()
    with torch.no_grad():
        assert torch.isfinite(refined(decoder, pattern, 50 * torch.randn_like(z))).all()
        assert torch.isfinite(refined(decoder, torch.zeros(2, 8, STEPS, 3), z)).all()
