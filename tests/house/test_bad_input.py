"""Whatever a command is given: one sentence that names the thing, exit code 2, and nothing left behind."""

import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
import toy_models as toy
from PIL import Image

pytest.importorskip("torch")

from vaesynth import cli
from vaesynth.dataset import DatasetWriter
from vaesynth.geometry import ImageGeometry, LoopGeometry
from vaesynth_training.cli import main as train

RATE = 44_100
TINY = LoopGeometry(sample_rate=8_000, channels=1, frames=800, beats=1, beats_per_bar=4)
CORE, TRAINING, EXPORT = "vaesynth.cli", "vaesynth_training.cli", "vaesynth_export.cli"
PREFIX = {
    CORE: "vaesynth: error: ",
    TRAINING: "python -m vaesynth_training: ",
    EXPORT: "python -m vaesynth_export: ",
}
RENDER = "render --model {i}/models/good.decoder.onnx --out"
PREPARE = "prepare --loops {i}/good --out"
TRAIN = "--config pca --set settings.latent_dim=2 --out"

LOOPS = {
    "empty folder": ("empty", "no file to use"),
    "no folder": ("nowhere", "is no folder"),
    "text as WAV": ("text", "text.wav is no readable audio"),
    "truncated WAV": ("truncated", "cut.wav is truncated"),
    "20 ms": ("short", "short.wav lasts 20 ms"),
    "silence": ("silence", "silence.wav is silent"),
    "NaN": ("nan", "nan.wav holds NaN"),
    "0-byte WAV": ("zero", "zero.wav is empty"),
}
FACES = {
    "0-byte JPEG": ("zero_faces", "zero.jpg is empty"),
    "huge JPEG": ("huge", "huge.jpg has too many pixels"),
    "text as JPEG": ("text_faces", "text.jpg is no JPEG"),
    "cut JPEG": ("cut_face", "cut.jpg is damaged"),
}
MODELS = {
    "random bytes": ("random.onnx", "random.onnx: is no ONNX file"),
    "0-byte model": ("zero.onnx", "zero.onnx: is empty"),
    "no metadata": ("bare.onnx", "bare.onnx: metadata 'vaesynth' is missing"),
    "no JSON": ("text.onnx", "text.onnx: metadata is no JSON"),
    "lying frames": ("frames.onnx", "frames.onnx: audio is float32 [batch, 2, 4000], expected"),
    "lying tempo": ("tempo.onnx", "tempo.onnx: bpm is 90"),
    "NaN output": ("nan.onnx", "nan.onnx: audio holds NaN"),
    "no model": ("nowhere.onnx", "nowhere.onnx: is no model"),
}
OUTPUTS = {
    "read-only folder": ("{i}/readonly/x", "(Permission denied)"),
    "file as folder": ("{i}/file/x", "file/x"),
}

# id → words and what must be told; `{i}` is the folder of inputs, `{o}` an empty folder for the output.
CASES: dict[str, dict[str, tuple[str, str]]] = {
    CORE: {
        **{f"prepare, {n}": (f"prepare --out {{o}}/set --loops {{i}}/{d}", t) for n, (d, t) in LOOPS.items()},
        **{f"prepare, {n}": (f"prepare --out {{o}}/set --faces {{i}}/{d}", t) for n, (d, t) in FACES.items()},
        **{f"prepare, {n}": (f"{PREPARE} {out}", t) for n, (out, t) in OUTPUTS.items()},
        "prepare, folder with other things": (f"{PREPARE} {{i}}/good", "good: exists already"),
        "prepare, full disk": (f"{PREPARE} {{o}}/set", "set: cannot be written (File too large)"),
        **{
            f"render, {n}": (f"render --out {{o}}/x.wav --model {{i}}/models/{f}", t)
            for n, (f, t) in MODELS.items()
        },
        "render, faces": (
            "render --out {o}/x.wav --model {i}/models/image.onnx",
            "image.onnx: kind is image, expected a model of kind loop",
        ),
        "render, encoder": (
            "render --out {o}/x.wav --model {i}/models/good.encoder.onnx",
            "good.encoder.onnx: graph",
        ),
        **{f"render, {n}": (f"{RENDER} {out}.wav", t) for n, (out, t) in OUTPUTS.items()},
        "render, no such folder": (f"{RENDER} {{o}}/none/x.wav", "none/x.wav cannot be written"),
        "render, folder as file": (
            f"{RENDER} {{i}}/folder.wav",
            "folder.wav cannot be written (Is a directory)",
        ),
        "render, WAV, full disk": (f"{RENDER} {{o}}/x.wav", "x.wav cannot be written (File too large)"),
        "render, FLAC, full disk": (f"{RENDER} {{o}}/x.flac", "x.flac cannot be written (File too large)"),
        **{f"info, {n}": (f"info {{i}}/models/{f}", t) for n, (f, t) in MODELS.items()},
        **{f"play, {n}": (f"play --headless --model {{i}}/models/{f}", t) for n, (f, t) in MODELS.items()},
        "play, bad faces": ("play --faces {i}/models/nowhere.onnx", "nowhere.onnx: is no model"),
        "play, absent device": (
            "play --headless --model {i}/models/good.decoder.onnx --device nonesuch",
            "expected",
        ),
    },
    TRAINING: {
        "drums, empty folder": (
            f"drums --data {{i}}/empty {TRAIN} {{o}}/run",
            "empty: holds no dataset.json",
        ),
        "drums, no folder": (f"drums --data {{i}}/nowhere {TRAIN} {{o}}/run", "nowhere: is no folder"),
        "drums, faces as data": (f"drums --data {{i}}/images {TRAIN} {{o}}/run", "images: kind is image"),
        "faces, loops as data": (f"faces --data {{i}}/set {TRAIN} {{o}}/run", "set: kind is loop"),
        "drums, broken dataset.json": (f"drums --data {{i}}/lying {TRAIN} {{o}}/run", "dataset.json"),
        "drums, random bytes as configuration": (
            "drums --data {i}/set --config {i}/models/random.onnx --out {o}/run",
            "random.onnx",
        ),
        "drums, a run is there": (f"drums --data {{i}}/set {TRAIN} {{i}}/run", "run already holds a run"),
        **{f"drums, {n}": (f"drums --data {{i}}/set {TRAIN} {out}", t) for n, (out, t) in OUTPUTS.items()},
        "evaluate, empty folder": (
            "evaluate {i}/empty --data {i}/set --out {o}/x",
            "empty has no config.yaml",
        ),
        "evaluate, truncated weights": (
            "evaluate {i}/broken --data {i}/set --out {o}/x",
            "model.safetensors",
        ),
        "evaluate, empty data": (
            "evaluate {i}/run --data {i}/empty --out {o}/x",
            "empty: holds no dataset.json",
        ),
        "evaluate, faces as data": (
            "evaluate {i}/run --data {i}/images --out {o}/x",
            "images: kind is image",
        ),
        "evaluate, full disk": (
            "evaluate {i}/run --data {i}/set --out {o}/x",
            "cannot be written (File too large)",
        ),
        **{
            f"evaluate, {n}": (f"evaluate {{i}}/run --data {{i}}/set --out {out}", t)
            for n, (out, t) in OUTPUTS.items()
        },
        "render, empty folder": (
            "render --grooves {i}/empty --oneshots {i}/empty --out {o}/x",
            "oneshots.csv",
        ),
        "oneshots, empty folder": ("oneshots --data {i}/empty --out {o}/x", "empty: holds no dataset.json"),
        "oneshots, loops of another length": ("oneshots --data {i}/set --out {o}/x", "set: geometry is"),
        "oneshots, faces as data": ("oneshots --data {i}/images --out {o}/x", "images: kind is image"),
        "oneshots, no run": (
            "oneshots --data {i}/set --from {i}/empty --out {o}/x",
            "empty has no config.yaml",
        ),
        "oneshots, no bars": (
            "oneshots --data {i}/set --bars 0 --out {o}/x",
            "--bars is 0, expected 1 or more",
        ),
        "pretrain, empty folder": (
            "pretrain --grooves {i}/empty --oneshots {i}/empty --out {o}/x",
            "oneshots.csv",
        ),
        "sweep, empty folder": (
            "sweep drums --data {i}/empty --config paper_drums --out {o}/x",
            "empty: holds no dataset.json",
        ),
        "sweep, nothing to sweep": (
            "sweep drums --data {i}/set --config pca --out {o}/x",
            "pca: its model has no weight of the KL",
        ),
        "compare, text as WAV": ("compare {i}/text/text.wav --data {i}/set", "text.wav"),
    },
    EXPORT: {
        "export, empty folder": ("{i}/empty --out {o}/x", "empty has no config.yaml"),
        "export, truncated weights": ("{i}/broken --out {o}/x", "model.safetensors"),
        "export, no name": ("{i}/run --out .", "--out is ., expected DIR/NAME"),
        "export, folder as encoder": ("{i}/run --out {o}/taken", "taken.encoder.onnx: cannot be written"),
        "export, full disk": ("{i}/run --out {o}/x", "x.decoder.onnx: cannot be written (File too large)"),
        **{f"export, {n}": (f"{{i}}/run --out {out}", t) for n, (out, t) in OUTPUTS.items()},
    },
}


def beat(seconds: float = 2.0) -> npt.NDArray[np.float64]:
    """A click on each half second."""
    time = np.arange(int(seconds * RATE)) / RATE
    return np.asarray(0.5 * np.exp(-40 * (time % 0.5)) * np.sin(2 * np.pi * 200 * time))


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Everything that the commands are given."""
    root = tmp_path_factory.mktemp("inputs")
    given = [folder for folder, _ in (LOOPS | FACES).values()]
    for name in (*given, "good", "models", "lying", "readonly", "folder.wav"):
        (root / name).mkdir()
    (root / "nowhere").rmdir()
    (root / "file").write_text("a file\n")
    _write_audio(root)
    _write_pictures(root)
    _write_models(root / "models")
    _write_training(root)
    (root / "readonly").chmod(0o555)
    yield root
    (root / "readonly").chmod(0o755)


def _write_audio(root: Path) -> None:
    soundfile.write(root / "good/beat 120bpm.wav", beat(), RATE)
    (root / "text/text.wav").write_text("this is no audio\n" * 20)
    whole = (root / "good/beat 120bpm.wav").read_bytes()
    (root / "truncated/cut.wav").write_bytes(whole[: len(whole) // 2])
    soundfile.write(root / "short/short.wav", beat(0.02), RATE)
    soundfile.write(root / "silence/silence.wav", 0 * beat(), RATE)
    broken = beat()
    broken[1000:1010] = np.nan
    soundfile.write(root / "nan/nan.wav", broken, RATE, subtype="FLOAT")
    (root / "zero/zero.wav").touch()


def _write_pictures(root: Path) -> None:
    Image.new("RGB", (64, 64), (200, 100, 50)).save(root / "huge/huge.jpg")
    whole = bytearray((root / "huge/huge.jpg").read_bytes())
    (root / "cut_face/cut.jpg").write_bytes(whole[:300])
    size = whole.index(b"\xff\xc0") + 5  # of the frame header: height and width
    whole[size : size + 4] = struct.pack(">HH", 65_000, 65_000)
    (root / "huge/huge.jpg").write_bytes(whole)
    (root / "zero_faces/zero.jpg").touch()
    (root / "text_faces/text.jpg").write_text("this is no picture\n")


def _write_models(folder: Path) -> None:
    (folder / "random.onnx").write_bytes(np.random.default_rng(0).bytes(5_000))
    (folder / "zero.onnx").touch()
    bare = toy.loop_decoder()
    del bare.metadata_props[:]
    for name, proto in {
        "good.decoder": toy.loop_decoder(),
        "good.encoder": toy.encoder(),
        "bare": bare,
        "text": toy.loop_decoder("{nope"),
        "frames": toy.loop_decoder(toy.metadata(frames=8_000, bpm=60.0)),
        "tempo": toy.loop_decoder(toy.metadata(bpm=90.0)),
        "nan": toy.loop_decoder(gain=float("nan")),
        "image": toy.image_decoder(),
    }.items():
        toy.write(folder / f"{name}.onnx", proto)


def _write_training(root: Path) -> None:
    rng = np.random.default_rng(0)
    facts = {"source": "test", "licence": "CC0-1.0"}
    with DatasetWriter(root / "set", "loop", TINY) as writer:
        for i in range(6):
            audio = rng.uniform(-0.5, 0.5, (TINY.frames, 1)).astype(np.float32)
            split = "train" if i < 4 else "validation"
            writer.add(f"item{i}", audio, {"name": f"loop {i}", "split": split, **facts})
    with DatasetWriter(root / "images", "image", ImageGeometry(16, 16)) as writer:
        writer.add("a", np.zeros((16, 16, 3), np.uint8), {"name": "a", "split": "train", **facts})
    (root / "lying/dataset.json").write_text(
        (root / "set/dataset.json").read_text()
    )  # its shards are missing
    for name in ("run", "broken"):
        assert train(f"drums --data {root}/set {TRAIN} {root}/{name}".split()) == 0
    weights = root / "broken/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])


@dataclass(frozen=True)
class Result:
    """What became of one command line: its exit code and words, and the files it has left."""

    code: int
    out: str
    err: str
    left: tuple[str, ...]


@pytest.fixture(scope="session")
def results(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Result]:
    """What each case gave; the commands of a program share a process of their own."""
    found = {}
    for module, cases in CASES.items():
        words, folders = {}, {}
        for name, (text, _) in cases.items():
            folders[name] = tmp_path_factory.mktemp("out")
            (folders[name] / "taken.encoder.onnx").mkdir()
            words[name] = [word.format(i=inputs, o=folders[name]) for word in text.split()]
        before = files(inputs)
        done = subprocess.run(
            [sys.executable, Path(__file__).with_name("many_commands.py")],
            input=json.dumps({"module": module, "cases": words}),
            env=os.environ | {"HOME": str(tmp_path_factory.mktemp("home")), "OMP_NUM_THREADS": "1"},
            cwd=tmp_path_factory.mktemp("work"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert files(inputs) == before
        for name, result in json.loads(done.stdout).items():
            left = tuple(file for file in files(folders[name]) if file != "taken.encoder.onnx")
            found[module, name] = Result(result["code"], result["out"], result["err"], left)
    return found


def files(folder: Path) -> list[str]:
    """All that lies in a folder, hidden files too."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, cases in CASES.items() for name in cases]
)
def test_one_sentence_exit_code_2_and_nothing_left_behind(
    results: Mapping[tuple[str, str], Result], module: str, name: str
) -> None:
    result = results[module, name]
    *before, last = result.err.splitlines() or [""]
    assert result.code == 2, result.err
    assert last.startswith(PREFIX[module])
    assert CASES[module][name][1] in last
    assert "Traceback" not in result.err
    assert result.left == ()
    if module == CORE:
        assert (before, result.out) == ([], "")


def run(*words: str | Path, module: str = "vaesynth") -> subprocess.CompletedProcess[str]:
    """A command as people start it."""
    command = [sys.executable, "-m", module, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_commands_themselves_end_with_that_code(inputs: Path) -> None:
    done = run("info", inputs / "models/random.onnx")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert run("drums", "--data", "x", module="vaesynth_training").returncode == 2
    assert run("x", module="vaesynth_export").returncode == 2


@pytest.mark.parametrize("name", MODELS)
def test_validate_tells_what_is_broken(inputs: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    file, told = MODELS[name]
    assert cli.main(["validate", str(inputs / "models" / file), "--provider", "cpu"]) == 2
    shown = capsys.readouterr()
    assert told in shown.out + shown.err


def test_seven_channels_are_no_fault(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    wide = np.repeat(beat()[:, None], 7, 1)
    soundfile.write(tmp_path / "in/seven 120bpm.wav", wide, RATE)
    assert cli.main(["prepare", "--loops", str(tmp_path / "in"), "--out", str(tmp_path / "set")]) == 0
    assert "the first two of 7 channels" in capsys.readouterr().out


def test_good_files_beside_bad_ones_are_taken_and_the_others_listed(
    inputs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("good", "text", "truncated", "short", "silence", "nan", "zero"):
        for file in (inputs / name).iterdir():
            shutil.copy(file, folder)
    assert cli.main(["prepare", "--loops", str(folder), "--out", str(tmp_path / "set")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines if " refused " in line} == {
        "text.wav",
        "cut.wav",
        "short.wav",
        "silence.wav",
        "nan.wav",
        "zero.wav",
    }
    assert lines[-1].startswith("1 of 7 files taken")
