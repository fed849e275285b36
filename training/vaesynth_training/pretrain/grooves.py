"""The groove half: a VAE of patterns, without audio."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from ..ema import ExponentialMean
from ..model import Posterior
from ..models.drums.critic import GrooveCritic
from ..models.drums.groove import STEPS, GrooveDecoder, GrooveEncoder, pattern_loss
from ..models.drums.prior import Flow
from ..schedule import falling

BATCH = 128
RATE, DRAWS_RATE = 1e-3, 3e-4
CLIP = 5.0

FITTED, PRIOR_STEPS = 16_000, 1_500
"""Patterns whose posteriors a prior is fitted to, for draws to come from, and in how many steps."""

CRITICISM = 15.0
"""What it costs that draws are told from played grooves, in nats a bar."""

Log = Callable[[str], None]
Line = Callable[[], str]


def fit_grooves(
    encoder: GrooveEncoder,
    decoder: GrooveDecoder,
    patterns: Tensor,
    steps: int,
    kl_weight: float,
    log: Log,
) -> None:
    """Train both on patterns, which the encoder gets to see as if they had been heard, not quite rightly.

    Args:
        encoder, decoder: trained in place; they end in evaluation mode, with their weights' running mean.
        patterns: `(items, voices, STEPS, 3)`, see `pattern_of`.
        steps: optimisation steps.
        kl_weight: β; low, since a learnt prior is fitted later.
        log: takes a line of progress now and then.
    """
    both = nn.ModuleList([encoder, decoder])
    optimiser = torch.optim.AdamW(both.parameters(), lr=RATE, weight_decay=1e-4)

    def loss(step: int) -> tuple[Tensor, Line]:
        parts, kl = _copies(encoder, decoder, patterns)
        total = torch.stack(list(parts.values())).sum() + kl_weight * min(1.0, 6 * step / steps) * kl
        return total, lambda: f"{_told(parts)}, KL {float(kl.detach()):.1f} nats a bar"

    _train(both, optimiser, steps, loss, lambda line: log(f"grooves: {line}"))


def fit_draws(
    encoder: GrooveEncoder,
    decoder: GrooveDecoder,
    patterns: Tensor,
    steps: int,
    kl_weight: float,
    log: Log,
) -> None:
    """Go on with both, so that what is drawn from their prior passes for grooves that were played.

    An autoencoder learns nothing of what lies between its posteriors, where draws fall: there it is unsure of
    hits. A prior is learnt along with it, and a critic sees its draws beside played grooves.

    Args: as `fit_grooves`; `patterns` are a few hundred at least.
    """
    both = nn.ModuleList([encoder, decoder]).eval()
    with torch.no_grad():
        mean, log_variance = encoder(patterns[:FITTED])
    flow = Flow(mean.shape[1])
    flow.fit(mean, (0.5 * log_variance).exp(), torch.full((len(mean),), 1 / len(mean)), PRIOR_STEPS)
    critic = GrooveCritic(decoder, patterns)
    learning = [*both.parameters(), *flow.parameters()]
    optimiser = torch.optim.AdamW(learning, lr=DRAWS_RATE, weight_decay=1e-4, betas=(0.9, 0.99))

    def loss(_: int) -> tuple[Tensor, Line]:
        parts, kl = _copies(encoder, decoder, patterns)
        with torch.no_grad():
            known = Posterior(*encoder(_some(patterns))).sample()
        likelihood = flow.negative_log_likelihood(known).mean()
        passing = critic.loss(flow(torch.randn(BATCH, known.shape[1])))
        total = torch.stack(list(parts.values())).sum() + kl_weight * kl + likelihood + CRITICISM * passing
        return total, lambda: f"{_told(parts)}, draws {float(passing.detach()):.2f}"

    _train(both, optimiser, steps, loss, lambda line: log(f"draws: {line}"))


def _train(
    both: nn.ModuleList,
    optimiser: torch.optim.Optimizer,
    steps: int,
    loss: Callable[[int], tuple[Tensor, Line]],
    log: Log,
) -> None:
    """Take steps of what `loss` gives, with a line about it; end with the weights' running mean."""
    both.train()
    mean, (group,) = ExponentialMean(both, 0.998), optimiser.param_groups
    peak = group["lr"]
    for step in range(steps):
        group["lr"] = peak * min(1.0, (step + 1) / 100) * falling(step / steps, 0.01)
        total, told = loss(step)
        optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(group["params"], CLIP)
        optimiser.step()
        mean.update(both)
        if step % 500 == 499:
            log(f"step {step + 1} of {steps}, {told()}")
    both.load_state_dict(mean.state)
    both.eval()


def _copies(
    encoder: GrooveEncoder, decoder: GrooveDecoder, patterns: Tensor
) -> tuple[dict[str, Tensor], Tensor]:
    """Negative log-likelihoods and KL of some patterns, in nats a bar."""
    batch = augmented(_some(patterns))
    posterior = Posterior(*encoder(misheard(batch)))
    return pattern_loss(decoder.pattern(posterior.sample()), batch), posterior.kl().sum(1).mean()


def _some(patterns: Tensor) -> Tensor:
    return patterns[torch.randint(len(patterns), (BATCH,))]


def _told(parts: Mapping[str, Tensor]) -> str:
    return ", ".join(f"{name} {float(value.detach()):.2f}" for name, value in parts.items())


def augmented(patterns: Tensor) -> Tensor:
    """Some patterns with voices of others, quantised, without a voice, or begun at another beat."""
    items, voices = patterns.shape[:2]
    borrowed = (torch.rand(items, 1, 1, 1) < 0.4) & (torch.rand(items, voices, 1, 1) < 0.5)
    patterns = torch.where(borrowed, patterns[torch.randperm(items)], patterns)
    patterns[torch.rand(items) < 0.3, ..., 2] = 0.0
    patterns = patterns * (torch.rand(items, voices, 1, 1) >= 0.06)
    for beats in (1, 2, 3):
        turned = torch.rand(items) < 0.12
        patterns[turned] = patterns[turned].roll(beats * STEPS // 4, 2)
    return patterns


def misheard(patterns: Tensor) -> Tensor:
    """Patterns as a listener writes them down: unsure of hits, of their force and of their time."""
    hit = patterns[..., 0]
    doubt = 0.3 * torch.rand(len(patterns), 1, 1) * torch.rand_like(hit)
    missed = torch.rand_like(hit) < 0.06 * torch.rand(len(patterns), 1, 1)
    sure = torch.where(missed, 0.3 * torch.rand_like(hit), (hit - doubt).abs())
    velocity = (patterns[..., 1] + 0.06 * torch.randn_like(hit)).clamp(0, 1)
    offset = patterns[..., 2] + 0.02 * torch.randn_like(hit)
    # Where nothing was hit, what is written of force and time means nothing.
    velocity = torch.where(hit > 0, velocity, 0.7 * torch.rand_like(hit))
    offset = torch.where(hit > 0, offset, 0.2 * torch.randn_like(hit))
    return torch.stack([sure, sure * velocity, sure * offset], 3)
