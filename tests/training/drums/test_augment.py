"""Bars made of bars while training."""

import torch

from vaesynth.geometry import NATIVE_LOOP
from vaesynth_training.model import Batch
from vaesynth_training.models.drums.augment import equaliser, recoloured, rotated
from vaesynth_training.models.drums.voices import PEAK

FRAMES = NATIVE_LOOP.frames


def test_a_bar_that_starts_on_another_beat_takes_its_hits_along() -> None:
    torch.manual_seed(0)
    bar = torch.zeros(1, 2, FRAMES)
    bar[..., 0] = 1
    moved = rotated(Batch(bar, [{"hits": [[0.0, 0, 1.0]]}]), 1.0)
    ((place, voice, velocity),) = moved.info[0]["hits"]
    assert place in (0.25, 0.5, 0.75)
    assert (voice, velocity) == (0, 1.0)
    assert moved.x[0, 0].argmax() == round(place * FRAMES)


def test_another_colour_leaves_hits_where_they_are_and_the_level_at_its_peak() -> None:
    torch.manual_seed(0)
    bar = torch.zeros(1, 2, FRAMES)
    bar[0, 0, 30_000] = PEAK
    batch = recoloured(Batch(bar.repeat(8, 1, 1), [{}] * 8), 1.0)
    assert torch.equal(batch.x.abs().amax(2).argmax(1), torch.ones(8, dtype=torch.long))  # left is right now
    assert torch.equal(batch.x[:, 1].argmax(1), torch.full((8,), 30_000))
    torch.testing.assert_close(batch.x.abs().amax((1, 2)), torch.full((8,), PEAK))
    assert not torch.allclose(batch.x[0], batch.x[1], atol=1e-3)


def test_bars_that_bring_their_hits_keep_their_colour() -> None:
    batch = Batch(torch.randn(2, 2, FRAMES), [{"hits": [[0.0, 0, 1.0]]}, {}])
    coloured = recoloured(batch, 1.0)
    assert torch.equal(coloured.x[0], batch.x[0])
    assert not torch.equal(coloured.x[1], batch.x[1])
    assert recoloured(batch, 0.0) is batch


def test_equalisers_are_smooth_and_of_a_few_decibels() -> None:
    torch.manual_seed(0)
    decibels = 20 * equaliser(400, 4_801).log10()
    assert 2 < float(decibels.std()) < 3
    hertz = torch.linspace(0, 24_000, 4_801)
    octaves = (decibels[:, hertz >= 1_000][:, 0] - decibels[:, hertz >= 2_000][:, 0]).std()
    assert float(octaves) < 3
