"""The Node example renders what Python renders, and says in a sentence what is wrong."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

from vaesynth.decoder import Decoder
from vaesynth.models import find

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def drums() -> Decoder:
    return Decoder.open(find("drums"))


def render(node: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [node, str(EXAMPLES / "node" / "render.mjs"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_node_renders_the_same_loop(node: str, node_example: Path, drums: Decoder, tmp_path: Path) -> None:
    out, macro = tmp_path / "loop.wav", drums.metadata.values["macros"][0]
    done = render(
        node, str(find("drums")), "--x", "0.3", "--y", "-0.55", "--loops", "2", "--out", str(out), "--json",
        "--macro", f"{macro['name']}={macro['max']}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found, rate = soundfile.read(out, dtype="float32")
    z = drums.metadata.pad.point(0.3, -0.55) + macro["max"] * np.asarray(macro["direction"], np.float32)
    wanted = drums.decode_loop(z).audio
    assert rate == drums.metadata.values["sample_rate"]
    np.testing.assert_allclose(found, np.concatenate([wanted, wanted]), atol=1e-3)
    told = json.loads(done.stdout)
    assert told["licence"] == drums.metadata.values["licence"]
    assert told["real_time_factor"] > 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothere.onnx"], "nothere.onnx cannot be read"),
        ([__file__], "this is no ONNX file"),
        (["--x", "3", "model.onnx"], "--x is 3, expected -1 to 1"),
        (["--macro", "loud", "model.onnx"], "expected NAME=NUMBER"),
        ([], "expected one model file"),
    ],
)
def test_node_names_what_is_wrong(node: str, node_example: Path, words: list[str], told: str) -> None:
    done = render(node, *words)
    assert done.returncode == 2
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "    at " not in done.stderr, "a stack trace"


def test_an_encoder_is_told(node: str, node_example: Path) -> None:
    encoder = str(find("drums")).replace(".decoder.", ".encoder.")
    done = render(node, encoder)
    assert done.returncode == 2
    expected = "takes audio and gives mean, log_variance, expected a decoder, which takes z and gives audio"
    assert done.stderr.strip() == f"{encoder}: the graph {expected}"


def test_an_image_and_an_unwritable_file_are_told(node: str, node_example: Path, tmp_path: Path) -> None:
    assert "kind is image, expected loop" in render(node, str(find("faces"))).stderr
    done = render(node, str(find("drums")), "--out", str(tmp_path / "no" / "loop.wav"))
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_the_metadata_reader_is_bounded(node: str, tmp_path: Path) -> None:
    """Cut off anywhere, or with a length that points outside, a file is refused with an Error and at once."""
    data = find("faces").read_bytes()
    giant = bytes([(7 << 3) | 2]) + b"\xff" * 9 + b"\x01"
    for name, content in (("cut", data[: len(data) // 2]), ("giant", giant), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        script = (
            "import { readFileSync } from 'node:fs';"
            f"import {{ readMetadata }} from {json.dumps((EXAMPLES / 'format/model_file.mjs').as_uri())};"
            "try { readMetadata(readFileSync(process.argv[1])); console.log('taken'); }"
            "catch (error) { console.log(error.constructor.name, error.message); }"
        )
        command = [node, "--input-type=module", "-e", script, str(tmp_path / name)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.stdout.startswith("Error "), (name, done.stdout, done.stderr)
