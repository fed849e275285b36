import numpy as np
import pytest
from tones import ToneDecoder

from vaesynth.errors import SettingError
from vaesynth.latent_controls import LatentControls
from vaesynth.plane import pinned


@pytest.fixture
def controls() -> LatentControls:
    return LatentControls(ToneDecoder().metadata)


def test_the_latent_is_the_pad_and_the_macros(controls: LatentControls) -> None:
    moved = controls.at(0.5, -0.25).with_macro("louder", 0.25)
    assert moved.latent() == pytest.approx([0.75, 0.0])
    assert controls.latent() == pytest.approx([0, 0])


def test_positions_and_macros_are_held_within_their_range(controls: LatentControls) -> None:
    assert controls.at(7, -7).latent() == pytest.approx([1, -1])
    assert controls.with_macro("louder", 9).latent() == pytest.approx([0.5, 0.5])


def test_a_locked_group_stays_while_the_pad_moves_the_other(controls: LatentControls) -> None:
    locked = controls.at(0.5, 0.5).with_lock("left").at(-1, -1)
    assert locked.latent() == pytest.approx([0.5, -1])
    assert locked.with_lock("right").latent() == pytest.approx([-1, -1])
    assert locked.with_lock(None).latent() == pytest.approx([-1, -1])


def test_changing_the_lock_does_not_move_the_sound(controls: LatentControls) -> None:
    before = controls.at(0.3, 0.6)
    assert np.array_equal(before.with_lock("left").latent(), before.latent())


def test_a_group_can_be_taken_from_another_place(controls: LatentControls) -> None:
    locked = controls.at(0.5, 0.5).with_lock("left", (-0.25, 0.75))
    assert locked.latent() == pytest.approx([-0.25, 0.5])
    assert locked.with_lock("left", (0.0, 0.0)).latent() == pytest.approx([0.0, 0.5])


def test_groups_are_held_side_by_side(controls: LatentControls) -> None:
    both = controls.at(0.5, 0.25).with_hold("left", True).with_hold("right", True, (-1, -0.75))
    assert both.at(0, 0).latent() == pytest.approx([0.5, -0.75])
    one = both.at(0, 0).with_hold("left", False)
    assert one.latent() == pytest.approx([0, -0.75])
    assert one.with_lock("left").holds.keys() == {"left"}
    other = both.with_macro("louder", 0.25).with_hold("left", True, (-0.5, 0), {"louder": -0.25})
    assert other.latent() == pytest.approx([-0.75, -0.75])
    with pytest.raises(SettingError, match="lock is 'kit'"):
        controls.with_hold("kit", False)


def test_another_plane_lies_behind_the_pad_and_locks_stay(controls: LatentControls) -> None:
    corners = [np.array([v, 2 * v], np.float32) for v in (0, 1, 2, 3)]
    moved = controls.with_lock("left", (0.5, 0.0)).on(pinned(corners)).at(1, 1)
    assert moved.latent() == pytest.approx([0.5, 6])
    assert moved.on(None).latent() == pytest.approx([0.5, 1])


def test_unknown_names_are_refused(controls: LatentControls) -> None:
    with pytest.raises(SettingError, match="macro is 'dirt', expected one of tones's: louder"):
        controls.with_macro("dirt", 0)
    with pytest.raises(SettingError, match="lock is 'kit', expected one of tones's groups: left, right"):
        controls.with_lock("kit")
