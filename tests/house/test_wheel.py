"""One distribution with everything in it that an installed vaesynth needs."""

import email
import email.message
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "vaesynth": "src",
    "vaesynth_gui": "gui",
    "vaesynth_training": "training",
    "vaesynth_export": "export",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> email.message.Message:
    name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
    return email.message_from_bytes(wheel.read(name))


def tracked(*patterns: str) -> set[str]:
    """Files under version control, relative to the package folders as in a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {path.split("/", 1)[1] for path in listed.stdout.split("\0") if path}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_wheel_holds_every_file_of_each_package(wheel: zipfile.ZipFile, package: str) -> None:
    expected = tracked(f"{PACKAGES[package]}/{package}")
    assert expected
    # Configurations, fonts and bundled models are data that a build may forget; here they count like code.
    assert expected - set(wheel.namelist()) == set()
    assert f"{package}/py.typed" in expected


def test_the_wheel_holds_configurations_and_bundled_models(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    configurations = {
        Path(n).stem for n in names if n.startswith("vaesynth_training/configs/") and n.endswith(".yaml")
    }
    assert {"drums", "faces", "paper_drums", "paper_faces"} <= configurations
    bundled = {n.removeprefix("vaesynth/bundled/") for n in names if n.startswith("vaesynth/bundled/")}
    assert {"drums.decoder.onnx", "faces.decoder.onnx"} <= bundled


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)


def test_all_licences_are_stated_and_enclosed(
    wheel: zipfile.ZipFile, metadata: email.message.Message
) -> None:
    assert metadata["License-Expression"] == (
        "Apache-2.0 AND GPL-3.0-or-later AND OFL-1.1 AND ISC AND MIT")
    assert metadata.get_all("License-File") == [
        "LICENSE",
        "gui/LICENSE",
        "gui/vaesynth_gui/fonts/OFL.txt",
        "gui/vaesynth_gui/lucide/LICENSE",
    ]
    texts = {
        n.split(".dist-info/licenses/")[1]: wheel.read(n).decode()
        for n in wheel.namelist()
        if "/licenses/" in n
    }
    assert "Apache License" in texts["LICENSE"]
    assert "GNU GENERAL PUBLIC LICENSE" in texts["gui/LICENSE"]


def test_the_core_requires_neither_torch_nor_qt(metadata: email.message.Message) -> None:
    plain = [r for r in metadata.get_all("Requires-Dist") or [] if "extra ==" not in r]
    assert plain
    assert not [r for r in plain if r.lower().startswith(("torch", "pyqt", "lightning", "librosa"))]


def test_the_command_is_declared(wheel: zipfile.ZipFile) -> None:
    entry_points = next(n for n in wheel.namelist() if n.endswith("entry_points.txt"))
    assert "vaesynth = vaesynth.cli:main" in wheel.read(entry_points).decode()
