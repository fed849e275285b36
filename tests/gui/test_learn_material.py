"""What loops are said to be is what they are learnt as."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from loop_files import RATE, write_clicks

from vaesynth.audio_suffixes import SUFFIXES
from vaesynth.dataset import DatasetInfo
from vaesynth.prepare import prepare_loops
from vaesynth_gui.learn.material import as_said, audio_files, look
from vaesynth_gui.learn.work_folder import LOOPS, TABLE, lay_out, new_plan

BEAT = RATE // 2


def test_a_file_is_looked_at(tmp_path: Path) -> None:
    loop = look(write_clicks(tmp_path / "beat 120bpm.wav"))
    assert loop.error is None
    assert (loop.beats, loop.circular, loop.origin) == (8, True, "file name")
    assert loop.bpm == pytest.approx(120, abs=0.2)
    assert len(loop.hits) == 8


@pytest.mark.parametrize(("content", "reason"), [(b"", "empty"), (b"no audio", "no readable audio")])
def test_a_file_of_no_use_says_why(tmp_path: Path, content: bytes, reason: str) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(content)
    loop = look(bad)
    assert loop.error is not None
    assert reason in loop.error
    assert "bad.wav" not in loop.error


def test_another_number_of_beats_is_another_tempo_of_the_same_audio(tmp_path: Path) -> None:
    loop = look(write_clicks(tmp_path / "beat 120bpm.wav"))
    halved = loop.with_beats(4)
    assert halved.bpm == pytest.approx(loop.bpm / 2)
    assert halved.span == loop.span
    assert len(as_said(halved)) == round(loop.span)


def test_a_downbeat_turns_a_loop_and_cuts_a_recording(tmp_path: Path) -> None:
    file = write_clicks(tmp_path / "late 120bpm.wav", late=BEAT)
    whole, _ = soundfile.read(file, dtype="float32", always_2d=True)
    turned = as_said(look(file).with_downbeat(BEAT))
    assert np.array_equal(turned, np.roll(whole, -BEAT, axis=0))
    longer = tmp_path / "song 120bpm.wav"
    soundfile.write(longer, np.concatenate([whole, whole[:BEAT // 2]]), RATE)
    recording = look(longer)
    assert not recording.circular
    cut = recording.with_downbeat(BEAT)
    assert cut.beats == 7
    assert np.array_equal(as_said(cut)[:BEAT], whole[BEAT:2 * BEAT])


def test_folders_give_their_audio_files_once(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    a, b = write_clicks(tmp_path / "a.wav"), write_clicks(tmp_path / "deep" / "b.wav")
    (tmp_path / "notes.txt").write_text("no loop")
    assert audio_files([tmp_path, a]) == [a.resolve(), b.resolve()]


def test_what_can_be_prepared_is_taken(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        (tmp_path / f"a{suffix}").touch()
    assert len(audio_files([tmp_path])) == len(SUFFIXES) == 10


def test_corrections_reach_the_data_set(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    kept = look(write_clicks(tmp_path / "beat 120bpm.wav"))
    said = look(write_clicks(tmp_path / "x" / "beat 120bpm.wav")).with_beats(16)
    plan = new_plan("My loops!", 5, "CC0-1.0", tmp_path / "runs", tmp_path / "models")
    lay_out(plan, [kept, said])
    assert plan.model.name == "my-loops.decoder.onnx"
    report = prepare_loops(plan.folder / LOOPS, tmp_path / "set", tempi=plan.folder / TABLE)
    taken = {o.file: o.items for o in report.outcomes}
    assert taken == {"beat 120bpm.wav": 2, "beat 120bpm (2).wav": 4}
    assert DatasetInfo.open(tmp_path / "set").items["train"] == 6


def test_an_instrument_of_the_same_name_stays(tmp_path: Path) -> None:
    first = new_plan("Mine", 5, "", tmp_path, tmp_path)
    first.model.write_bytes(b"model")
    assert new_plan("Mine", 5, "", tmp_path, tmp_path).model.name == "mine-2.decoder.onnx"
    models = tmp_path / "models"
    (models / "mine").mkdir(parents=True)
    assert new_plan("Mine", 5, "", tmp_path, models).model.name == "mine-2.decoder.onnx"  # no folder's
    for _ in range(9):  # some of them within a second
        new_plan("Mine", 5, "", tmp_path, tmp_path).folder.mkdir()
