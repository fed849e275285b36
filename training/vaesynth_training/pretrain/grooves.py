"""The groove half: a VAE of patterns, without audio."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..model import Posterior
from ..models.drums.groove import STEPS, GrooveDecoder, GrooveEncoder, pattern_loss

BATCH = 128


def fit_grooves(
    decoder: GrooveDecoder,
    latent_dim: int,
    patterns: Tensor,
    steps: int,
    kl_weight: float,
    log: Callable[[str], None],
) -> GrooveEncoder:
    """Train the decoder on patterns, with an encoder of patterns that is returned, in evaluation mode.

    Args:
        decoder: trained in place.
        latent_dim: of the groove.
        patterns: `(items, voices, STEPS, 3)`, see `pattern_of`.
        steps: optimisation steps.
        kl_weight: β; low, since a learnt prior is fitted later.
        log: takes a line of progress now and then.
    """
    encoder = GrooveEncoder(latent_dim)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-4)
    encoder.train()
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = 1e-3 * (1 - step / steps) + 1e-5
        batch = augmented(patterns[torch.randint(len(patterns), (BATCH,))])
        posterior = Posterior(*encoder(batch))
        parts = pattern_loss(decoder.pattern(posterior.sample()), batch)
        kl = posterior.kl().sum(1).mean()
        loss = torch.stack(list(parts.values())).sum() + kl_weight * min(1.0, 6 * step / steps) * kl
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimiser.step()
        if step % 500 == 499:
            found = ", ".join(f"{name} {float(value.detach()):.2f}" for name, value in parts.items())
            log(f"grooves: step {step + 1} of {steps}, {found}, KL {float(kl.detach()):.1f} nats a bar")
    return encoder.eval()


def augmented(patterns: Tensor) -> Tensor:
    """Some patterns quantised, some without one of their voices, some begun at another beat."""
    items = len(patterns)
    patterns = patterns.clone()
    patterns[torch.rand(items) < 0.3, ..., 2] = 0.0
    patterns = patterns * (torch.rand(items, patterns.shape[1], 1, 1) >= 0.06)
    turned = torch.rand(items) < 0.15
    patterns[turned] = patterns[turned].roll(STEPS // 4, 2)
    return patterns
