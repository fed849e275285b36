"""The core must stay usable in programs of any licence."""

import sys
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
from licences import declared, dependencies, is_copyleft


def test_the_core_depends_on_no_gpl_code() -> None:
    licences = {name: declared(package) for name, package in dependencies("vaesynth").items()}
    assert {"numpy", "onnxruntime", "sounddevice"} <= licences.keys()
    assert not [
        f"{name}: {licence or 'undeclared'}"
        for name, licence in licences.items()
        if not licence or is_copyleft(licence)
    ]


def test_the_windows_toolkit_is_seen_to_be_gpl() -> None:
    assert is_copyleft(declared(distribution("PyQt6")))


@pytest.mark.parametrize(
    ("licence", "copyleft"),
    [
        ("GPL-3.0-or-later", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("AGPL-3.0", True),
        ("MIT AND GPL-2.0-only", True),
        ("LGPL-2.1-or-later", False),
        ("Apache-2.0 OR GPL-2.0", False),
        ("GNU Lesser General Public License v3", False),
        ("BSD-3-Clause AND MIT", False),
    ],
)
def test_copyleft(licence: str, copyleft: bool) -> None:
    assert is_copyleft(licence) is copyleft


def test_declared_prefers_the_expression_and_falls_back_to_classifiers(tmp_path: Path) -> None:
    def package(*lines: str) -> Distribution:
        (tmp_path / "METADATA").write_text(
            "\n".join(["Metadata-Version: 2.4", "Name: x", "Version: 1", *lines, ""])
        )
        return Distribution.at(tmp_path)

    classifier = "Classifier: License :: OSI Approved :: MIT License"
    assert declared(package("License-Expression: BSD-3-Clause", classifier)) == "BSD-3-Clause"
    assert declared(package("License: see file", classifier)) == "MIT License"
    assert declared(package()) == ""
