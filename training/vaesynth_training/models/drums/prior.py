"""A learnt prior folded into the model: invertible maps from N(0, I) to where the posteriors really lie."""

import copy
import math
from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from ...model import Posterior
from ...schedule import falling

RATE = 1e-3

STRETCH = 0.5
"""Most that a coupling stretches, as a natural logarithm: with 1.5, draws lie farther from real bars."""


CRITICISED, CRITICISM = 128, 5.0
"""Draws in a step that a critic sees, and how much its loss counts beside the likelihood, in nats."""


class Critic(Protocol):
    """Tells draws from what they should be like."""

    def loss(self, latents: Tensor) -> Tensor:
        """Falls as draws `(CRITICISED, dim)`, which it passes gradients to, are taken for the real thing."""
        ...


class Coupling(nn.Module):
    """Affine coupling (RealNVP, Dinh et al. 2017, section 3.2) between two halves of a vector."""

    mask: Tensor

    def __init__(self, dim: int, mask: Tensor, hidden: int) -> None:
        super().__init__()
        self.register_buffer("mask", mask)
        self.net = nn.Sequential(
            nn.Linear(dim, hidden),
            nn.SiLU(),
            nn.Linear(hidden, hidden),
            nn.SiLU(),
            nn.Linear(hidden, 2 * dim),
        )
        self.reset()

    def reset(self) -> None:
        """Back to the identity."""
        last = self.net[-1]
        assert isinstance(last, nn.Linear)
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def scale_shift(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Log-scale and shift for the free half, from the fixed half."""
        scale, shift = self.net(x * self.mask).chunk(2, 1)
        free = 1 - self.mask
        return STRETCH * torch.tanh(scale / STRETCH) * free, shift * free

    def forward(self, z: Tensor) -> Tensor:
        """Prior side to posterior side."""
        scale, shift = self.scale_shift(z)
        return z * scale.exp() + shift

    def inverse(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior side to prior side, and the log-determinant `(batch,)`."""
        scale, shift = self.scale_shift(w)
        return (w - shift) * (-scale).exp(), -scale.sum(1)


class Flow(nn.Module):
    """z ~ N(0, I) ↔ w: an affine map and couplings; the identity until it is fitted."""

    mean: Tensor
    factor: Tensor
    inverse_factor: Tensor

    def __init__(self, dim: int, layers: int = 6, hidden: int = 96) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("factor", torch.eye(dim))
        self.register_buffer("inverse_factor", torch.eye(dim))
        generator = torch.Generator().manual_seed(dim)
        masks = []
        for _ in range(layers // 2):
            half = torch.zeros(dim)
            half[torch.randperm(dim, generator=generator)[: dim // 2]] = 1
            masks += [half, 1 - half]
        self.couplings = nn.ModuleList(Coupling(dim, m, hidden) for m in masks)

    def forward(self, z: Tensor) -> Tensor:
        """w of z, both `(batch, dim)`."""
        for coupling in self.couplings:
            z = coupling(z)
        return z @ self.factor + self.mean

    def inverse(self, w: Tensor) -> tuple[Tensor, Tensor]:
        """z of w, and log |dz/dw| without the constant of the affine map."""
        z = (w - self.mean) @ self.inverse_factor
        total = torch.zeros(len(w), device=w.device)
        for coupling in reversed(self.couplings):
            assert isinstance(coupling, Coupling)
            z, log_determinant = coupling.inverse(z)
            total = total + log_determinant
        return z, total

    def inverse_moments(self, mean: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """z of the mean, and the variances through the affine map and the couplings' scales at the mean.

        What the couplings' shifts would pass from one latent's variance to another's is left out.
        """
        z = (mean - self.mean) @ self.inverse_factor
        variance = variance @ self.inverse_factor.square()
        for coupling in reversed(self.couplings):
            assert isinstance(coupling, Coupling)
            scale, shift = coupling.scale_shift(z)
            z, variance = (z - shift) * (-scale).exp(), variance * (-2 * scale).exp()
        return z, variance

    @torch.no_grad()
    def whiten(self, w: Tensor, shares: Tensor) -> None:
        """Set the affine map to the mean and covariance of `w` `(items, dim)`, by `shares` `(items,)`.

        The fewer items, the more the covariance is drawn to its mean variance (Ledoit and Wolf 2004): what a
        handful leaves out would be blown up without bounds on the way back. One item varies in nothing.
        """
        items, dim = w.shape
        apart = w - shares @ w
        covariance = (shares[:, None] * apart).T @ apart / (1 - shares.square().sum()).clamp_min(1e-6)
        covariance = covariance + 1e-4 * torch.eye(dim)
        share = 0.2 * dim / (items + dim)
        covariance = (1 - share) * covariance + share * covariance.trace() / dim * torch.eye(dim)
        values, vectors = torch.linalg.eigh(covariance)
        self.mean.copy_(shares @ w)
        self.factor.copy_(values.sqrt()[:, None] * vectors.T)
        self.inverse_factor.copy_(vectors / values.sqrt())

    def fit(
        self, mean: Tensor, deviation: Tensor, shares: Tensor, steps: int, critic: Critic | None = None
    ) -> None:
        """See `GroupPrior.fit`; `shares` sum to 1."""
        for coupling in self.couplings:
            assert isinstance(coupling, Coupling)
            coupling.reset()
        order = torch.randperm(len(mean), generator=torch.Generator().manual_seed(0))
        held, kept = order[: len(order) // 8], order[len(order) // 8 :]
        self.whiten(mean + deviation * torch.randn_like(mean), shares)
        if len(held) < 16:
            return
        with torch.enable_grad():
            optimiser = torch.optim.AdamW(self.parameters(), lr=RATE, weight_decay=1e-3)
            best, state = math.inf, copy.deepcopy(self.state_dict())
            for step in range(steps):
                optimiser.param_groups[0]["lr"] = RATE * falling(step / steps, 0.02)
                pick = kept[torch.multinomial(shares[kept], 256, replacement=True)]
                noise = torch.randn(256, mean.shape[1])
                loss = self.negative_log_likelihood(mean[pick] + deviation[pick] * noise).mean()
                optimiser.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
                optimiser.step()
                if step % 50 == 49:
                    noise = torch.randn(mean[held].shape, generator=torch.Generator().manual_seed(1))
                    with torch.no_grad():
                        nats = self.negative_log_likelihood(mean[held] + deviation[held] * noise)
                    score = float(shares[held] @ nats)
                    if score < best:
                        best, state = score, copy.deepcopy(self.state_dict())
            self.load_state_dict(state)
            if critic is not None:
                self._heed(critic, mean[kept], deviation[kept], shares[kept], steps)

    def _heed(self, critic: Critic, mean: Tensor, deviation: Tensor, shares: Tensor, steps: int) -> None:
        """Go on with the fit, with a critic of draws beside the likelihood."""
        optimiser = torch.optim.AdamW(self.parameters(), lr=RATE, weight_decay=1e-3, betas=(0.9, 0.99))
        for step in range(steps):
            optimiser.param_groups[0]["lr"] = RATE * min(1.0, (step + 1) / 100) * falling(step / steps, 0.02)
            pick = torch.multinomial(shares, CRITICISED, replacement=True)
            noise, z = torch.randn(2, CRITICISED, mean.shape[1])
            nats = self.negative_log_likelihood(mean[pick] + deviation[pick] * noise).mean()
            loss = nats + CRITICISM * critic.loss(self(z))
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(self.parameters(), 2.0)
            optimiser.step()

    def negative_log_likelihood(self, w: Tensor) -> Tensor:
        """Of each item of `w` under the flow, in nats `(items,)`, up to the affine map's constant."""
        z, log_determinant = self.inverse(w)
        return 0.5 * z.square().sum(1) - log_determinant


class GroupPrior(nn.Module):
    """One flow for each latent group, so that groups stay independent under the prior and can be exchanged.

    Args:
        sizes: latent dimensions of the groups, in their order.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = list(sizes)
        self.flows = nn.ModuleList(Flow(n) for n in sizes)

    def denormalise(self, z: Tensor) -> Tensor:
        """From the exported latents (prior N(0, I)) to the network's own."""
        parts = torch.split(z, self.sizes, 1)
        return torch.cat([flow(part) for flow, part in zip(self.flows, parts, strict=True)], 1)

    def normalise(self, mean: Tensor, log_variance: Tensor) -> Posterior:
        """Posterior in the exported space: the mean exactly, the deviations by the map's slope there."""
        means, variances = [], []
        parts = torch.split(mean, self.sizes, 1), torch.split(log_variance, self.sizes, 1)
        for flow, m, v in zip(self.flows, *parts, strict=True):
            assert isinstance(flow, Flow)
            z, variance = flow.inverse_moments(m, v.exp())
            means.append(z)
            variances.append(variance.clamp_min(1e-6).log())
        return Posterior(torch.cat(means, 1), torch.cat(variances, 1))

    def fit(
        self,
        groups: Sequence[tuple[Posterior, Tensor]],
        steps: int = 1_500,
        critics: Sequence[Critic | None] | None = None,
    ) -> None:
        """Fit each flow to samples of the posteriors by maximum likelihood, until held-out items agree best.

        Where a group has a critic, as many steps more heed it, too.

        Args:
            groups: for each group, posteriors in the network's own latents, and how much each counts
                `(items,)`.
            steps: at most; with few items the affine map alone is kept.
            critics: of each group's draws; None: none.
        """
        critics = critics or [None] * len(groups)
        for flow, (posterior, weights), critic in zip(self.flows, groups, critics, strict=True):
            assert isinstance(flow, Flow)
            deviation = (0.5 * posterior.log_variance).exp()
            flow.fit(posterior.mean, deviation, weights / weights.sum(), steps, critic)
