"""What the prior of the drum model is fitted to."""

from typing import Any

import pytest
import torch

from vaesynth_training.model import Posterior
from vaesynth_training.models.drums import settling
from vaesynth_training.models.drums.voices import KIT_DIM, VOICES

HITS = [[0.0, 0, 0.9], [0.25, 1, 0.8]]
KIT = [[float(i)] * voice.latent_dim for i, voice in enumerate(VOICES)]


def heard(items: int, dim: int) -> Posterior:
    return Posterior(
        torch.full((items, dim), 9.0), torch.tensor([-2.0, -1.0, -1.0])[:items, None].expand(-1, dim)
    )


def read(patterns: torch.Tensor) -> Posterior:
    """The number of hits as a latent."""
    hits = patterns[..., 0].sum((1, 2))[:, None]
    return Posterior(hits, torch.zeros_like(hits))


def test_few_known_grooves_are_half_of_it_and_other_bars_as_heard_are_the_rest() -> None:
    records: list[dict[str, Any]] = [{"hits": HITS}, {}, {}, {"hits": HITS[:1]}]
    posterior, weights = settling.grooves(settling.played(records), heard(3, 1), records[:3], read)
    assert posterior.mean[:, 0].tolist() == [2, 1, 9, 9]
    assert posterior.log_variance[:, 0].tolist() == [0, 0, -1, -1]
    assert weights.tolist() == [0.5] * 4


def test_enough_known_grooves_are_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "ENOUGH", 3)
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    records = [{"hits": HITS}, {}, {"hits": HITS[:1]}, {"hits": HITS}]
    posterior, weights = settling.grooves(settling.played(records), heard(2, 1), records[:2], read)
    assert posterior.mean[:, 0].tolist() == [2, 1, 2]
    assert weights.unique().numel() == 1


def test_nothing_known_is_all_as_heard() -> None:
    posterior, weights = settling.grooves(settling.played([{}, {}]), heard(2, 1), [{}, {}], read)
    assert posterior.mean[:, 0].tolist() == [9, 9]
    assert weights.tolist() == [0.5, 0.5]


def test_kits_are_half_known_ones_with_the_mean_variance_of_heard_ones() -> None:
    lacking = [*KIT[:-1], None]
    records: list[dict[str, Any]] = [{"kit_latents": KIT}, {"kit_latents": lacking}, {}]
    posterior, weights = settling.kits(records, heard(3, KIT_DIM))
    assert posterior.mean[0].tolist() == [value for voice in KIT for value in voice]
    variances = torch.tensor([-2.0, -1.0, -1.0]).exp()
    torch.testing.assert_close(posterior.log_variance[0].exp(), variances.mean().expand(KIT_DIM))
    assert (posterior.mean[1:] == 9).all(), "a kit without a voice is not known"
    torch.testing.assert_close(weights, torch.tensor([1.0, 1 / 3, 1 / 3, 1 / 3]))
