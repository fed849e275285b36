"""A prior of grooves that heeds a critic of what is played."""

import pytest
import torch
from torch import Tensor

from vaesynth_training.models.drums import critic as criticism
from vaesynth_training.models.drums import prior
from vaesynth_training.models.drums.critic import COMPARED, GrooveCritic
from vaesynth_training.models.drums.groove import STEPS, GrooveDecoder, Pattern
from vaesynth_training.models.drums.prior import Flow
from vaesynth_training.models.drums.voices import VOICES

DIM = 17


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small nets and simple grooves may learn faster."""
    monkeypatch.setattr(criticism, "RATE", 1e-3)
    monkeypatch.setattr(prior, "RATE", 5e-3)
    monkeypatch.setattr(prior, "CRITICISM", 50.0)


class Switches(GrooveDecoder):
    """Plays kick and snare on two beats each, or the other two, by the sign of its first latent; between
    them it is unsure, and plays nothing.
    """

    def pattern(self, z: Tensor) -> Pattern:
        logit = torch.full((len(z), len(VOICES), STEPS), -3.0)
        side = 8 * z[:, :1]
        logit[:, 0, [0, 16]] = side - 1
        logit[:, 1, [8, 24]] = -side - 1
        return logit, torch.full_like(logit, 0.8), torch.zeros_like(logit)


def played(items: int) -> Tensor:
    patterns = torch.zeros(items, len(VOICES), STEPS, 3)
    patterns[: items // 2, 0, [0, 16]] = torch.tensor([1.0, 0.8, 0.0])
    patterns[items // 2 :, 1, [8, 24]] = torch.tensor([1.0, 0.8, 0.0])
    return patterns


def test_a_prior_that_heeds_it_draws_fewer_grooves_that_nobody_plays() -> None:
    """Latents at -0.5 and at 0.5, some of them between: there the decoder plays nothing."""
    decoder = Switches(DIM)
    torch.manual_seed(0)
    w = 0.1 * torch.randn(2_000, DIM)
    w[:, 0] += torch.cat([torch.full((1_000,), -0.5), torch.full((1_000,), 0.5)])
    deviation, shares = torch.full_like(w, 0.1), torch.full((2_000,), 1 / 2_000)

    def silent(critic: GrooveCritic | None) -> float:
        torch.manual_seed(1)
        flow = Flow(DIM, layers=2, hidden=16)
        flow.fit(w, deviation, shares, 150, critic)
        with torch.no_grad():
            logit, _, _ = decoder.pattern(flow(torch.randn(2_000, DIM)))
        return float((logit.amax((1, 2)) < 0).float().mean())

    assert silent(GrooveCritic(decoder, played(200), hidden=32)) < 0.8 * silent(None)


def as_told(w: Tensor) -> float:
    """How well a critic tells latents that it has learnt from: log 2 where it cannot."""
    torch.manual_seed(0)
    critic = GrooveCritic(Switches(DIM), played(200), hidden=32)
    losses = [float(critic.loss(w).detach()) for _ in range(200)]
    return sum(losses[100:]) / 100


def test_it_tells_draws_from_what_is_played() -> None:
    """Nothing, or the one groove again and again, where two are played."""
    silent, alike = torch.zeros(2 * COMPARED, DIM), torch.ones(2 * COMPARED, DIM)
    both = alike * torch.tensor([1.0, -1.0]).repeat(COMPARED)[:, None]
    passing = as_told(both)
    assert as_told(silent) > passing + 0.1
    assert as_told(alike) > passing + 0.1


def test_its_gradient_reaches_latents() -> None:
    critic = GrooveCritic(Switches(DIM), played(200), hidden=32)
    w = torch.zeros(COMPARED, DIM, requires_grad=True)
    critic.loss(w).backward()  # type: ignore[no-untyped-call]
    assert w.grad is not None
    assert float(w.grad[:, 0].abs().sum()) > 0
