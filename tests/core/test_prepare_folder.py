"""Whole folders: which files are used, where they go, and what is said of the others."""

import csv
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from beats import beat

from vaesynth.cli import main
from vaesynth.dataset import DatasetInfo, read_items
from vaesynth.errors import DatasetError, SettingError
from vaesynth.prepare.sources import Choice, Source, select
from vaesynth.prepare.split import assign_splits


def _loops(folder: Path, names: Sequence[str], seconds: float = 2.0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for i, name in enumerate(names):
        levels = 1 + np.arange(seconds / 0.5) / (i + 4)
        audio = beat(seconds, np.arange(0, seconds, 0.5), 8_000, levels=levels)
        (folder / name).parent.mkdir(exist_ok=True)
        soundfile.write(folder / name, audio, 8_000)
    return folder


def _table(path: Path) -> dict[str, dict[str, str]]:
    with open(path, newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def _keep(names: Sequence[str], **columns: Sequence[str]) -> list[Source]:
    rows = [{c: values[i] for c, values in columns.items()} for i in range(len(names))]
    return [Source(Path(n), n, row.get("source", "me"), "", row) for n, row in zip(names, rows, strict=True)]


def test_good_files_are_taken_and_bad_ones_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _loops(tmp_path / "loops", ["a 120bpm.wav", "sub/b 120bpm.wav"])
    (folder / "text.wav").write_text("hello")
    (folder / "copy.wav").write_bytes((folder / "a 120bpm.wav").read_bytes())
    (folder / "notes.pdf").write_text("hello")
    (folder / ".hidden.wav").write_text("hello")
    out = tmp_path / "set"
    assert main(["prepare", "--loops", str(folder), "--out", str(out), "--licence", "CC0-1.0",
                 "--source", "Ada"]) == 0
    table = _table(out / "table.csv")
    assert {file: row["status"] for file, row in table.items()} == {
        "a 120bpm.wav": "taken", "sub/b 120bpm.wav": "taken", "text.wav": "refused", "copy.wav": "refused",
        "notes.pdf": "left out"}
    assert table["copy.wav"]["reason"] == "has the same content as a 120bpm.wav"
    assert table["a 120bpm.wav"]["tempo_source"] == "file name"
    printed = capsys.readouterr().out
    for file, row in table.items():
        assert file in printed
        assert row["reason"] in printed
    assert "2 of 5 files taken, 2 refused, 1 left out: 2 train items" in printed
    for _, record in read_items(out):
        assert (record["licence"], record["source"], record["tempo"]) == ("CC0-1.0", "Ada", 120.0)
        assert len(record["sha256"]) == 64
    assert DatasetInfo.open(out).licences == {"CC0-1.0": {"items": 2, "sources": ["Ada"]}}


@pytest.mark.parametrize(("arguments", "message"), [
    (["--loops", "empty"], "holds no file to use"),
    (["--loops", "none"], "is no folder"),
    (["--loops", "bad"], "none of its 1 files can be used; a.wav is no readable audio"),
    (["--faces", "empty"], "holds no file to use"),
    (["--loops", "loops", "--tempo", "1000"], "tempo is 1000 BPM, expected 40 to 300"),
    (["--loops", "loops", "--where", "tier"], "--where tier: names no value"),
    (["--loops", "loops", "--where", "tier=A"], "expected a column tier"),
    (["--loops", "loops", "--validation", "Bob*"], "--validation Bob*: matches no file"),
    (["--loops", "loops", "--validation", "*"], "takes all 1 files"),
    (["--loops", "loops", "--table", "none.csv"], "none.csv: cannot be read"),
    (["--faces", "loops", "--size", "4"], "--size 4: is out of range"),
    (["--loops", "loops", "--grey"], "--grey is given beside --loops, expected it beside --faces alone"),
    (["--loops", "loops", "--align"], "--align is given beside --loops"),
    (["--loops", "loops", "--size", "64"], "--size is given beside --loops"),
    (["--faces", "loops", "--bars", "1"], "--bars is given beside --faces, expected it beside --loops alone"),
    (["--faces", "loops", "--tempo", "120"], "--tempo is given beside --faces"),
    (["--loops", "loops", "--geometry", "paper", "--bars", "2"], "--bars is given beside --geometry paper"),
    (["--loops", "loops", "--out", "blocked/set"], "cannot be written"),
    (["--loops", "loops", "--out", "loops"], "exists already"),
    (["--loops", "loops", "--out", "loops", "--force"], "only such is replaced")])
def test_a_mistake_is_one_sentence_and_leaves_nothing(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        arguments: list[str], message: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "blocked").write_text("a file")
    _loops(tmp_path / "loops", ["a 120bpm.wav"])
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "a.wav").write_text("hello")
    before = sorted(tmp_path.rglob("*"))
    assert main(["prepare", "--out", "set", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("vaesynth: error: ")
    assert error.count("\n") == 1
    assert message in error
    assert sorted(tmp_path.rglob("*")) == before


def test_force_replaces_a_data_set(tmp_path: Path) -> None:
    folder = _loops(tmp_path / "loops", ["a 120bpm.wav"])
    arguments = ["prepare", "--loops", str(folder), "--out", str(tmp_path / "set")]
    assert [main(arguments), main(arguments), main([*arguments, "--force", "--bars", "2"])] == [0, 2, 0]
    assert DatasetInfo.open(tmp_path / "set").geometry.frames == 192_000


def test_tempi_of_files_that_are_not_there_are_remarked(
        tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _loops(tmp_path / "loops", ["a.wav"])
    own = tmp_path / "own.csv"
    arguments = ["prepare", "--loops", str(folder), "--out", str(tmp_path / "set"), "--tempi", str(own)]
    own.write_text("file,tempo\na.wav,120\n")
    assert main(arguments) == 0
    assert "not there" not in capsys.readouterr().out
    own.write_text("file,tempo\na.wav,120\nA.wav,60\ngone.wav,90\n")
    assert main([*arguments, "--force"]) == 0
    assert f"{own}: names files that are not there: A.wav, gone.wav\n" in capsys.readouterr().out


def test_the_table_beside_the_files_is_honoured(tmp_path: Path) -> None:
    folder = _loops(tmp_path / "loops", ["a.wav", "b.wav", "c.wav"])
    (folder / "loops.csv").write_text(
        "file,source,licence,split,tempo,style\na.wav,Ada,CC0-1.0,validation,120,house\n"
        "b.wav,Bob,CC-BY-4.0,train,60,dub\ngone.wav,Ada,CC0-1.0,train,120,house\n")
    (tmp_path / "own.csv").write_text("file,tempo\nc.wav,240\n")
    assert main(["prepare", "--loops", str(folder), "--out", str(tmp_path / "set"),
                 "--tempi", str(tmp_path / "own.csv")]) == 0
    table = _table(tmp_path / "set" / "table.csv")
    assert [table[f]["tempo"] for f in ("a.wav", "b.wav", "c.wav")] == ["120.0", "60.0", "240.0"]
    assert table["gone.wav"]["reason"] == "is named in the table, but does not exist"
    [(_, record)] = read_items(tmp_path / "set", "validation")
    assert record["table"]["style"] == "house"
    assert set(DatasetInfo.open(tmp_path / "set").licences) == {"CC0-1.0", "CC-BY-4.0", "unknown"}


def test_files_are_chosen_by_columns_and_patterns(tmp_path: Path) -> None:
    folder = _loops(tmp_path / "loops", ["a.wav", "b.wav", "deep/c.wav"])
    (folder / "loops.csv").write_text("file,source,tier\na.wav,Ada,A\nb.wav,Bob (x),B\n")
    (folder / "deep" / "loops.csv").write_text("file,source,tier\nc.wav,Ada,A\n")

    def chosen(**choice: object) -> list[str]:
        found = select(folder, [".wav"], "loops.csv", Choice(**choice))  # type: ignore[arg-type]
        return [entry.file for entry in found.sources]

    assert chosen() == ["a.wav", "b.wav", "deep/c.wav"]
    assert chosen(where={"tier": "A"}) == ["a.wav", "deep/c.wav"]
    assert chosen(only=["deep/*"]) == ["deep/c.wav"]
    assert chosen(exclude=["Bob (x)", "a.*"]) == ["deep/c.wav"]
    with pytest.raises(DatasetError, match="that the options do not leave out"):
        chosen(only=["z*"])


@pytest.mark.parametrize(("content", "message"), [
    (b"\xff\xfe\x00", "no CSV table in UTF-8"), (b"name,tempo\nx,1\n", "has no column file")])
def test_a_broken_table_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    folder = _loops(tmp_path / "loops", ["a.wav"])
    (folder / "loops.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=message):
        select(folder, [".wav"], "loops.csv", Choice())


def test_a_share_for_validation_keeps_families_together() -> None:
    kits = ("alpha", "beta", "gamma", "delta", "eta")
    names = [f"{kit} {n:02} {90 + n}bpm.wav" for kit in kits for n in range(4)]
    splits = assign_splits(_keep(names), ["0.2"])
    kept = {name.split()[0] for name, split in splits.items() if split == "validation"}
    assert len(kept) == 1
    assert sum(split == "validation" for split in splits.values()) == 4
    assert assign_splits(_keep(names[::-1]), ["0.2"]) == splits


def test_a_share_of_files_under_one_numbering_splits_files() -> None:
    splits = assign_splits(_keep([f"img_{i:04}.jpg" for i in range(50)]), ["0.1"])
    assert sum(split == "validation" for split in splits.values()) == 5


def test_one_person_is_in_one_split() -> None:
    names = [f"{i}.jpg" for i in range(60)]
    subjects = [str(i // 3) for i in range(60)]
    splits = assign_splits(_keep(names, subject=subjects), ["0.25"])
    for i in range(0, 60, 3):
        assert len({splits[name] for name in names[i:i + 3]}) == 1
    assert 12 <= sum(split == "validation" for split in splits.values()) <= 18


def test_named_sources_are_kept_for_validation() -> None:
    entries = _keep(["a.wav", "b.wav", "c.wav"], source=["Ada", "Bob (UK)", "Bob (US)"])
    assert assign_splits(entries, ["Bob (UK)", "a.*"]) == {
        "a.wav": "validation", "b.wav": "validation", "c.wav": "train"}
    with pytest.raises(SettingError, match="no share"):
        assign_splits(entries, ["1.5"])
    with pytest.raises(DatasetError, match="split is 'test'"):
        assign_splits(_keep(["a.wav"], split=["test"]))


@pytest.mark.parametrize(("kind", "package"), [("--faces", "PIL"), ("--loops", "python_stretch")])
def test_a_missing_library_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str,
                                           package: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _loops(tmp_path / "in", ["a 100bpm.wav"], seconds=2.4)
    (folder / "a.png").write_bytes(b"x")
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == package else found(name))
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["prepare", kind, str(folder), "--out", str(tmp_path / "set")]) == 2
    assert "pip install 'vaesynth[prepare]'" in capsys.readouterr().err
    assert not (tmp_path / "set").exists()
