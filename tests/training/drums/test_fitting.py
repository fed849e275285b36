"""Kits out of loops: what is fitted, what is written, what the renderer makes of it."""

import csv
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
import torch

from vaesynth.dataset import DatasetWriter
from vaesynth.geometry import NATIVE_LOOP
from vaesynth_training.cli import main
from vaesynth_training.models.drums.fitting import WINDOW, falling, fit_kit
from vaesynth_training.models.drums.model import DrumVae
from vaesynth_training.models.drums.voices import VOICES
from vaesynth_training.render.kits import LOOP_KITS, LOOP_WEIGHT, load_kits
from vaesynth_training.run import Run, bundled_run


@pytest.fixture(scope="module")
def model() -> DrumVae:
    found = Run.open(bundled_run("loop")).model().eval()
    assert isinstance(found, DrumVae)
    return found


@pytest.fixture(scope="module")
def bars(model: DrumVae) -> torch.Tensor:
    """Two grooves on one kit."""
    generator = torch.Generator().manual_seed(5)
    z = torch.randn(2, model.latent_dim, generator=generator)
    z[1, model.settings.groove_dim :] = z[0, model.settings.groove_dim :]
    with torch.no_grad():
        return model.decode(z)


def test_a_fitted_kit_is_nearer_than_the_one_that_is_heard(model: DrumVae, bars: torch.Tensor) -> None:
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    # A kit such as no latents say: all of it an octave higher.
    higher = torch.cat([bars[:, :, ::2], torch.zeros(2, 2, NATIVE_LOOP.frames // 2)], 2)
    torch.manual_seed(0)
    found = fit_kit(model, higher, steps=30)
    assert found.after < 0.9 * found.before
    assert sum(found.share) == pytest.approx(1, abs=1e-4)
    assert [tuple(shot.shape) for shot in found.shots] == [(v.channels, v.hops * 240) for v in VOICES]
    assert max(found.hits) > 0
    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())


def test_tails_never_grow_louder() -> None:
    t = torch.arange(20 * WINDOW) / (20 * WINDOW)
    once = torch.sin(500 * t) * torch.exp(-6 * t)
    again = once.clone()
    again[12 * WINDOW :] += 0.5 * torch.sin(900 * t[: 8 * WINDOW])
    calm = falling(again[None])[0]
    torch.testing.assert_close(calm[: 10 * WINDOW], once[: 10 * WINDOW], atol=0.02, rtol=0)
    level = calm.reshape(-1, WINDOW).abs().amax(1)
    assert level[13:].max() < 1.2 * level[11]
    assert again[13 * WINDOW :].abs().max() > 5 * level[11]


def test_loops_become_kits_that_can_be_rendered(
    tmp_path: Path, bars: torch.Tensor, capsys: pytest.CaptureFixture[str]
) -> None:
    with DatasetWriter(tmp_path / "loops", "loop", NATIVE_LOOP) as writer:
        for i, (file, bar) in enumerate([("my loop.wav", 0), ("my loop.wav", 1), ("other.wav", 0)]):
            writer.add(
                f"item{i}",
                bars[bar].T.numpy(),
                {"name": f"bar {i}", "file": file, "source": "me", "licence": "CC0-1.0", "split": "train"},
            )
    command = f"oneshots --data {tmp_path}/loops --out {tmp_path}/shots --steps 8".split()
    assert main(command) == 0
    with (tmp_path / "shots" / "oneshots.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["kit"] for row in rows} == {f"{LOOP_KITS}my_loop", f"{LOOP_KITS}other"}
    assert {(row["licence"], row["source"]) for row in rows} == {("CC0-1.0", "me")}
    for row in rows:
        audio, rate = sf.read(tmp_path / "shots" / row["file"])
        assert rate == NATIVE_LOOP.sample_rate
        assert np.abs(audio).max() == pytest.approx(0.9, abs=1e-3)
    kits = load_kits(tmp_path / "shots", tmp_path / "cache")
    assert [kit.weight for kit in kits] == [LOOP_WEIGHT] * 2
    assert all(kit.electronic for kit in kits)
    capsys.readouterr()
    assert main(command) == 2
    assert "already holds one-shots" in capsys.readouterr().err


def write_bars(folder: Path, bars: torch.Tensor, files: list[str]) -> None:
    with DatasetWriter(folder, "loop", NATIVE_LOOP) as writer:
        for i, file in enumerate(files):
            record = {"name": f"bar {i}", "file": file, "source": file, "licence": "", "split": "train"}
            writer.add(f"item{i}", bars[i].T.numpy(), record)


def test_a_failure_leaves_nothing_and_what_is_replaced_is_gone(
    tmp_path: Path, bars: torch.Tensor, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        write_bars(tmp_path / name, bars, [f"{name}.wav"])
    shots = tmp_path / "shots"

    def made(name: str, *more: str) -> int:
        return main(["oneshots", "--data", f"{tmp_path}/{name}", "--out", str(shots), "--steps", "2", *more])

    def full(*_: object, **__: object) -> None:
        raise sf.LibsndfileError(2)

    with monkeypatch.context() as patch:
        patch.setattr(sf, "write", full)
        assert made("first") == 2
        assert "shots: cannot be written (" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second"]
    assert made("first") == 0
    (shots / "mine.txt").write_text("dear")
    assert made("second", "--force") == 0
    names = {path.name for path in shots.iterdir()} - {"oneshots.csv", "mine.txt"}
    with (shots / "oneshots.csv").open(newline="") as text:
        assert names == {row["file"] for row in csv.DictReader(text)}
    assert (shots / "mine.txt").read_text() == "dear"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "second", "shots"]


def test_recorded_one_shots_are_not_replaced(
    tmp_path: Path, bars: torch.Tensor, capsys: pytest.CaptureFixture[str]
) -> None:
    write_bars(tmp_path / "loops", bars, ["loop.wav"])
    table = "file,kit,class,licence,source,instrument,vel_layer\nkick.wav,mine,kick,,,kick,1\n"
    (tmp_path / "shots").mkdir()
    (tmp_path / "shots" / "oneshots.csv").write_text(table)
    assert main(f"oneshots --data {tmp_path}/loops --out {tmp_path}/shots --force".split()) == 2
    assert "shots holds one-shots of 'mine', expected kits of loops alone" in capsys.readouterr().err


def test_loops_of_one_name_in_two_folders_are_two_kits(tmp_path: Path, bars: torch.Tensor) -> None:
    with DatasetWriter(tmp_path / "loops", "loop", NATIVE_LOOP) as writer:
        for i, file in enumerate(["one/loop.wav", "two/loop.wav"]):
            record = {"name": f"bar {i}", "file": file, "source": file, "licence": "", "split": "train"}
            writer.add(f"item{i}", bars[i].T.numpy(), record)
    assert main(f"oneshots --data {tmp_path}/loops --out {tmp_path}/shots --steps 2".split()) == 0
    with (tmp_path / "shots" / "oneshots.csv").open(newline="") as text:
        rows = list(csv.DictReader(text))
    found = {(row["kit"], row["source"]) for row in rows}
    assert found == {(f"{LOOP_KITS}loop", "one/loop.wav"), (f"{LOOP_KITS}loop_2", "two/loop.wav")}
    assert len({row["file"] for row in rows}) == len(rows)


def test_bars_of_no_file_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DatasetWriter(tmp_path / "bars", "loop", NATIVE_LOOP) as writer:
        silence = np.zeros((NATIVE_LOOP.frames, 2), np.float32)
        record = {"name": "bar", "source": "rendered", "licence": "CC0-1.0", "split": "train"}
        writer.add("item0", silence, record)
    assert main(f"oneshots --data {tmp_path}/bars --out {tmp_path}/shots".split()) == 2
    assert "'item0' names no file, expected loops that vaesynth prepare cut" in capsys.readouterr().err
