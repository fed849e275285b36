"""The evidence lower bound of the paper's equation (1), term by term.

    log p(x) ≥ E_q(z|x)[log p(x|z)] - KL(q(z|x) ‖ N(0, I))

`docs/theory.md` maps each line of the derivation to these functions.
"""

import math
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from ..model import Posterior
from ..ranges import require_within


def gaussian_log_likelihood(x: Tensor, mean: Tensor, log_deviation: Tensor | float) -> Tensor:
    """log N(x; mean, exp(log_deviation)² I) in nats, `(batch,)`, summed over all but the first axis.

    Args:
        x, mean: `(batch, …)` of equal shape.
        log_deviation: natural logarithm of the observation noise's standard deviation, a scalar.
    """
    values = x[0].numel()
    log_deviation = torch.as_tensor(log_deviation, dtype=torch.float32, device=x.device)
    error = (x - mean).float().square().flatten(1).sum(1)
    return -0.5 * error * torch.exp(-2 * log_deviation) - values * (
        log_deviation + 0.5 * math.log(2 * math.pi)
    )


def optimal_log_deviation(x: Tensor, mean: Tensor) -> Tensor:
    """The scalar log σ of greatest likelihood for a batch (Rybkin, Daniilidis & Levine 2021, section 3.2)."""
    return 0.5 * torch.log((x - mean).float().square().mean() + 1e-8)


def free_bits(kl: Tensor, nats: float) -> Tensor:
    """KL of each dimension (mean over the batch), but never less than `nats`: what lies below costs nothing.

    Kingma et al. 2016, "Improving variational inference with inverse autoregressive flow", appendix C.8.

    Args:
        kl: `(batch, latent_dim)`.

    Returns:
        Scalar: the sum over dimensions.
    """
    return kl.mean(0).clamp_min(nats).sum()


@dataclass(frozen=True)
class KlSettings:
    """How the KL term enters the objective.

    Attributes:
        beta: its weight once warm (1: the ELBO itself; Higgins et al. 2017 for others).
        warm_up_steps: steps over which the weight rises linearly from 0 (Bowman et al. 2016).
        free_nats: nats of each dimension that cost nothing.
    """

    beta: float = 1.0
    warm_up_steps: int = 0
    free_nats: float = 0.0

    def __post_init__(self) -> None:
        """Raises a ValueError where a setting is out of range."""
        require_within(self, 0, math.inf, "beta", "warm_up_steps", "free_nats")

    def weight(self, step: int) -> float:
        """β at this step."""
        return self.beta * min(1.0, (step + 1) / self.warm_up_steps) if self.warm_up_steps else self.beta

    def term(self, posterior: Posterior, step: int) -> tuple[Tensor, Tensor]:
        """(what the objective adds, the KL itself): scalars in nats an item, means over the batch."""
        kl = posterior.kl()
        charged = free_bits(kl, self.free_nats) if self.free_nats else kl.sum(1).mean()
        return self.weight(step) * charged, kl.sum(1).mean()


def importance_weighted_bound(
    x: Tensor,
    means: Tensor,
    z: Tensor,
    posterior: Posterior,
    log_deviation: float,
) -> Tensor:
    """The bound of Burda, Grosse & Salakhutdinov 2016 (IWAE) in nats, `(batch,)`; one draw: the ELBO.

    Args:
        x: `(batch, …)`.
        means: `(draws, batch, …)`, the decoder's outputs of `z`.
        z: `(draws, batch, latent_dim)`, drawn from `posterior`.
        log_deviation: of the observation noise.
    """

    def log_normal(value: Tensor, mean: Tensor | float, log_variance: Tensor) -> Tensor:
        return -0.5 * (
            (value - mean) ** 2 * torch.exp(-log_variance) + log_variance + math.log(2 * math.pi)
        ).sum(-1)

    likelihood = torch.stack([gaussian_log_likelihood(x, mean, log_deviation) for mean in means])
    weights = (
        likelihood
        + log_normal(z, 0.0, torch.zeros_like(z))
        - log_normal(z, posterior.mean, posterior.log_variance)
    )
    return torch.logsumexp(weights, 0) - math.log(len(z))


Noise = Literal["learnt", "fixed"]
"""Whether σ of the observation noise is fitted to the data or given."""
