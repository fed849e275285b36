"""A run becomes two files that a host can trust, or none."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file, save_file
from toys import IMAGE, LOOP, write_run

from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.errors import ModelError, OutputError
from vaesynth.loop import Loop
from vaesynth.validate import validate
from vaesynth_export import export, fidelity, graph, parity
from vaesynth_export.cli import main
from vaesynth_training.run import LATENTS, WEIGHTS, Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("runs") / "tiny")


@pytest.fixture(scope="module")
def exported(run: Path) -> Path:
    """Folder with both variants of the run."""
    out = run.parent / "out"
    assert main([str(run), "--out", str(out / "tiny"), "--name", "Tiny kit", "--author", "Me", "--both"]) == 0
    return out


def test_four_files_that_keep_the_contract(exported: Path) -> None:
    names = sorted(p.name for p in exported.iterdir())
    assert names == [
        "tiny.decoder.onnx",
        "tiny.encoder.onnx",
        "tiny.float16.decoder.onnx",
        "tiny.float16.encoder.onnx",
    ]
    for path in exported.iterdir():
        # The seam of an untrained dense network is as sharp as any place in its noise.
        assert [f for f in validate(path) if not f.passed] == [], path.name


def test_the_decoder_plays_what_the_model_decodes(run: Path, exported: Path) -> None:
    decoder, model = Decoder.open(exported / "tiny.decoder.onnx"), Run.open(run).model()
    z = Run.open(run).latents["train_mean"][2]
    with torch.no_grad():
        wanted = model.decode(torch.from_numpy(z)[None])[0].numpy().T
    np.testing.assert_allclose(decoder.decode_loop(z).audio, wanted, atol=1e-4)
    half = Decoder.open(exported / "tiny.float16.decoder.onnx").decode_loop(z).audio
    assert 0 < np.abs(half - wanted).max() < 1e-2


def test_the_encoder_belongs_to_it(run: Path, exported: Path) -> None:
    decoder = Decoder.open(exported / "tiny.decoder.onnx")
    encoder = Encoder.open(exported / "tiny.encoder.onnx", decoder.metadata)
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (LOOP.frames, 2)).astype(np.float32)
    mean, log_variance = encoder.encode_loop(Loop(audio, LOOP.sample_rate, LOOP.beats))
    with torch.no_grad():
        wanted = Run.open(run).model().encode(torch.from_numpy(audio.T.copy())[None])
    np.testing.assert_allclose(mean, wanted.mean[0].numpy(), atol=1e-4)
    np.testing.assert_allclose(log_variance, wanted.log_variance[0].numpy(), atol=1e-4)


def test_metadata_tell_where_it_comes_from(run: Path, exported: Path) -> None:
    m = Decoder.open(exported / "tiny.decoder.onnx").metadata
    v, latents = m.values, Run.open(run).latents
    assert (m.name, m.geometry, m.latent_dim) == ("Tiny kit", LOOP, 4)
    np.testing.assert_allclose(v["latent_mean"], latents["train_mean"].mean(0), atol=1e-5)
    spread = np.sqrt(latents["train_mean"].var(0) + np.exp(latents["train_log_variance"]).mean(0))
    np.testing.assert_allclose(v["latent_std"], spread, atol=1e-5)
    assert v["scores"] == {"train": {"mr_stft": 1.25}}
    assert (v["trained"]["steps"], v["trained"]["minutes"], v["trained"]["code_version"]) == (7, 0.5, "0.1.0")
    assert v["trained"]["configuration"]["model"] == "dense"
    assert v["licence"] == "CC-BY-4.0"  # that of all the data
    assert v["data_licence"] == "CC-BY-4.0 (6 items)"
    assert v["authors"] == ["Me", "A. Drummer"]
    half = Decoder.open(exported / "tiny.float16.decoder.onnx").metadata.values
    assert (v["trained"]["weights"], half["trained"]["weights"]) == ("float32", "float16")
    assert v["pair"] == half["pair"]


def test_examples_lie_on_the_pad(run: Path, exported: Path) -> None:
    m = Decoder.open(exported / "tiny.decoder.onnx").metadata
    assert sorted(e["name"] for e in m.values["examples"]) == [f"loop {i}" for i in range(6)]
    means = Run.open(run).latents["train_mean"]
    for e in m.values["examples"]:
        index = int(e["name"].split()[1])
        assert (e["licence"], e["score"]) == ("CC-BY-4.0", pytest.approx(0.1 * index))
        np.testing.assert_allclose(e["z"], means[index], atol=1e-5)
        np.testing.assert_allclose(m.pad.point(e["x"], e["y"]), means[index], atol=1e-4)


def test_images_without_latents_or_records(tmp_path: Path) -> None:
    """A run that was stopped before its results were written still has a pad: that of the prior."""
    files = export.export(
        write_run(tmp_path / "run", IMAGE, items=0), tmp_path / "faces", export.Settings(), lambda _: None
    )
    assert [f.name for f in files] == ["faces.decoder.onnx", "faces.encoder.onnx"]
    m = Decoder.open(files[0]).metadata
    assert m.geometry == IMAGE
    assert m.values["latent_std"] == [1.0] * 4
    assert m.values["examples"] == []
    assert m.values["licence"] == "unknown"


@pytest.mark.parametrize(
    ("file", "name", "value"),
    [
        (WEIGHTS, "to_output.bias", np.nan),
        (LATENTS, "train_mean", np.inf),
        (LATENTS, "train_mean", 3e38),
        (LATENTS, "train_log_variance", 3e38),
    ],
)
def test_a_training_that_blew_up_is_one_sentence(
    file: str, name: str, value: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = write_run(tmp_path / "run")
    tensors = load_file(broken / file)
    tensors[name][:] = value
    save_file(tensors, broken / file)
    assert main([str(broken), "--out", str(tmp_path / "out" / "tiny")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_failed_parity_writes_nothing(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = graph.to_onnx

    def wrong(wrapped: graph.DecoderGraph | graph.EncoderGraph):  # type: ignore[no-untyped-def]
        with torch.no_grad():
            wrapped.model.to_output.bias[:10] += 1e-3
            proto = real(wrapped)
            wrapped.model.to_output.bias[:10] -= 1e-3
        return proto

    monkeypatch.setattr(graph, "to_onnx", wrong)
    with pytest.raises(parity.ParityError, match=r"tiny\.decoder\.onnx: largest difference to PyTorch"):
        export.export(run, tmp_path / "out" / "tiny", export.Settings(), lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_variant_that_reconstructs_worse_is_refused(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights in so few bits that the sound suffers, though the graph is the same."""

    def coarse(proto: onnx.ModelProto, _: object = ()) -> onnx.ModelProto:
        for tensor in proto.graph.initializer:
            values = numpy_helper.to_array(tensor)
            if values.ndim == 2 and values.dtype == np.float32:
                step = np.abs(values).max() / 2
                tensor.CopyFrom(numpy_helper.from_array(np.round(values / step) * step, tensor.name))
        return proto

    model = Run.open(run).model().eval()
    pair = [
        graph.to_onnx(g).SerializeToString() for g in (graph.DecoderGraph(model), graph.EncoderGraph(model))
    ]
    with torch.no_grad():
        items = model.decode(torch.randn(4, 4, generator=torch.Generator().manual_seed(0))).numpy()
    whole = fidelity.measure(pair, model, items)
    assert abs(whole.lost) < 1e-3
    fidelity.require(whole, "tiny.decoder.onnx")
    poor = [coarse(onnx.load_from_string(data)).SerializeToString() for data in pair]
    loss = fidelity.measure(poor, model, items)
    assert loss.lost > fidelity.MAX_LOST["MR-STFT"]
    with pytest.raises(parity.ParityError, match=r"tiny\.decoder\.onnx: its reconstruction loses "):
        fidelity.require(loss, "tiny.decoder.onnx")
    monkeypatch.setattr(graph, "with_half_weights", coarse)
    monkeypatch.setattr(parity, "require", lambda *_: None)
    with pytest.raises(parity.ParityError, match="its reconstruction loses"):
        export.export(run, tmp_path / "out" / "tiny", export.Settings(weights=["float16"]), lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_file_that_breaks_the_contract_takes_the_other_with_it(tmp_path: Path) -> None:
    def check(path: Path) -> None:
        if b"bad" in path.read_bytes():
            raise ModelError("range: values from -2 to 2, expected -1 to 1")

    old = tmp_path / "a.decoder.onnx"
    old.write_bytes(b"old")
    with pytest.raises(ModelError, match="range"):
        export.write_together({old: b"new", tmp_path / "a.encoder.onnx": b"bad"}, check)
    assert [p.name for p in tmp_path.iterdir()] == ["a.decoder.onnx"]
    assert old.read_bytes() == b"old"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(OutputError, match="cannot be written"):
        export.write_together({tmp_path / "file" / "a.onnx": b"x"}, lambda _: None)


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("models", "models, a folder, expected DIR/NAME such as "),
        ("p1.decoder.onnx", "p1.decoder.onnx, expected DIR/NAME without an ending"),
        ("p1.onnx", "p1.onnx, expected DIR/NAME without an ending"),
        ("file/p1", "p1.decoder.onnx: cannot be written (Not a directory), expected a writable folder"),
        ("n" * 240, "cannot be written (File name too long)"),
    ],
)
def test_where_nothing_can_be_written_is_told_before_the_work(
    run: Path,
    tmp_path: Path,
    out: str,
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(Run, "model", lambda _: pytest.fail("it works"))
    assert main([str(run), "--out", str(tmp_path / out)]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "models"]
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no folder that takes no files")
def test_a_folder_that_takes_no_files_is_told_before_the_work(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "model", lambda _: pytest.fail("it works"))
    assert main([str(run), "--out", "/proc/models/p1"]) == 2
    assert "/proc/models/p1.decoder.onnx: cannot be written" in capsys.readouterr().err


def test_a_run_may_give_its_name_to_the_files(tmp_path: Path) -> None:
    run = write_run(tmp_path / "drums")
    files = export.export(run, run, export.Settings(), lambda _: None)
    assert files[0] == tmp_path / "drums.decoder.onnx"


def test_a_mistake_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere"), "--out", str(tmp_path / "x")]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "nowhere" in error
    assert list(tmp_path.iterdir()) == []


def test_what_is_measured_is_printed(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(run), "--out", str(tmp_path / "half"), "--float16"]) == 0
    said = capsys.readouterr().out
    for part in (
        "pad: x ",
        "macros: ",
        "half.decoder.onnx: audio of random z: largest difference ",
        "audio of training posteriors",
        "half.encoder.onnx: mean of ",
        "signal to difference",
        "half.decoder.onnx and its encoder: reconstruction MR-STFT ",
        "wrote ",
    ):
        assert part in said
    assert (
        json.loads(Decoder.open(tmp_path / "half.decoder.onnx").file.metadata["vaesynth"])["name"] == "tiny"
    )
