"""The rests of a few loops, heard near their own places."""

import pytest
import torch

from vaesynth.geometry import NATIVE_LOOP
from vaesynth_training.model import Batch
from vaesynth_training.models.drums import DrumSettings, DrumVae
from vaesynth_training.models.drums.memory import MOST, Few, Memory


def places(items: int) -> torch.Tensor:
    return torch.randn(items, 8, generator=torch.Generator().manual_seed(0))


def test_a_rest_is_whole_at_its_place_and_fades_away_from_it() -> None:
    memory, z = Memory(8, 2, 50), places(5)
    rests = torch.randn(5, 2, 50, generator=torch.Generator().manual_seed(1))
    memory.learn(z, rests)
    torch.testing.assert_close(memory(z), rests, atol=0.02, rtol=0)
    levels = [float(memory(z[:1] + step * (z[1:2] - z[:1])).square().mean()) for step in (0, 0.1, 0.2, 0.4)]
    assert levels == sorted(levels, reverse=True)
    assert float(memory(z[:1] + 100).abs().max()) < 1e-6


def test_two_loops_that_are_the_same_share_their_rest() -> None:
    memory, z = Memory(8, 2, 50), places(4)
    z[1] = z[0]
    rests = torch.randn(4, 2, 50, generator=torch.Generator().manual_seed(1))
    memory.learn(z, rests)
    torch.testing.assert_close(memory(z[:1])[0], (rests[0] + rests[1]) / 2, atol=0.02, rtol=0)


@pytest.mark.parametrize("items", [0, 1, 3])
def test_state_brings_its_own_number_of_loops(items: int) -> None:
    memory, other, z = Memory(8, 2, 50), Memory(8, 2, 50), places(4)
    other.learn(z, torch.ones(4, 2, 50))
    if items:
        memory.learn(z[:items], torch.ones(items, 2, 50))
    other.load_state_dict(memory.state_dict())
    assert len(other) == items
    torch.testing.assert_close(other(z), memory(z))


def batch(loop: str, bars: int) -> Batch:
    return Batch(torch.rand(bars, 2, 10), [{"file": loop}] * bars)


def test_each_loop_is_kept_once_before_any_is_kept_twice() -> None:
    few = Few(4)
    one, two, three = batch("a", 3), batch("b", 1), batch("c", 2)
    for each in (one, two, three):
        few.add(each)
    wanted = torch.stack([one.x[0], two.x[0], three.x[0], one.x[1]])
    assert torch.equal(torch.cat(few.bars()), wanted)


def test_of_many_loops_none_is_kept() -> None:
    few = Few(4)
    for number in range(5):
        few.add(batch(str(number), 1))
    assert few.bars() == []


def test_a_model_settled_on_a_few_bars_plays_them_as_they_are() -> None:
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP).eval()
    bars = 0.2 * torch.randn(3, 2, NATIVE_LOOP.frames)
    bars *= 0.891 / bars.abs().amax((1, 2), keepdim=True)
    bars[2] = bars[1].roll(30_000, 1)
    assert "rest" not in model.voices
    model.settle([Batch(bars, [{"file": str(i)} for i in range(3)])], [])
    assert model.voices[-1] == "rest"
    assert "groove_decoder" in model.exact
    with torch.no_grad():
        z = model.encode(bars).mean
        audio, stems = model.decode_with_stems(z)
    assert float((audio - bars).square().mean() / bars.square().mean()) < 0.01
    torch.testing.assert_close(stems.sum(1), audio)
    assert audio.abs().max() <= 0.9
    many = [Batch(bars[:1], [{"file": str(i)}]) for i in range(MOST + 1)]
    model.settle(many, [])
    assert "rest" not in model.voices


def test_a_model_settles_on_one_bar() -> None:
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP).eval()
    bar = 0.2 * torch.randn(1, 2, NATIVE_LOOP.frames)
    model.settle([Batch(bar, [{"file": "0"}])], [])
    assert all(torch.isfinite(v).all() for v in model.state_dict().values())
    with torch.no_grad():
        played = model.decode(model.encode(bar).mean)
        assert torch.isfinite(model.decode(torch.randn(2, model.latent_dim))).all()
    assert (played - bar).norm() < 0.05 * bar.norm()
