"""The texts and settings around the code agree with each other."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def test_links_in_the_documents_lead_somewhere() -> None:
    documents = tracked("*.md")
    assert ROOT / "README.md" in documents
    broken = [
        f"{document.relative_to(ROOT)}: {target}"
        for document in documents
        for target in LINK.findall(document.read_text("utf-8"))
        if "://" not in target and not (document.parent / target).exists()
    ]
    assert not broken


def test_every_direct_dependency_is_pinned_within_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [
        *project["dependencies"],
        *(t for extra in project["optional-dependencies"].values() for t in extra),
    ]
    direct = [r for r in map(Requirement, texts) if r.name != project["name"]]
    lines = [
        line.split("#")[0].strip() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    ]
    pins = {canonicalize_name(r.name): r for r in map(Requirement, filter(None, lines))}
    assert not [r.name for r in direct if canonicalize_name(r.name) not in pins]
    for requirement in direct:
        (pin,) = pins[canonicalize_name(requirement.name)].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), requirement.name


def test_no_module_lies_directly_in_a_folder_that_is_put_on_the_path() -> None:
    assert not [
        path for folder in ("src", "gui", "training", "export") for path in (ROOT / folder).glob("*.py")
    ]


@pytest.mark.parametrize("folder", ["src", "gui", "training", "export"])
def test_each_folder_names_its_licence(folder: str) -> None:
    expected = "GPL-3.0-or-later" if folder == "gui" else "Apache-2.0"
    assert f"[{expected}]" in (ROOT / folder / "README.md").read_text("utf-8")


def test_setup_explains_itself_when_it_is_called_wrongly() -> None:
    done = subprocess.run([ROOT / "scripts" / "setup"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "scripts/setup play" in done.stderr
