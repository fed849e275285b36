"""State without widgets: undo, motion."""

import numpy as np
import pytest
from fakes import metadata
from PyQt6.QtTest import QTest

from vaesynth.latent_controls import LatentControls
from vaesynth.metadata import ModelMetadata
from vaesynth.session import OwnLoop, Session, Snapshot
from vaesynth.session.motion import position_at
from vaesynth.session.planes import plane_of
from vaesynth_gui.state.history import LIMIT, History
from vaesynth_gui.state.instrument import Instrument
from vaesynth_gui.state.motion import Motion
from vaesynth_gui.state.trail import SECONDS, Trail


def test_steps_of_one_gesture_are_undone_together() -> None:
    history = History()
    for before in (0, 1, 2):
        history.record({"n": before}, {"n": before + 1}, "drag")
    history.close("drag")
    history.record({"n": 3}, {"n": 4}, "drag")
    assert history.undo({"n": 4}) == {"n": 3}
    assert history.undo({"n": 3}) == {"n": 0}
    assert history.undo({"n": 0}) is None
    assert history.redo({"n": 0}) == {"n": 3}
    assert history.redo({"n": 3}) == {"n": 4}


def test_a_new_step_forgets_what_was_undone() -> None:
    history = History()
    history.record({"n": 0}, {"n": 1})
    history.undo({"n": 1})
    history.record({"n": 0}, {"n": 1})
    assert not history.can_redo


def test_history_is_bounded() -> None:
    history = History()
    for i in range(2 * LIMIT):
        history.record({"n": i}, {"n": i + 1})
    steps = []
    while (parts := history.undo({"n": 0})) is not None:
        steps.append(parts["n"])
    assert steps == list(reversed(range(LIMIT, 2 * LIMIT)))


def test_a_gesture_whose_beginning_is_forgotten_begins_anew() -> None:
    history = History()
    history.record({"old": 0}, {"old": 1}, "drag")
    for i in range(LIMIT):
        history.record({"n": i}, {"n": i + 1})
    history.record({"old": 1}, {"old": 2}, "drag")
    assert history.undo({"old": 2}) == {"old": 1}


def test_two_movements_at_once_are_two_steps(qapp) -> None:
    instrument = Instrument()
    instrument.store_snapshot(1)
    before = instrument.session
    for n in range(1, 2 * LIMIT):
        instrument.move_to(n / (2 * LIMIT), 0)
        instrument.set_macro("Room", n / LIMIT)
        instrument.set_macro("Dirt", -n / LIMIT)
    after = instrument.session
    instrument.undo()
    assert instrument.session.macros == {"Room": after.macros["Room"]}, "the other macro stays"
    instrument.undo()
    instrument.undo()
    assert instrument.session == before
    for _ in range(3):
        instrument.redo()
    assert instrument.session == after
    for _ in range(4):
        instrument.undo()
    assert not instrument.session.snapshots, "old work is still there to undo"


def test_a_gesture_that_no_hand_ends_ends_by_a_pause(qapp) -> None:
    instrument = Instrument()

    def move(value: float, pause_ms: int = 20) -> None:
        with instrument.unheld(pause_ms):
            instrument.set_macro("Room", value)
    for value in (0.1, 0.2):
        move(value)
    QTest.qWait(60)
    move(0.3)
    instrument.set_macro("Room", 0.4)
    QTest.qWait(60)  # a hand has come: it tells the end
    instrument.set_macro("Room", 0.5)
    instrument.finish_gesture("macro Room")
    move(0.6, 60_000)
    instrument.finish_gesture("macro Room")
    move(0.7)
    steps = []
    while instrument.can_undo:
        instrument.undo()
        steps.append(instrument.session.macros.get("Room"))
    assert steps == [0.6, 0.5, 0.2, None]


def test_undo_leaves_the_tempo_that_others_lead(qapp) -> None:
    instrument = Instrument()
    instrument.shape(None, drive=6.0)
    instrument.lead(141.0, True)
    instrument.shape(None, reverb=0.5)
    instrument.lead(142.0, True)
    for _ in range(2):
        instrument.undo()
    assert instrument.session == Session(bpm=142.0, playing=True)
    instrument.redo()
    assert (instrument.session.bpm, instrument.session.shaping.drive) == (142.0, 6.0)


def test_undo_of_something_else_leaves_the_puck_where_the_path_left_it(qapp) -> None:
    path = ((0.0, -1.0, 0.0), (4.0, 1.0, 0.0))
    instrument = Instrument(Session(path=path, path_beats=4, path_playing=True))
    motion = Motion(instrument)
    instrument.shape("drive", drive=3.0)
    motion.advance(0.5)
    instrument.set_path_playing(False)
    there = instrument.session
    assert there.x != 0
    instrument.undo()
    assert (instrument.session.x, instrument.session.shaping.drive) == (there.x, 0.0)
    instrument.redo()
    assert instrument.session == there


def test_undo_brings_back_everything_but_whether_it_plays(qapp) -> None:
    instrument = Instrument()
    instrument.set_tempo(90)
    instrument.finish_gesture()
    instrument.set_playing(True)
    instrument.set_macro("Room", 1.0)
    instrument.store_snapshot(1)
    for _ in range(3):
        instrument.undo()
    assert instrument.session == Session(playing=True)
    for _ in range(3):
        instrument.redo()
    assert instrument.session.bpm == 90
    assert instrument.session.snapshots[1] == Snapshot(0, 0, {"Room": 1.0})


def test_another_model_drops_macros_and_locks_that_it_lacks(qapp) -> None:
    instrument = Instrument(Session(macros={"Room": 1.0, "Old": 2.0}, lock="cymbals"))
    instrument.describe(metadata(), "a.onnx")
    assert instrument.session.macros == {"Room": 1.0}
    assert instrument.session.lock is None


def test_positions_and_settings_stay_in_range(qapp) -> None:
    instrument = Instrument()
    instrument.move_to(3, -9)
    instrument.set_tempo(1000)
    instrument.set_volume(-99)
    session = instrument.session
    assert (session.x, session.y, session.bpm, session.volume) == (1, -1, 240, -60)
    instrument.edit(None, mutation=0.5)
    for _ in range(50):
        assert all(-1 <= v <= 1 for v in instrument.mutated_position())


def test_trail_fades() -> None:
    trail = Trail()
    trail.add(0, 0, 10)
    trail.add(1, 1, 10 + SECONDS / 2)
    assert [round(f, 2) for _, _, f in trail.points(10 + SECONDS / 2)] == [0.5, 1.0]
    trail.fade(10 + 1.2 * SECONDS)
    assert len(trail) == 1


def test_the_trail_of_a_puck_that_never_rests_stays_short() -> None:
    trail = Trail()
    for i in range(6000):
        trail.add(i, 0, 10 + i / 60)
        assert len(trail) <= 60 * SECONDS + 1


def test_recording_keeps_time_in_beats(qapp) -> None:
    instrument = Instrument(Session(bpm=60))
    motion = Motion(instrument)
    motion.toggle_recording()
    for i in range(1, 21):
        instrument.move_to(i / 40, 0)
        motion.advance(0.1)
    motion.toggle_recording()
    session = instrument.session
    assert session.path_beats == 2
    assert position_at(session.path, 2, 1.0)[0] == pytest.approx(0.25, abs=0.03)
    motion.advance(0.5)
    assert instrument.session.x == pytest.approx(0.125, abs=0.03)
    assert session.path_playing


def test_a_path_keeps_to_the_transport_through_tempo_changes_and_stalls(qapp) -> None:
    path = ((0.0, -1.0, 0.0), (4.0, 1.0, 0.0))
    instrument = Instrument(Session(path=path, path_beats=4, path_playing=True))
    motion, random = Motion(instrument), np.random.default_rng(0)
    position = 37.0
    motion.hear(position)
    for n in range(1000):
        position += 9.0 if n % 100 == 50 else float(random.uniform(0, 0.1))
        motion.hear(position)
        if random.random() < 0.7:
            motion.advance(0.016)
    motion.advance(0.016)
    assert instrument.session.x == pytest.approx(-1 + (position - 37.0) % 4 / 2, abs=1e-6)
    motion.hear(0.0)  # from the top
    motion.advance(0.016)
    assert instrument.session.x == pytest.approx(-1 + (position - 37.0) % 4 / 2, abs=1e-6)
    motion.hear(None)
    motion.advance(0.25)  # it stands: the time that passes counts
    assert instrument.session.x == pytest.approx(-1 + (position - 37.0 + 0.5) % 4 / 2, abs=1e-6)


def test_hand_on_the_pad_suspends_the_path(qapp) -> None:
    instrument = Instrument(Session(path=((0.0, -1.0, 0.0), (1.0, 1.0, 0.0)), path_beats=1,
                                    path_playing=True))
    motion = Motion(instrument)
    motion.hold(True)
    motion.advance(0.2)
    assert instrument.session.x == 0
    motion.hold(False)
    motion.advance(0.125)
    assert instrument.session.x == pytest.approx(-0.5)


def test_a_still_recording_is_no_path(qapp) -> None:
    instrument = Instrument()
    motion = Motion(instrument)
    motion.toggle_recording()
    motion.advance(1.0)
    motion.toggle_recording()
    assert instrument.session.path == ()
    assert not instrument.can_undo


def test_two_groups_have_two_pucks_that_change_places(qapp) -> None:
    instrument = Instrument()
    instrument.move_to(0.5, 0.5)
    instrument.set_lock("groove")
    instrument.move_to(-0.5, 0.0)
    assert instrument.session.held == Snapshot(0.5, 0.5)
    instrument.set_lock("kit")
    session = instrument.session
    assert (session.x, session.y, session.held) == (0.5, 0.5, Snapshot(-0.5, 0.0))
    instrument.move_held(3, 0.25)
    assert instrument.session.held == Snapshot(1, 0.25)
    instrument.set_lock(None)
    assert instrument.session.held is None
    assert instrument.session.x == 0.5


def test_two_groups_on_their_way_are_a_group_that_is_held_and_a_puck(qapp) -> None:
    model = metadata()
    instrument = Instrument()
    motion = Motion(instrument)
    instrument.describe(model, "a.onnx")
    kit = Snapshot(1, 1, {"Room": 1.0}, {"kit": Snapshot(-1, 0)})
    groove = Snapshot(0.5, 0.5, {}, {"groove": Snapshot(-0.5, 1, {"Dirt": 2.0})})
    instrument.go_to(kit, None)
    assert instrument.session.place == kit
    before = latent(instrument)
    motion.go_to(groove, 1.0)
    motion.advance(1e-6)
    assert latent(instrument) == pytest.approx(before, abs=1e-3), "no leap where it begins"
    motion.advance(0.25)
    half, ends = latent(instrument), before
    motion.advance(0.25 - 2e-6)
    assert latent(instrument) == pytest.approx(latent_of(groove, model), abs=1e-3), "nor where it ends"
    motion.advance(0.25)
    assert instrument.session.place == groove
    assert half == pytest.approx((np.array(ends) + latent(instrument)) / 2, abs=1e-3)


def latent(instrument: Instrument) -> list[float]:
    """What the engine plays."""
    return latent_of(instrument.session.place, instrument.metadata)


def latent_of(place: Snapshot, model: ModelMetadata) -> list[float]:
    controls = LatentControls(model, place.x, place.y, place.macros)
    for group, held in place.holds.items():
        controls = controls.with_lock(group, (held.x, held.y), held.macros)
    return [float(v) for v in controls.latent()]


def test_whoever_changes_what_is_held_ends_a_morph(qapp) -> None:
    instrument = Instrument()
    motion = Motion(instrument)
    motion.go_to(Snapshot(1, 1), 4.0)
    motion.advance(0.5)
    instrument.set_lock("kit")
    held = instrument.session.held
    motion.advance(0.5)
    assert not motion.morphing
    instrument.move_held(0.5, 0.5)
    instrument.finish_gesture("move held")
    motion.go_to(Snapshot(1, 1), 4.0)
    for x in (0.25, 0.75):
        instrument.move_held(x, 0.0)
        motion.advance(0.5)
    instrument.undo()
    assert instrument.session.held == Snapshot(0.5, 0.5), "the drag is one step yet"
    instrument.undo()
    assert (instrument.session.lock, instrument.session.held) == ("kit", held)


def test_a_morph_and_a_hand_on_a_knob_are_two_steps(qapp) -> None:
    instrument = Instrument()
    motion = Motion(instrument)
    for n in range(1, 9):
        if n in (1, 5):
            motion.go_to(Snapshot(n / 5, 0), 2.0)
        instrument.set_volume(-6.0 - n)
        motion.advance(0.25)
    instrument.undo()
    assert (instrument.session.x, instrument.session.volume) == (0.2, -14.0), "the second morph"
    instrument.undo()
    assert (instrument.session.x, instrument.session.volume) == (0.0, -14.0), "the first"
    instrument.undo()
    assert instrument.session == Session()
    assert not instrument.can_undo


def test_a_place_of_another_model_brings_what_this_one_has(qapp) -> None:
    instrument = Instrument()
    instrument.describe(metadata(), "a.onnx")
    away = Snapshot(0.25, 0.5, {"Room": 1.0, "Old": 2.0}, {"cymbals": Snapshot(0, 0)})
    instrument.edit(None, snapshots={1: away})
    Motion(instrument).go_to(away, 0.0)
    assert instrument.session.place == Snapshot(0.25, 0.5, {"Room": 1.0})
    assert instrument.session.snapshots == {1: away}


def test_pinned_corners_make_the_plane(qapp) -> None:
    model = metadata()
    instrument = Instrument()
    instrument.describe(model, "a.onnx")
    assert plane_of(instrument.session, model) is None
    instrument.pin(3, "mine", (4.0, 3.0, 2.0, 1.0))
    plane = plane_of(instrument.session, model)
    assert plane.point(1, 1).tolist() == [4, 3, 2, 1]
    assert plane.point(-1, -1).tolist() == model.pad.point(-1, -1).tolist()
    instrument.undo()
    assert plane_of(instrument.session, model) is None


def test_own_loops_are_played_exactly_and_leave_with_the_model(qapp) -> None:
    model = metadata()
    instrument = Instrument()
    instrument.describe(model, "a.onnx")
    instrument.add_own_loops([OwnLoop("mine", 0.25, 0.5, (1.0, 2.0, 3.0, 4.0)), OwnLoop("old", 0, 0)])
    assert plane_of(instrument.session, model).point(0.25, 0.5) == pytest.approx([1, 2, 3, 4])
    instrument.pin(0, "mine", (1.0, 2.0, 3.0, 4.0))
    instrument.describe(model, "b.onnx")
    assert not instrument.session.own_loops
    assert not instrument.session.corners
