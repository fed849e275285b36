"""What is drawn: reproducible, paired, and never across the splits."""

from dataclasses import replace

import numpy as np
import pytest

from vaesynth.errors import DatasetError
from vaesynth_training.render import Groove, Hit, Kit, Plan, Recipe, draw_instance, synth_kits
from vaesynth_training.render.draw import Mixture
from vaesynth_training.render.patterns import GENRES, euclid, program
from vaesynth_training.render.variations import best_grid, quantised, revoiced
from vaesynth_training.render.voices import CLASS_OF_NOTE
from vaesynth_training.voices import HAT_CLOSED, KICK, SNARE

KITS = synth_kits(3)
HELD = "synth_02"


def groove(name: str, split: str, kind: str = "beat") -> Groove:
    """A beat with human timing: every stroke up to 8 ms off the grid."""
    rng = np.random.default_rng(len(name))
    notes = [(i / 8, 42, 0.6) for i in range(8)] + [
        (0.0, 36, 0.9),
        (0.5, 36, 0.8),
        (0.25, 38, 0.9),
        (0.75, 38, 0.9),
    ]
    hits = [Hit.of_note(at + rng.uniform(0, 0.004), note, velocity) for at, note, velocity in notes]
    return Groove(
        f"{name}#0", "human", "rock", kind, split, f"{name}.mid", "CC-BY-4.0", "tests", tuple(sorted(hits))
    )


GROOVES = [
    groove("one", "train"),
    groove("three", "train"),
    groove("fill", "train", "fill"),
    groove("h", "validation"),
]


def plan(seed: int = 0, **changes: object) -> Plan:
    return Plan(KITS, GROOVES, [HELD], replace(Recipe(seed), **changes))


def test_a_quad_is_two_grooves_on_two_kits() -> None:
    items = list(plan().quad("train", 3))
    records = [item.record() for item in items]
    assert [item.index for item in items] == [12, 13, 14, 15]
    assert {record["quad"] for record in records} == {3}
    grooves, kits = [r["groove"] for r in records], [r["kit"] for r in records]
    assert grooves[0] == grooves[1] != grooves[2] == grooves[3]
    assert kits[0] == kits[2] != kits[1] == kits[3]
    assert records[0]["hits"] == records[1]["hits"]


def test_any_quad_is_the_same_whenever_it_is_drawn() -> None:
    alone = [item.render() for item in plan(4).quad("train", 7)]
    whole = plan(4)
    for quad in range(7):
        list(whole.quad("train", quad))
    for one, two in zip(alone, whole.quad("train", 7), strict=True):
        np.testing.assert_array_equal(one, two.render())


def test_another_seed_draws_something_else() -> None:
    ids = {tuple(item.groove.hits for item in plan(seed).quad("train", 0)) for seed in range(6)}
    assert len(ids) > 3


def test_the_splits_share_neither_kits_nor_grooves() -> None:
    for split in ("train", "validation"):
        for quad in range(30):
            for item in plan(styles={"human": 1.0}).quad(split, quad):
                assert item.groove.split == split
                used = {slot.instrument.kit for slot in item.kit.slots.values()}
                assert (HELD in used) == (split == "validation")


def test_the_record_tells_every_hit_and_credits_what_sounds() -> None:
    item = next(iter(plan(styles={"human": 1.0}, revoice={"human": 0.0}).quad("train", 0)))
    record = item.record()
    assert [hit[1] for hit in record["hits"]] == [hit.voice for hit in item.groove.hits]
    assert all(0 <= at < 1 and 0 < velocity <= 1 for at, _, velocity in record["hits"])
    assert record["licence"] == "CC-BY-4.0 AND CC0-1.0"
    assert {credit["kit"] for credit in record["kits"]} <= {kit.name for kit in KITS}


def test_an_unknown_kit_cannot_be_held_out() -> None:
    with pytest.raises(DatasetError, match="nobody"):
        Plan(KITS, GROOVES, ["nobody"], Recipe())


def test_a_split_without_kits_or_beats_is_refused() -> None:
    with pytest.raises(DatasetError, match="no kit"):
        Plan(KITS, GROOVES, [], Recipe()).check("validation")
    with pytest.raises(DatasetError, match="no beat"):
        Plan(KITS, GROOVES[:3], [HELD], Recipe()).check("validation")


def test_real_kits_are_one_kit_and_hybrids_are_several() -> None:
    real = [draw_instance(KITS, (i,), 1.0, Mixture(hybrid=0.0)) for i in range(10)]
    hybrid = [draw_instance(KITS, (i,), 1.0, Mixture(hybrid=1.0)) for i in range(10)]
    assert all(len(instance.kits) == 1 for instance in real)
    assert max(len(instance.kits) for instance in hybrid) > 1


def test_no_instrument_is_layered_beneath_its_own_kit() -> None:
    for seed in range(20):
        layered = draw_instance(KITS, (seed,), 1.0, Mixture(layered=1.0))
        slots = [slot for slot in layered.slots.values() if slot.beneath]
        assert slots
        assert all(slot.beneath.instrument.kit != slot.instrument.kit for slot in slots if slot.beneath)


def test_a_layered_kit_has_another_beneath_every_sound() -> None:
    alone = draw_instance(KITS, (4,), 1.0, Mixture(hybrid=0.0))
    layered = draw_instance(KITS, (4,), 1.0, Mixture(hybrid=0.0, layered=1.0))
    assert layered.bus == alone.bus
    for note in (36, 38, 42):
        beneath = layered.slots[note].beneath
        assert beneath is not None
        other = replace(layered, slots={note: beneath}, _treated={})
        both, one, two = (kit.waveform(note, 0.7) for kit in (layered, alone, other))
        assert both is not None
        assert one is not None
        assert two is not None
        longest = max(len(one), len(two))
        one, two = (np.pad(sound, ((0, longest - len(sound)), (0, 0))) for sound in (one, two))
        np.testing.assert_allclose(both, one + two, atol=1e-6)
        assert np.abs(two).max() > 0.01


def test_what_lies_beneath_is_credited() -> None:
    drawn = (draw_instance(KITS, (i,), 1.0, Mixture(hybrid=0.0, layered=1.0)) for i in range(8))
    layered = next(kit for kit in drawn if len(kit.kits) > 1)
    assert {credit["kit"] for credit in layered.credits()} == set(layered.kits)


def test_every_note_has_a_sound_even_on_a_small_kit() -> None:
    small = Kit("small", {c: KITS[0].instruments[c] for c in ("kick", "snare", "hat_closed")})
    instance = draw_instance([small], (1,), 0.0)
    assert instance.slots.keys() == CLASS_OF_NOTE.keys()
    with pytest.raises(ValueError, match="none of the kits"):
        draw_instance([Kit("snares", {"snare": KITS[0].instruments["snare"]})], (1,))


def test_toms_rise_with_their_notes() -> None:
    instance = draw_instance(KITS[:1], (2,), 1.0)
    low, mid, high = (instance.slots[note].instrument.pitch for note in (43, 45, 48))
    assert low < mid < high


def test_quantising_puts_every_stroke_on_the_grid_and_keeps_the_beat() -> None:
    source = groove("one", "train")
    moved = quantised(source, np.random.default_rng(1), "s")
    assert moved.style == "quantised"
    assert moved.id != source.id
    steps = [hit.position * 16 for hit in moved.hits if round(hit.position * 16) % 2 == 0]
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)
    assert {round(h.position * 4) for h in moved.hits if h.voice == SNARE} == {1, 3}


def test_triplets_are_quantised_to_triplets() -> None:
    assert best_grid(i / 12 for i in range(12)) == 24
    assert best_grid(i / 16 + 0.001 for i in range(16)) == 16


def test_revoicing_changes_voices_but_never_the_kick() -> None:
    source = groove("one", "train")
    changed = revoiced(source, np.random.default_rng(0), 1.0, "s")
    assert changed.id != source.id
    kicks = [[hit for hit in g.hits if hit.voice == KICK] for g in (source, changed)]
    assert kicks[0] == kicks[1]
    assert revoiced(source, np.random.default_rng(0), 0.0, "s") is source


@pytest.mark.parametrize("genre", GENRES)
def test_every_genre_writes_a_valid_and_varied_bar(genre: str) -> None:
    bars = [program(genre, np.random.default_rng(seed)) for seed in range(20)]
    assert len(set(bars)) == 20
    for bar in bars:
        assert len(bar) >= 4
        assert list(bar) == sorted(bar)
        assert all(0 <= hit.position < 1 and 0 < hit.velocity <= 1 for hit in bar)


def test_house_has_four_on_the_floor() -> None:
    for seed in range(5):
        kicks = [hit.position for hit in program("house", np.random.default_rng(seed)) if hit.voice == KICK]
        for beat in (0, 0.25, 0.5, 0.75):
            assert min(abs((kick - beat + 0.5) % 1 - 0.5) for kick in kicks) < 0.01


def test_euclid_spreads_evenly() -> None:
    assert euclid(4) == [0, 4, 8, 12]
    gaps = np.diff([*euclid(5, 3), 16 + euclid(5, 3)[0]])
    assert set(gaps.tolist()) == {3, 4}


def test_hats_of_a_quantised_bar_stay_hats() -> None:
    moved = quantised(groove("one", "train"), np.random.default_rng(2), "s")
    assert sum(hit.voice == HAT_CLOSED for hit in moved.hits) == 8
