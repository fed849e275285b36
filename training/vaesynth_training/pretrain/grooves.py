"""The groove half: a VAE of patterns, without audio."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..ema import ExponentialMean
from ..model import Posterior
from ..models.drums.groove import STEPS, GrooveDecoder, GrooveEncoder, pattern_loss
from ..schedule import falling

BATCH = 128
RATE = 1e-3


def fit_grooves(
    encoder: GrooveEncoder,
    decoder: GrooveDecoder,
    patterns: Tensor,
    steps: int,
    kl_weight: float,
    log: Callable[[str], None],
) -> None:
    """Train both on patterns, which the encoder gets to see as if they had been heard, not quite rightly.

    Args:
        encoder, decoder: trained in place; they end in evaluation mode, with their weights' running mean.
        patterns: `(items, voices, STEPS, 3)`, see `pattern_of`.
        steps: optimisation steps.
        kl_weight: β; low, since a learnt prior is fitted later.
        log: takes a line of progress now and then.
    """
    both = nn.ModuleList([encoder, decoder]).train()
    optimiser = torch.optim.AdamW(both.parameters(), lr=RATE, weight_decay=1e-4)
    mean = ExponentialMean(both, 0.998)
    for step in range(steps):
        rate = RATE * min(1.0, (step + 1) / 100) * falling(step / steps, 0.01)
        optimiser.param_groups[0]["lr"] = rate
        batch = augmented(patterns[torch.randint(len(patterns), (BATCH,))])
        posterior = Posterior(*encoder(misheard(batch)))
        parts = pattern_loss(decoder.pattern(posterior.sample()), batch)
        kl = posterior.kl().sum(1).mean()
        loss = torch.stack(list(parts.values())).sum() + kl_weight * min(1.0, 6 * step / steps) * kl
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(both.parameters(), 5.0)
        optimiser.step()
        mean.update(both)
        if step % 500 == 499:
            found = ", ".join(f"{name} {float(value.detach()):.2f}" for name, value in parts.items())
            log(f"grooves: step {step + 1} of {steps}, {found}, KL {float(kl.detach()):.1f} nats a bar")
    both.load_state_dict(mean.state)
    both.eval()


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
