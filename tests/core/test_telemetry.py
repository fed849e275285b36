"""ONNX Runtime keeps, and sends, reports on what it loads unless it is told not to."""

import os
import subprocess
import sys
from pathlib import Path

import toy_models as toy


def test_no_report_is_kept_of_a_model_that_is_loaded(tmp_path: Path) -> None:
    model, home = toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder()), tmp_path / "home"
    home.mkdir()
    # Within CI systems it is silent by itself.
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("CI", "GITHUB_", "ORT_", "XDG_"))}
    code = ("import sys\nfrom pathlib import Path\nfrom vaesynth.decoder import Decoder\n"
            "Decoder.open(Path(sys.argv[1]), 'cpu')")
    subprocess.run([sys.executable, "-c", code, str(model)], check=True, env={**kept, "HOME": str(home)})
    assert not list(home.rglob("*"))
