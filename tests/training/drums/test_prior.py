"""The learnt prior: invertible, and better than a Gaussian where the posteriors are not one."""

import torch

from vaesynth_training.model import Posterior
from vaesynth_training.models.drums.prior import Flow, GroupPrior


def banana(items: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(items, 4, generator=generator)
    return torch.stack([x[:, 0], 0.3 * x[:, 1] + x[:, 0] ** 2, x[:, 2] + 3, 0.1 * x[:, 3] + x[:, 2]], 1)


def test_a_fresh_prior_changes_nothing() -> None:
    prior, z = GroupPrior((3, 5)), torch.randn(7, 8)
    assert torch.equal(prior.denormalise(z), z)
    posterior = prior.normalise(z, torch.full((7, 8), -2.0))
    assert torch.equal(posterior.mean, z)
    torch.testing.assert_close(posterior.log_variance, torch.full((7, 8), -2.0))


def test_a_fitted_prior_still_inverts() -> None:
    torch.manual_seed(0)
    prior, w = GroupPrior((4,)), banana(800, 0)
    prior.fit([(Posterior(w, torch.full_like(w, -6.0)), torch.ones(800))], steps=100)
    posterior = prior.normalise(w, torch.full_like(w, -6.0))
    torch.testing.assert_close(prior.denormalise(posterior.mean), w, atol=1e-3, rtol=1e-3)


def test_the_prior_draws_what_it_was_fitted_to() -> None:
    torch.manual_seed(0)
    flow = Flow(4, layers=4, hidden=48)
    w = banana(3_000, 1)
    flow.fit(w, torch.full_like(w, 0.02), torch.full((3_000,), 1 / 3_000), steps=600)
    with torch.no_grad():
        drawn = flow(torch.randn(3_000, 4))
    torch.testing.assert_close(drawn.mean(0), w.mean(0), atol=0.15, rtol=0)
    # The bend: x1 goes with x0 squared, which no Gaussian can say.
    bend = torch.corrcoef(torch.stack([drawn[:, 0] ** 2, drawn[:, 1]]))[0, 1]
    assert bend > 0.9


def test_few_items_get_the_affine_map_alone() -> None:
    torch.manual_seed(0)
    flow, w = Flow(4), banana(20, 2)
    flow.fit(w, torch.full_like(w, 0.1), torch.full((20,), 1 / 20), steps=50)
    z, log_determinant = flow.inverse(w)
    assert torch.equal(log_determinant, torch.zeros(20))
    assert z.mean(0).abs().max() < 0.3


def test_the_affine_map_has_the_covariance_of_the_items() -> None:
    flow, w = Flow(4), banana(20, 2)
    shares = torch.rand(20, generator=torch.Generator().manual_seed(0))
    shares = shares / shares.sum()
    flow.whiten(w, shares)
    expected = torch.cov(w.T, aweights=shares) + 1e-4 * torch.eye(4)
    share = 0.2 * 4 / 24
    expected = (1 - share) * expected + share * expected.trace() / 4 * torch.eye(4)
    torch.testing.assert_close(flow.factor.T @ flow.factor, expected)


def test_one_item_is_the_mean_and_hardly_varies() -> None:
    flow, w = Flow(4), banana(1, 2)
    flow.whiten(w, torch.ones(1))
    torch.testing.assert_close(flow.mean, w[0])
    assert torch.equal(flow.inverse(w)[0], torch.zeros(1, 4))
    torch.testing.assert_close(flow.factor.T @ flow.factor, 1e-4 * torch.eye(4))


def test_items_count_by_their_weights_in_each_group() -> None:
    torch.manual_seed(0)
    prior = GroupPrior((4, 4))
    w = torch.cat([banana(900, 3), banana(100, 4) + 10])
    halves = torch.cat([torch.full((900,), 1 / 900), torch.full((100,), 1 / 100)])
    many = torch.cat([torch.ones(900), torch.zeros(100)])
    posterior = Posterior(w, torch.full_like(w, -6.0))
    prior.fit([(posterior, halves), (posterior, many)], steps=300)
    with torch.no_grad():
        drawn = prior.denormalise(torch.randn(2_000, 8))
    assert 0.4 < float((drawn[:, 2] > 8).float().mean()) < 0.6
    assert not (drawn[:, 6] > 8).any()
