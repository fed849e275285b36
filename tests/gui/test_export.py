"""Loop, stems and variations as files: chosen by hand, bar-exact, tempo in the name."""

import numpy as np
import pytest
import soundfile
import stem_model
from fakes import RATE, drum_loop
from PyQt6.QtCore import Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QFileDialog, QMenu
from rig import Bench

from vaesynth.decoder import Decoder
from vaesynth.errors import ModelError
from vaesynth.exports import (
    Timing,
    latent_at,
    played,
    played_stems,
    sounding_strokes,
    write_midi,
    write_stems,
    write_variations,
)
from vaesynth.loop import Loop
from vaesynth.session import Session
from vaesynth.shaping import NEUTRAL, Shaping
from vaesynth.tempo import TempoMode

LEFT = Qt.MouseButton.LeftButton
SLICES = TempoMode.SLICES


def with_stems() -> Loop:
    low, high = drum_loop(-1, -1).audio * 0.5, drum_loop(1, 1).audio * 0.5
    return Loop(low + high, RATE, 4, stems=np.stack([low, high]))


@pytest.fixture
def exporting(bench: Bench) -> Bench:
    """The window on a model that can be decoded, though its sound is a double's."""
    stem_model.write_stem_model(bench.model)
    bench.show()
    bench.instrument.set_tempo(100)
    return bench


def pick(bench: Bench, text: str) -> None:
    QTest.mouseClick(bench.window.panel.export, LEFT)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    action = next(a for a in menu.actions() if a.text().startswith(text))
    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())


def choose_folder(bench: Bench, folder) -> None:
    dialog = bench.window.findChild(QFileDialog)
    dialog.setDirectory(str(folder))
    dialog.accept()


def test_the_loop_is_as_long_as_its_bars_at_the_session_tempo() -> None:
    loop = drum_loop(0, 0)
    assert played(loop, Timing(120, 50, SLICES)) is loop
    for bpm in (97.3, 128.0, 174.0):
        out = played(loop, Timing(bpm, 50, SLICES))
        assert out.frames == round(60 * 4 * RATE / bpm)
        assert np.abs(out.audio).max() > 0.3


def test_swing_moves_the_second_sixteenth() -> None:
    audio = np.zeros((24_000, 2), np.float32)
    audio[1_500:1_600] = np.linspace(0.9, 0, 100, dtype=np.float32)[:, None]  # on the second sixteenth
    out = played(Loop(audio, RATE, 4), Timing(120, 66, SLICES))
    first = int(np.flatnonzero(np.abs(out.audio[:, 0]) > 0.2)[0])
    assert first == pytest.approx(3_000 * 0.66, abs=20)


def test_stems_add_up_to_the_loop_at_any_tempo() -> None:
    loop = with_stems()
    for timing in (Timing(120, 50, SLICES), Timing(101, 50, SLICES), Timing(120, 60, SLICES)):
        total = sum(stem.audio for stem in played_stems(loop, timing))
        assert np.abs(total - played(loop, timing).audio).max() < 2e-3
    with pytest.raises(ModelError, match="no stems"):
        played_stems(drum_loop(0, 0), Timing(120, 50, SLICES))


def test_stems_are_written_into_the_folder_that_was_chosen(exporting: Bench, tmp_path) -> None:
    pick(exporting, "Stems")
    choose_folder(exporting, tmp_path)
    exporting.wait(lambda: "Wrote 2 files" in exporting.window.line.text)
    files = sorted(tmp_path.glob("*.wav"))
    assert [f.name for f in files] == ["two-stems_100bpm_x+0.00_y+0.00_hat-closed.wav",
                                       "two-stems_100bpm_x+0.00_y+0.00_kick.wav"]
    for file in files:
        audio, rate = soundfile.read(file)
        assert len(audio) == round(60 * 4 * rate / 100)
        assert np.abs(audio).max() > 0.1


def test_variations_are_counted_spread_and_written(exporting: Bench, tmp_path) -> None:
    exporting.instrument.move_to(0.25, -0.25)
    pick(exporting, "Variations")
    dialog = exporting.window.exporting.variations
    assert QTest.qWaitForWindowExposed(dialog)
    dialog.count.selectAll()
    QTest.keyClicks(dialog.count, "3")
    QTest.mouseClick(dialog.spread, LEFT, pos=dialog.spread.place_of(0.4).toPoint())
    QTest.mouseClick(dialog.go, LEFT)
    choose_folder(exporting, tmp_path)
    exporting.wait(lambda: "Wrote 3 files" in exporting.window.line.text)
    names = sorted(f.name for f in tmp_path.glob("*.wav"))
    assert "two-stems_100bpm_x+0.25_y-0.25_01.wav" in names
    assert len({n.split("_x")[1][:14] for n in names}) == 3, "each from a place of its own"
    assert exporting.window.exporting.variations is None


def test_a_folder_that_cannot_be_written_is_a_message(exporting: Bench) -> None:
    exporting.window.exporting.write_variations(exporting.model / "below a file", 2, 0.1)
    exporting.wait(lambda: "cannot be made" in exporting.window.banner.message)


def test_the_loop_is_asked_for_by_key(exporting: Bench, tmp_path) -> None:
    exporting.wait(lambda: exporting.window.panel.loop.loop is not None)
    exporting.key(Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = exporting.window.findChild(QFileDialog)
    assert dialog.selectedFiles()[0].endswith("_100bpm_x+0.00_y+0.00.wav")
    file = tmp_path / "mine.wav"
    dialog.selectFile(str(file))
    dialog.accept()
    exporting.wait(file.exists)
    exporting.wait(lambda: "Wrote mine.wav" in exporting.window.line.text)
    audio, rate = soundfile.read(file)
    assert len(audio) == round(60 * 4 * rate / 100)


def test_the_hits_are_written_as_midi(exporting: Bench, tmp_path) -> None:
    mido = pytest.importorskip("mido")
    pick(exporting, "MIDI")
    dialog = exporting.window.findChild(QFileDialog)
    file = tmp_path / "hits.mid"
    dialog.selectFile(str(file))
    dialog.accept()
    exporting.wait(lambda: "Wrote hits.mid" in exporting.window.line.text)
    notes = [m.note for m in mido.MidiFile(file).tracks[0] if m.type == "note_on" and m.velocity]
    assert notes.count(36) == 4, "the kick is on the beats"
    assert notes.count(42) == 4, "the hat is between them"
    tempo = next(m.tempo for m in mido.MidiFile(file).tracks[0] if m.type == "set_tempo")
    assert mido.tempo2bpm(tempo) == pytest.approx(100)


def exported_strokes(file) -> list[tuple[float, int]]:
    """(beat, note) of each hit of a MIDI file, and its length in beats last, as a note of 0."""
    mido = pytest.importorskip("mido")
    midi, now, strokes = mido.MidiFile(file), 0, []
    for message in midi.tracks[0]:
        now += message.time
        if message.type == "note_on" and message.velocity:
            strokes.append((now / midi.ticks_per_beat, message.note))
    return [*strokes, (now / midi.ticks_per_beat, 0)]


def test_everything_is_as_long_as_the_session_has_it(tmp_path) -> None:
    """The stems add up to the loop of two bars, the hits go on in the second one, variations are as long."""
    model = stem_model.write_stem_model(tmp_path / "stems.decoder.onnx")
    session, z = Session(bars=2, bpm=100), [0.5, -0.5, 0, 0]
    stems = write_stems(model, session, z, tmp_path)
    loops = [soundfile.read(file)[0] for file in stems]
    assert {len(loop) for loop in loops} == {round(60 * 8 * stem_model.RATE / 100)}
    assert all(np.abs(loop[len(loop) // 2:]).max() > 0.05 for loop in loops)
    strokes = exported_strokes(write_midi(model, session, z, tmp_path / "hits.mid")[0])
    assert strokes[-1][0] == 8
    assert sum(note == 36 for _, note in strokes) == 8
    (variation,) = write_variations(model, session, [(0.5, -0.5)], tmp_path / "more")
    assert soundfile.info(variation).frames == len(loops[0])


def test_a_chain_is_exported_whole(tmp_path) -> None:
    """A bar of each of its places: a kick that is loud in the first is soft in the second."""
    model = stem_model.write_stem_model(tmp_path / "stems.decoder.onnx")
    session = Session(chain=((1.0, 0.0), (-1.0, 0.0)), chaining=True)
    z = latent_at(session, Decoder.open(model).metadata, 1.0, 0.0)
    files = write_stems(model, session, z, tmp_path)
    kick = next(soundfile.read(f)[0] for f in files if "kick" in f.name)
    first, second = np.split(np.abs(kick), 2)
    assert first.max() > 1.5 * second.max() > 0.05
    assert exported_strokes(write_midi(model, session, z, tmp_path / "hits.mid")[0])[-1][0] == 8
    (variation,) = write_variations(model, session, [(0, 0)], tmp_path / "more")
    assert soundfile.info(variation).frames == len(kick) // 2


def test_the_hits_are_those_that_are_heard(tmp_path) -> None:
    """Swing moves the second sixteenths, mutes leave out a voice or a step."""
    model, z = stem_model.write_stem_model(tmp_path / "stems.decoder.onnx"), [0.5, 0.5, 0, 0]

    def hits(session: Session) -> list[tuple[float, int]]:
        return exported_strokes(write_midi(model, session, z, tmp_path / "hits.mid")[0])[:-1]

    straight = hits(Session())
    assert [round(4 * beat) for beat, _ in straight] == list(range(0, 16, 2))
    muted = hits(Session(shaping=Shaping(muted_stems=("kick",))))
    assert muted == [hit for hit in straight if hit[1] != 36]
    without = hits(Session(shaping=Shaping(muted_steps=(0, 14))))
    assert without == straight[1:-1]


def test_hits_are_swung_as_they_sound() -> None:
    audio = np.zeros((24_000, 2), np.float32)
    for start in (0, 1_500, 7_500):  # the downbeat, the second sixteenth of it and of the next one
        audio[start:start + 400] = np.geomspace(0.9, 1e-3, 400, dtype=np.float32)[:, None]
    loop = Loop(audio, RATE, 4)
    straight = [s.beat for s in sounding_strokes(loop, (), NEUTRAL, 50)]
    assert straight == pytest.approx([0, 0.25, 1.25], abs=5e-3)
    swung = [s.beat for s in sounding_strokes(loop, (), NEUTRAL, 66)]
    assert swung == pytest.approx([0, 0.33, 1.33], abs=5e-3)
