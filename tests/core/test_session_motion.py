from vaesynth.session import MAX_PATH_POINTS, Snapshot
from vaesynth.session.motion import Morph, PathRecording, blend, ease, position_at


def test_blend_meets_its_ends_and_defaults() -> None:
    a, b = Snapshot(0, 0, {"Room": 2.0}), Snapshot(1, -1, {"Dirt": 4.0})
    assert blend(a, b, 0, {}) == a
    assert blend(a, b, 1, {}) == b
    assert blend(a, b, 0.5, {"Room": 1.0}) == Snapshot(0.5, -0.5, {"Room": 1.5, "Dirt": 2.0})
    assert [ease(t) for t in (-1, 0, 0.5, 1, 2)] == [0, 0, 0.5, 1, 1]


def test_groups_go_from_where_one_holds_them_to_where_the_other_does() -> None:
    free, kit = Snapshot(0, 0, {"Room": 2.0}), Snapshot(1, 1, holds={"kit": Snapshot(-1, 0, {"Room": 1.0})})
    groove = Snapshot(0.5, 0.5, holds={"groove": Snapshot(-0.5, 1)})
    for a, b in ((free, kit), (kit, free)):
        half = blend(a, b, 0.5, {})
        assert half == Snapshot(0.5, 0.5, {"Room": 1.0}, {"kit": Snapshot(-0.5, 0, {"Room": 1.5})})
    half = blend(kit, groove, 0.5, {})
    assert half.holds == {"kit": Snapshot(-0.25, 0.25, {"Room": 0.5}), "groove": Snapshot(0.25, 1)}
    assert list(half.holds) == ["kit", "groove"]


def test_path_repeats_and_holds_its_end() -> None:
    path = ((0.0, -1.0, 0.0), (1.0, 1.0, 0.5))
    assert position_at(path, 2, 0.5) == (0, 0.25)
    assert position_at(path, 2, 1.5) == (1, 0.5)
    assert position_at(path, 2, 2.5) == (0, 0.25)


def test_a_morph_begins_and_ends_at_its_places() -> None:
    a, b = Snapshot(0, 0), Snapshot(1, -1, {"Dirt": 4.0})
    morph = Morph(a, b, 2.0)
    assert morph.place({}) == a
    morph.gone = 1.0
    assert morph.place({}) == Snapshot(0.5, -0.5, {"Dirt": 2.0})
    morph.gone = 2.5
    assert (morph.place({}), morph.ended) == (b, True)


def test_a_path_is_kept_in_whole_beats_and_bounded() -> None:
    recording = PathRecording()
    for n in range(23):
        recording.note(0.1 if n else 0.0, n / 40, 0.0)
    path, beats = recording.path()
    assert beats == 2
    assert path[0] == (0, 0, 0)
    assert path[-1][0] < 2
    still = PathRecording()
    for _ in range(MAX_PATH_POINTS + 9):
        still.note(0.001, 0.5, 0.5)
    assert still.path() is None, "the pad did not move"
