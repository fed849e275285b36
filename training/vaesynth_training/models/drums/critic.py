"""A critic of grooves, played or drawn: what maximum likelihood leaves out of a prior.

A flow that is fitted to posteriors by likelihood alone covers what lies between them, too; there the decoder
is unsure of hits, and what it plays is what all grooves have in common. The critic sees patterns as they are
played, not latents, and several at once, so that draws that are all alike give themselves away.
"""

import torch
from torch import Tensor, nn

from ...losses.adversarial import discriminator_loss, generator_loss, gradient_penalty
from .groove import SHARPNESS, STEPS, GrooveDecoder
from .voices import VOICES

RATE = 2e-4
PENALISED = 8
"""One step of so many bears the gradient penalty, for all of them (Karras et al. 2020, section 3.1)."""

COMPARED = 32
"""Grooves that are seen together: batches are a multiple of it."""

BLUR = (0.03, 0.01)
"""Noise on velocities and offsets: played velocities are whole numbers, which must not give them away."""

LATE = 4.0
"""Offsets are seen this much larger, so that timing counts beside hits."""


class GrooveCritic(nn.Module):
    """Tells played grooves from what latents decode to, and learns with every use."""

    def __init__(self, decoder: GrooveDecoder, played: Tensor, hidden: int = 384) -> None:
        """A critic that has learnt nothing yet.

        Args:
            decoder: of the latents that are to be judged; left as it is.
            played: patterns, `(items, voices, STEPS, 3)`, see `pattern_of`.
            hidden: width of the layers.
        """
        super().__init__()
        self.decoder, self.played = decoder, played
        kernels, sizes = COMPARED, 4
        self.features = nn.Sequential(
            nn.Linear(len(VOICES) * STEPS * 3, hidden),
            nn.LeakyReLU(0.2),
            nn.Linear(hidden, hidden),
            nn.LeakyReLU(0.2),
        )
        self.likeness = nn.Linear(hidden, kernels * sizes)
        self.shape = (COMPARED, kernels, sizes)
        self.head = nn.Sequential(
            nn.Linear(hidden + kernels, hidden // 2), nn.LeakyReLU(0.2), nn.Linear(hidden // 2, 1)
        )
        parts = [self.features, self.likeness, self.head]
        weights = [weight for part in parts for weight in part.parameters()]
        self.optimiser = torch.optim.Adam(weights, lr=RATE, betas=(0.5, 0.99))
        self.steps = 0

    def forward(self, seen: Tensor) -> list[Tensor]:
        """Logits `(batch, 1)` of grooves `(batch, voices, STEPS, 3)` as `_drawn` and `_known` give them."""
        x = self.features(seen.flatten(1))
        return [self.head(torch.cat([x, self._alike(x)], 1))]

    def _alike(self, x: Tensor) -> Tensor:
        """How near each is to those beside it: minibatch discrimination (Salimans et al. 2016)."""
        seen = self.likeness(x).reshape(-1, *self.shape)
        apart = (seen[:, :, None] - seen[:, None]).abs().sum(4)
        alike: Tensor = torch.exp(-apart).sum(2).flatten(0, 1)
        return alike

    def loss(self, latents: Tensor) -> Tensor:
        """How well latents `(batch, latent_dim)` are told from played grooves: falls as they pass for these.

        The critic learns from them first. `batch` is a multiple of `COMPARED`.
        """
        self._learn(latents.detach())
        return generator_loss(self(self._drawn(latents)))

    def _learn(self, latents: Tensor) -> None:
        with torch.no_grad():
            drawn = self._drawn(latents)
        known = self._known(len(latents))
        loss = discriminator_loss(self(known), self(drawn))
        if self.steps % PENALISED == 0:
            loss = loss + PENALISED / 2 * gradient_penalty(self, known)
        self.steps += 1
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimiser.step()

    def _drawn(self, latents: Tensor) -> Tensor:
        """What latents play: a hit or none, with the gradient of how loud the decoder plays it."""
        logit, velocity, offset = self.decoder.pattern(latents)
        sounds = torch.sigmoid(SHARPNESS * logit)
        hit = (sounds > 0.5).to(sounds) + sounds - sounds.detach()
        return _seen(hit, velocity, offset)

    def _known(self, count: int) -> Tensor:
        hit, velocity, offset = self.played[torch.randint(len(self.played), (count,))].unbind(3)
        return _seen(hit, velocity, offset)


def _seen(hit: Tensor, velocity: Tensor, offset: Tensor) -> Tensor:
    """A pattern in one tensor; of force and time only where there is a hit."""
    force, time = BLUR
    felt = velocity + force * torch.randn_like(velocity)
    late = offset + time * torch.randn_like(offset)
    return torch.stack([hit, hit * felt, hit * LATE * late], 3)
