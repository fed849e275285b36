"""What the wheel brings: two instruments, small enough, and each with the run it can be taught on from."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

import vaesynth
from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.validate import validate
from vaesynth_training.run import LATENTS, Run

BUNDLED = Path(vaesynth.__file__).parent / "bundled"
LARGEST = 12_000_000


@pytest.mark.parametrize("name", ["drums", "faces"])
def test_both_files_keep_the_contract_and_belong_together(name: str) -> None:
    files = [BUNDLED / f"{name}.{part}.onnx" for part in ("decoder", "encoder")]
    for file in files:
        assert file.stat().st_size <= LARGEST, file.name
        assert [f.name for f in validate(file) if not f.passed] == []
    Encoder.open(files[1], Decoder.open(files[0]).metadata)


@pytest.mark.parametrize("name", ["drums", "faces"])
def test_its_run_can_be_taught_on(name: str) -> None:
    folder = BUNDLED / f"{name}.run"
    model = Run.open(folder).model()
    assert model.latent_dim == Decoder.open(BUNDLED / f"{name}.decoder.onnx").metadata.latent_dim
    assert not (folder / LATENTS).exists(), "records of training items are not shipped"


@pytest.mark.parametrize("name", ["drums", "faces"])
def test_hosts_with_more_threads_get_the_same(name: str) -> None:
    """The player decodes in one thread; most other hosts leave their number to ONNX Runtime."""

    def decoded(threads: int) -> npt.NDArray[np.float32]:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        file = str(BUNDLED / f"{name}.decoder.onnx")
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        (z,) = session.get_inputs()
        latents = np.random.default_rng(0).standard_normal((24, 1, z.shape[1])).astype(np.float32)
        found = [session.run([session.get_outputs()[0].name], {"z": latent})[0] for latent in latents]
        return np.concatenate(found)

    np.testing.assert_allclose(decoded(4), decoded(1), atol=1e-5, rtol=0)
