"""Decoders of other tools, completed by the facts that they lack."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
import toy_models as toy
from onnx import helper, numpy_helper

from vaesynth import cli, foreign, onnx_file
from vaesynth.decoder import Decoder
from vaesynth.errors import ModelError, OutputError, VaesynthError
from vaesynth.foreign import Facts
from vaesynth.onnx_file import OnnxFile

RATE, FRAMES, DIM = 22_050, 11_025, 3
BASIS = np.sin(2 * np.pi * np.outer([3, 5, 8], np.arange(FRAMES)) / FRAMES).astype(np.float32) / 4


def proto(
    *, latent: str = "input.1", audio: str = "42", shape: Sequence[int] = (-1, FRAMES), batch: int | str = "n"
) -> onnx.ModelProto:
    """A mix of three sines, as a graph whose names and shapes are another tool's.

    An inner tensor is called `shape`, as one of the wrapper's is.
    """
    values = np.concatenate([BASIS, -BASIS], 1) if shape[1] == 2 else BASIS
    nodes = [
        helper.make_node("MatMul", [latent, "weight"], ["shape"]),
        helper.make_node("Clip", ["shape", "", "most"], ["clipped"]),
        helper.make_node("Reshape", ["clipped", "size"], [audio]),
    ]
    constants = {"weight": values, "most": np.float32(9), "size": np.array(shape, np.int64)}
    declared = [batch if n == -1 else n for n in shape]
    return toy.model(nodes, {latent: [batch, DIM]}, {audio: declared}, constants, None)


def checked(model: onnx.ModelProto, where: str = "theirs.onnx") -> OnnxFile:
    return onnx_file.check(model.SerializeToString(), where)


def opened(model: onnx.ModelProto, facts: Facts) -> Decoder:
    return Decoder.of(foreign.adopt(checked(model), facts), Path("theirs.onnx"), "cpu")


@pytest.mark.parametrize(
    ("model", "channels"),
    [
        (proto(), 1),
        (proto(shape=(-1, 1, FRAMES)), 1),
        (proto(shape=(-1, 2, FRAMES)), 2),
        (proto(shape=(1, FRAMES), batch=1), 1),
        (proto(latent="z", audio="audio"), 1),
        (proto(latent="z", audio="audio", shape=(-1, 2, FRAMES)), 2),
    ],
    ids=["mono", "one channel", "stereo", "batch of one", "our names", "our contract"],
)
def test_it_sounds_as_its_own_graph_does(model: onnx.ModelProto, channels: int) -> None:
    decoder = opened(model, Facts(RATE, beats=1))
    assert decoder.metadata.loop.bpm == 120
    assert decoder.metadata.name == "theirs"
    z = np.array([0.5, -1.0, 0.25], np.float32)
    loop = decoder.decode_loop(z)
    assert (loop.sample_rate, loop.beats, loop.audio.shape) == (RATE, 1, (FRAMES, channels))
    np.testing.assert_allclose(loop.audio[:, 0], z @ BASIS, atol=1e-6)
    if channels == 2:
        np.testing.assert_allclose(loop.audio[:, 1], -loop.audio[:, 0], atol=1e-6)


def test_the_result_is_a_plain_model_file_of_standard_operators() -> None:
    adopted = foreign.adopt(checked(proto()), Facts(RATE, beats=1))
    model = onnx.load_from_string(adopted.data)
    onnx.checker.check_model(model, full_check=True)
    assert [i.name for i in model.graph.input] == ["z"]
    assert [o.name for o in model.graph.output] == ["audio"]
    assert np.array_equal(numpy_helper.to_array(model.graph.initializer[0]), BASIS)
    assert json.loads(model.metadata_props[0].value)["frames"] == FRAMES


def test_the_pad_moves_the_first_two_latents_within_the_prior() -> None:
    pad = opened(proto(), Facts(RATE, beats=1)).metadata.pad
    np.testing.assert_allclose(pad.point(1, -0.5), [2, -1, 0])
    assert (pad.x_label, pad.y_label) == ("latent 1", "latent 2")


@pytest.mark.parametrize(("bpm", "beats"), [(120, 1), (240, 2), (238, 2), (482, 4)])
def test_beats_follow_from_the_tempo_and_frames_decide(bpm: float, beats: int) -> None:
    geometry = opened(proto(), Facts(RATE, bpm=bpm)).metadata.loop
    assert geometry.beats == beats
    assert geometry.bpm == 120 * beats


@pytest.mark.parametrize(
    ("model", "facts", "told"),
    [
        (proto(), Facts(RATE), "its tempo is unknown, expected --beats or --bpm"),
        (proto(), Facts(RATE, bpm=100), "gives 0.83 beats in 0.500 s"),
        (proto(), Facts(RATE, bpm=2), "gives 0.02 beats"),
        (toy.loop_decoder(), Facts(RATE, beats=1), "has metadata of its own"),
        (proto(shape=(-1, 5, FRAMES // 5)), Facts(RATE, beats=1), "channels is 5, expected"),
        (proto(shape=(-1, 1, 1, FRAMES)), Facts(RATE, beats=1), "comes out as float32"),
    ],
)
def test_what_does_not_fit_is_told_with_the_files_name(
    model: onnx.ModelProto, facts: Facts, told: str
) -> None:
    with pytest.raises(VaesynthError, match=rf"theirs\.onnx: .*{told}"):
        foreign.adopt(checked(model), facts)


def test_other_inputs_and_outputs_are_refused() -> None:
    node = helper.make_node("Add", ["a", "b"], ["c"])
    two = toy.model([node], {"a": ["n", 3], "b": ["n", 3]}, {"c": ["n", 3]}, {}, None)
    with pytest.raises(ModelError, match="graph inputs are a float32"):
        foreign.adopt(checked(two), Facts(RATE, beats=1))
    split = helper.make_node("Split", ["a"], ["b", "c"], axis=1)
    outputs = {"b": ["n", 2], "c": ["n", 2]}
    with pytest.raises(ModelError, match="graph outputs are b, c, expected one"):
        foreign.adopt(checked(toy.model([split], {"a": ["n", 4]}, outputs, {}, None)), Facts(RATE, beats=1))


def test_an_adopted_file_is_kept_under_its_own_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foreign.platformdirs, "user_cache_dir", lambda *a, **k: str(tmp_path))
    adopted = foreign.adopt(checked(proto()), Facts(RATE, beats=1))
    path = foreign.keep(adopted)
    assert path.name == "theirs.decoder.onnx"
    assert foreign.keep(adopted) == path
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert Decoder.open(path, "cpu").metadata.loop.frames == FRAMES
    monkeypatch.setattr(foreign.platformdirs, "user_cache_dir", lambda *a, **k: str(path))
    with pytest.raises(OutputError, match=r"theirs\.decoder\.onnx: cannot be written"):
        foreign.keep(adopted)


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    return toy.write(tmp_path / "theirs.onnx", proto())


def test_render_plays_it_at_its_own_tempo_or_another(
    theirs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["render", "--model", str(theirs), "--sample-rate", str(RATE), "--bars", "1", "--provider", "cpu"]
    out = tmp_path / "a.wav"
    assert cli.main([*words, "--out", str(out), "--bpm", "120"]) == 0
    assert "2.00 s at 120 BPM and 22050 Hz" in capsys.readouterr().out
    assert cli.main([*words, "--out", str(out), "--beats", "1", "--bpm", "160"]) == 0
    assert "1.50 s at 160 BPM" in capsys.readouterr().out


def test_validate_measures_its_seam(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["validate", str(theirs), "--sample-rate", str(RATE), "--beats", "1"])
    rules = [line.split()[1] for line in capsys.readouterr().out.splitlines()]
    assert {"metadata", "batch", "threads", "seam"} <= set(rules)


def test_info_tells_what_it_has_become(theirs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(theirs), "--sample-rate", str(RATE), "--beats", "1"]) == 0
    assert "1 beat at 120 BPM in 4/4, 0.500 s (11025 frames) at 22050 Hz mono" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--sample-rate and --beats"),
        (["--beats", "4"], "theirs.onnx: its beats or tempo are given, expected --sample-rate"),
        (["--bpm", "120"], "theirs.onnx: its beats or tempo are given, expected --sample-rate"),
    ],
)
def test_missing_facts_are_asked_for(
    theirs: Path, words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["info", str(theirs), *words]) == 2
    shown = capsys.readouterr().err
    assert told in shown
    assert shown.count("\n") == 1
