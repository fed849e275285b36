"""The bound and its parts, against closed forms."""

import math

import pytest
import torch
from torch.distributions import Independent, Normal, kl_divergence

from vaesynth_training.losses.elbo import (
    KlSettings,
    free_bits,
    gaussian_log_likelihood,
    importance_weighted_bound,
    optimal_log_deviation,
)
from vaesynth_training.model import Posterior


@pytest.fixture
def posterior() -> Posterior:
    generator = torch.Generator().manual_seed(0)
    return Posterior(torch.randn(5, 3, generator=generator), torch.randn(5, 3, generator=generator))


def test_likelihood_is_that_of_the_normal_distribution() -> None:
    x, mean = torch.randn(4, 2, 7), torch.randn(4, 2, 7)
    expected = Independent(Normal(mean, 0.3), 2).log_prob(x)
    torch.testing.assert_close(gaussian_log_likelihood(x, mean, math.log(0.3)), expected)


def test_kl_is_that_of_the_normal_distributions(posterior: Posterior) -> None:
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    torch.testing.assert_close(posterior.kl(), kl_divergence(q, Normal(0.0, 1.0)))


def test_optimal_deviation_beats_its_neighbours() -> None:
    x, mean = torch.randn(8, 100), torch.zeros(8, 100)
    best = float(optimal_log_deviation(x, mean))
    at = [float(gaussian_log_likelihood(x, mean, best + d).mean()) for d in (-0.05, 0, 0.05)]
    assert at[1] == max(at)


def test_free_bits_charge_nothing_below_their_threshold() -> None:
    kl = torch.tensor([[0.1, 2.0], [0.3, 4.0]], requires_grad=True)
    charged = free_bits(kl, 0.5)
    assert charged.item() == pytest.approx(0.5 + 3.0)
    (gradient,) = torch.autograd.grad(charged, kl)
    torch.testing.assert_close(gradient, torch.tensor([[0.0, 0.5], [0.0, 0.5]]))


def test_beta_warms_up_linearly(posterior: Posterior) -> None:
    settings = KlSettings(beta=2.0, warm_up_steps=10)
    assert [settings.weight(s) for s in (0, 4, 9, 100)] == pytest.approx([0.2, 1.0, 2.0, 2.0])
    charged, kl = settings.term(posterior, 4)
    assert charged.item() == pytest.approx(kl.item())


def test_importance_weighted_bound_of_a_linear_model_reaches_the_evidence() -> None:
    """x = 2z + 0.5ε has the evidence N(0, 4.25) and a Gaussian posterior: with that, one draw is exact
    already.
    """
    torch.manual_seed(0)
    x, noise = torch.tensor([[1.3], [-0.4]]), 0.5
    variance = 1 / (1 + 4 / noise**2)
    q = Posterior(2 * x / noise**2 * variance, torch.full((2, 1), math.log(variance)))
    evidence = Normal(0.0, math.sqrt(4 + noise**2)).log_prob(x)[:, 0]
    z = torch.stack([q.sample() for _ in range(3)])
    torch.testing.assert_close(
        importance_weighted_bound(x, 2 * z, z, q, math.log(noise)), evidence, atol=1e-4, rtol=1e-4
    )
    # A worse posterior: more draws, a tighter bound, never above the evidence on average.
    wide = Posterior(q.mean, q.log_variance + 2)
    draws = torch.stack([wide.sample() for _ in range(64 * 200)]).reshape(200, 64, 2, 1)
    one, many = (
        torch.stack(
            [importance_weighted_bound(x, 2 * d[:k], d[:k], wide, math.log(noise)) for d in draws]
        ).mean(0)
        for k in (1, 64)
    )
    assert (one < many).all()
    assert (many <= evidence + 0.02).all()
