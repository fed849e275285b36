"""`validate` finds each way of breaking the contract, and nothing in files that keep it."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import toy_models as toy
from onnx import helper

from vaesynth import providers
from vaesynth.validate import Finding, seam_is_sharpest, validate


def findings(tmp_path: Path, proto: onnx.ModelProto) -> dict[str, Finding]:
    return {f.name: f for f in validate(toy.write(tmp_path / "toy.onnx", proto))}


def broken(tmp_path: Path, proto: onnx.ModelProto) -> list[str]:
    return [name for name, f in findings(tmp_path, proto).items() if not f.passed]


def test_a_loop_decoder_with_stems_passes_every_rule(tmp_path: Path) -> None:
    found = findings(tmp_path, toy.loop_decoder(stems=True))
    assert list(found) == [
        "file",
        "metadata",
        "examples",
        "graph",
        "batch",
        "determinism",
        "threads",
        "range",
        "signal",
        "seam",
        "stems",
    ]
    assert all(f.passed for f in found.values()), found
    assert "low, high" in found["stems"].detail


@pytest.mark.parametrize("proto", [toy.image_decoder(), toy.encoder(), toy.encoder("image")])
def test_image_decoders_and_encoders_pass(tmp_path: Path, proto: onnx.ModelProto) -> None:
    assert broken(tmp_path, proto) == []


def test_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "toy.onnx"
    path.write_bytes(b"nothing of the kind")
    (finding,) = validate(path)
    assert not finding.passed
    assert "toy.onnx" in finding.detail


def test_lying_metadata(tmp_path: Path) -> None:
    found = findings(tmp_path, toy.loop_decoder(toy.metadata(channels=1)))
    assert [n for n, f in found.items() if not f.passed] == ["graph"]
    assert "expected float32 [batch, 1, 4000]" in found["graph"].detail


def test_other_values_in_several_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = providers.open_session

    class Astray:
        def __init__(self, path: Path, provider: str | None, threads: int) -> None:
            self.session, _ = opened(path, provider, threads)
            self.off = 0.001 if threads > 1 else 0.0

        def run(self, outputs: list[str], given: dict[str, Any]) -> list[Any]:
            return [values + self.off for values in self.session.run(outputs, given)]

    monkeypatch.setattr(providers, "open_session", lambda *given: (Astray(*given), "cpu"))
    assert broken(tmp_path, toy.loop_decoder()) == ["threads"]


def test_values_out_of_range(tmp_path: Path) -> None:
    assert broken(tmp_path, toy.loop_decoder(gain=1.5)) == ["range"]


def test_an_example_that_lies_elsewhere(tmp_path: Path) -> None:
    example = {"name": "mine", "z": [0.5, -0.25, 0.0, 0.0], "x": 0.5, "y": -0.25}
    assert broken(tmp_path, toy.loop_decoder(toy.metadata(examples=[example]))) == []
    example["y"] = 0.25
    assert broken(tmp_path, toy.loop_decoder(toy.metadata(examples=[example]))) == ["examples"]


def test_silence(tmp_path: Path) -> None:
    assert "signal" in broken(tmp_path, toy.loop_decoder(gain=0.0))


def test_a_broken_seam(tmp_path: Path) -> None:
    assert broken(tmp_path, toy.loop_decoder(seam=True)) == ["seam"]


def test_the_papers_own_geometry_is_exempt_from_the_seam(tmp_path: Path) -> None:
    values = toy.metadata(sample_rate=30_000, channels=1, frames=30_000, beats=2, bpm=120.0)
    proto = toy.loop_decoder(values, channels=1, frames=30_000, seam=True)
    assert broken(tmp_path, proto) == []


def test_stems_that_do_not_sum(tmp_path: Path) -> None:
    assert broken(tmp_path, toy.loop_decoder(stems=True, stems_error=0.01)) == ["stems"]


def test_items_of_a_batch_that_know_of_each_other(tmp_path: Path) -> None:
    proto = toy.loop_decoder()
    # Subtract the mean over the batch: a single item then loses all of z.
    proto.graph.node.insert(0, helper.make_node("ReduceMean", ["z"], ["mean"], axes=[0], keepdims=1))
    proto.graph.node.insert(1, helper.make_node("Sub", ["z", "mean"], ["own"]))
    proto.graph.node[2].input[0] = "own"
    assert broken(tmp_path, proto) == ["batch"]


def test_noise_is_refused(tmp_path: Path) -> None:
    proto = toy.loop_decoder()
    proto.graph.node.insert(0, helper.make_node("RandomNormalLike", ["z"], ["noise"]))
    proto.graph.node.insert(1, helper.make_node("Add", ["z", "noise"], ["noisy"]))
    proto.graph.node[2].input[0] = "noisy"
    found = findings(tmp_path, proto)
    assert not found["file"].passed
    assert "RandomNormalLike, expected a deterministic graph" in found["file"].detail


def test_seam_sharpness_is_that_of_a_break_not_of_loudness() -> None:
    t = np.arange(4_000) / 4_000
    whole = np.sin(2 * np.pi * 5 * t + 0.7)[None]  # seamless, and not zero at the seam
    assert not seam_is_sharpest(whole)
    assert seam_is_sharpest(np.sin(2 * np.pi * 5.5 * t + 0.7)[None])
    click = whole.copy()
    click[0, 2000] += 1.0
    assert not seam_is_sharpest(click)
