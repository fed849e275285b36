"""Hits that were written down a little beside their attacks."""

import torch

from vaesynth_training.models.drums.alignment import aligned, rises
from vaesynth_training.models.drums.groove import STEPS
from vaesynth_training.models.drums.place import ROW, ROWS
from vaesynth_training.models.drums.voices import VOICES

FRAMES = ROWS * ROW


def struck(*rows: int) -> torch.Tensor:
    """A bar `(1, 2, FRAMES)` with decaying noise that begins at these rows."""
    generator = torch.Generator().manual_seed(0)
    bar = 1e-4 * torch.randn(FRAMES, generator=generator)
    for row in rows:
        decay = torch.exp(-torch.arange(4_800) / 1_200)
        shot = 0.3 * decay * torch.randn(4_800, generator=generator)
        at = (row * ROW + torch.arange(4_800)) % FRAMES
        bar[at] += shot
    return bar.expand(1, 2, FRAMES)


def written(offset_rows: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    shape = (1, len(VOICES), STEPS)
    return torch.zeros(shape), torch.full(shape, 0.5), torch.full(shape, offset_rows * STEPS / ROWS)


def test_offsets_move_to_the_attack() -> None:
    step, late = 8, 5
    logit, velocity, offset = aligned(struck(step * ROWS // STEPS + late), written(late - 4.0))
    assert (offset[0, :, step] * ROWS / STEPS - late).abs().max() < 1.5
    assert torch.equal(logit, written(0)[0])
    assert torch.equal(velocity, written(0)[1])


def test_where_nothing_rises_offsets_stay() -> None:
    _, _, before = written(1.0)
    _, _, after = aligned(struck(0), (*written(0)[:2], before))
    assert (after - before)[0, :, 4:28].abs().max() < 2e-3


def test_a_hit_on_the_bar_line_finds_its_attack_before_it() -> None:
    _, _, offset = aligned(struck(ROWS - 3), written(0.0))
    assert (offset[0, :, 0] * ROWS / STEPS + 3).abs().max() < 1.5


def test_silence_stays_finite() -> None:
    silence = torch.zeros(1, 2, FRAMES)
    assert torch.isfinite(rises(silence)).all()
    _, _, offset = aligned(silence, written(2.0))
    torch.testing.assert_close(offset, written(2.0)[2], atol=2e-3, rtol=0)
