"""MIDI in, from bytes to the engine: notes, knobs, learning."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from by_hand import ServerByHand
from tones import ToneDecoder

from vaesynth.control.controls import Controls
from vaesynth.control.mapping import Binding, Kind, Knob, Mapping
from vaesynth.control.midi import MidiInput
from vaesynth.control.performer import Performer
from vaesynth.control.settings import ControlSettings, Notes
from vaesynth.engine import Engine


class Rig:
    """An engine by hand and a MIDI input without a port."""

    def __init__(self, folder: Path) -> None:
        self.server = ServerByHand(folder)
        self.engine = Engine(ToneDecoder(), self.server)  # type: ignore[arg-type]
        self.surface = Performer(self.engine)
        self.learnt: list[Binding] = []
        self.midi = MidiInput(self.surface, self.engine.play_slice, self.learnt.append)

    def send(self, *messages: list[int]) -> None:
        for message in messages:
            self.midi.receive(message)

    @property
    def playing(self) -> bool:
        return self.engine.transport.orders.playing


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.engine.close()


def bound(*bindings: Binding) -> Mapping:
    mapping = Mapping()
    for binding in bindings:
        mapping = mapping.bound(binding)
    return mapping


def test_notes_do_nothing_until_they_are_asked_to(rig: Rig) -> None:
    rig.send([0x90, 36, 100])
    assert (rig.playing, rig.midi.heard) == (False, 0)


def test_the_gate_is_open_while_any_note_is_held(rig: Rig) -> None:
    rig.midi.notes = Notes.GATE
    rig.send([0x90, 60, 100], [0x91, 60, 100], [0x80, 60, 0])
    assert rig.playing
    starts = rig.engine.transport.orders.starts
    rig.send([0x90, 64, 1])
    assert rig.engine.transport.orders.starts == starts, "a second note starts nothing anew"
    rig.send([0x91, 60, 0], [0x80, 64, 0])
    assert not rig.playing
    rig.send([0x90, 60, 100], [0xB0, 123, 0])
    assert not rig.playing, "all notes off"
    rig.send([0x90, 60, 100])
    rig.surface.set("panic", 1)
    rig.midi.forget()
    rig.send([0x90, 61, 100])
    assert rig.playing, "a note whose end was lost holds nothing up after a panic"
    rig.send([0x80, 61, 0])
    rig.midi.channel = 2
    rig.send([0x90, 60, 100])
    assert not rig.playing
    rig.send([0x91, 60, 100])
    assert rig.playing


def test_notes_play_slices(rig: Rig) -> None:
    rig.midi.notes, rig.midi.first_note = Notes.SLICES, 48
    rig.engine.move_to(0, 0)
    rig.server.play_until(lambda: rig.engine.status().sounding == 1)
    assert not rig.server.play(4).any()
    rig.send([0x90, 48, 127])
    assert np.abs(rig.server.play(8)).max() == pytest.approx(0.3, abs=0.01)
    rig.server.play(60)
    rig.send([0x90, 47, 127], [0x80, 48, 127], [0x90, 49, 0])
    assert not rig.server.play(4).any()
    rig.send([0x90, 50, 32])
    assert np.abs(rig.server.play(8)).max() == pytest.approx(0.3 * 32 / 127, abs=0.01)
    assert not rig.playing


def test_knobs_move_what_they_are_bound_to(rig: Rig) -> None:
    rig.midi.mapping = bound(
        Binding(Knob(Kind.CC, 1), "x"), Binding(Knob(Kind.CC, 2, 3), "macro/louder"),
        Binding(Knob(Kind.PITCH_BEND), "tempo", 100, 140), Binding(Knob(Kind.CC, 7), "volume"),
        Binding(Knob(Kind.CC, 9), "macro/of another model"))
    rig.send([0xB0, 1, 127], [0xB2, 2, 0], [0xE5, 0, 64], [0xB0, 7, 0])
    assert rig.engine.latent() == pytest.approx([0.5, -0.5])
    orders = rig.engine.transport.orders
    assert (orders.micro_bpm, orders.gain) == (120_000_000, 0)
    rig.send([0xB0, 2, 127])
    assert rig.engine.latent() == pytest.approx([0.5, -0.5]), "another channel"
    assert rig.midi.fault is None
    rig.send([0xB0, 9, 1])
    assert rig.midi.fault == ("parameter is 'macro/of another model', expected one that the instrument has")


def test_a_switch_is_thrown_once_and_a_push_when_it_goes_down(rig: Rig) -> None:
    rig.midi.mapping = bound(Binding(Knob(Kind.CC, 1), "play"), Binding(Knob(Kind.CC, 2), "panic"))
    rig.send([0xB0, 1, 100], [0xB0, 1, 110], [0xB0, 1, 127])
    assert (rig.playing, rig.engine.transport.orders.starts) == (True, 1)
    rig.send([0xB0, 1, 3])
    assert not rig.playing
    rig.send(*[[0xB0, 2, v] for v in (0, 40, 64, 90, 127, 64, 0, 127)])
    assert rig.engine.transport.orders.panics == 2


def test_notes_that_are_bound_do_that_and_nothing_else(rig: Rig) -> None:
    rig.midi.mapping = bound(
        Binding(Knob(Kind.NOTE, 36, 10), "snapshot/3"), Binding(Knob(Kind.NOTE, 37), "freeze"),
        Binding(Knob(Kind.NOTE, 38), "x"), Binding(Knob(Kind.NOTE, 39), "panic"))
    rig.midi.notes = Notes.GATE
    rig.surface.set("morph", 0)
    rig.surface.move_to(0.5, -0.5)
    rig.surface.set("store/3", 1)
    for velocity in (1, 127):
        rig.surface.move_to(0, 0)
        rig.send([0x99, 36, velocity])
        assert rig.engine.latent() == pytest.approx([0.5, -0.5]), "however soft, again without a note off"
        rig.surface.move_to(0, 0)
        rig.send([0x89, 36, 64])
        assert rig.engine.latent() == pytest.approx([0, 0])
    assert not rig.playing
    rig.send([0x90, 36, 100])
    assert rig.playing, "another channel's is the gate's"
    rig.send([0x90, 36, 0])
    rig.send([0x90, 37, 1])
    rig.surface.move_to(1, 1)
    assert rig.engine.latent() == pytest.approx([0, 0]), "a switch is on while the note is held"
    rig.send([0x80, 37, 0])
    assert rig.engine.latent() == pytest.approx([1, 1])
    rig.send([0x90, 38, 127], [0x90, 38, 0])
    assert rig.engine.latent()[0] == 1
    rig.send([0x90, 38, 32], [0x80, 38, 0])
    assert rig.engine.latent()[0] == pytest.approx(-1 + 2 * 32 / 127), "as hard as it was struck, and stays"
    rig.send([0x90, 39, 9], [0x90, 39, 9], [0x80, 39, 0])
    assert rig.engine.transport.orders.panics == 2
    rig.midi.notes, rig.midi.first_note = Notes.SLICES, 37
    played: list[int] = []
    rig.midi._play_slice = lambda number, velocity: played.append(number)
    rig.send([0x90, 37, 100], [0x90, 40, 100])
    assert played == [3]
    rig.surface.move_to(0, 0)
    rig.midi.release()
    assert rig.engine.latent() == pytest.approx([0, 0]), "a switch is let go where the note's end never comes"


def test_a_note_is_learnt_when_it_is_struck(rig: Rig) -> None:
    rig.midi.notes = Notes.GATE
    rig.send([0x99, 36, 100], [0x99, 38, 100])
    rig.midi.learn("snapshot/3")
    rig.send([0x89, 36, 0])
    assert rig.midi.learning == "snapshot/3", "the end of a note is nobody's"
    rig.send([0x99, 38, 1])
    assert rig.learnt == [Binding(Knob(Kind.NOTE, 38, 10), "snapshot/3")]
    assert "snapshot is 3" in str(rig.midi.fault), "it is empty"
    assert rig.playing
    rig.send([0x89, 38, 0])
    assert not rig.playing, "the gate does not wait for a note that it was taken from"
    rig.send([0x99, 38, 1])
    assert not rig.playing


def test_the_next_knob_moved_is_learnt(rig: Rig) -> None:
    rig.midi.learn("tempo")
    rig.send([0x80, 60, 100], [0xB0, 123, 0])
    assert rig.midi.learning == "tempo", "channel messages are no knobs"
    rig.send([0xB4, 21, 0], [0xB4, 22, 127])
    assert rig.learnt == [Binding(Knob(Kind.CC, 21, 5), "tempo")]
    assert rig.midi.learning is None
    assert rig.engine.transport.orders.micro_bpm == 40_000_000
    rig.midi.learn("tempo")
    rig.send([0xE0, 0, 64])
    assert len(rig.midi.mapping.bindings) == 1, "one knob a parameter"
    rig.midi.learn("x")
    rig.midi.learn(None)
    rig.send([0xB4, 30, 64])
    assert len(rig.learnt) == 2


def test_bytes_without_sense_do_no_harm(rig: Rig) -> None:
    rig.midi.notes = Notes.SLICES
    rig.midi.mapping = bound(*[Binding(Knob(Kind.CC, n), name) for n, name in
                               enumerate(list(rig.surface.parameters)[:100])])
    rng = np.random.default_rng(0)
    for _ in range(5_000):
        rig.send(rng.integers(0, 256, int(rng.integers(0, 5))).tolist())
    orders = rig.engine.transport.orders
    assert 40_000_000 <= orders.micro_bpm <= 240_000_000
    assert np.abs(rig.engine.latent()).max() <= 1.5
    rig.server.play(4)


def test_what_was_learnt_is_kept_with_what_is_switched_on(rig: Rig) -> None:
    kept: list[ControlSettings] = []
    controls = Controls(rig.surface, rig.engine, kept.append)
    try:
        assert controls.described() == ""
        controls.apply(ControlSettings(midi_channel=3, notes=Notes.GATE))
        controls.learn("x")
        assert controls.learning == "x"
        controls._midi.receive([0xB2, 5, 0])
        assert kept == [controls.settings]
        assert kept[0].notes is Notes.GATE
        assert [b.parameter for b in kept[0].mapping.bindings] == ["x"]
        assert rig.engine.latent()[0] == -1
    finally:
        controls.close()
