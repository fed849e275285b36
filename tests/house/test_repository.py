"""The texts and settings around the code agree with each other."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
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


def imported(path: Path) -> set[str]:
    """Top-level names of the packages that a module imports anywhere, relative imports left out."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [
        node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module and not node.level
    ]
    return {name.split(".")[0] for name in names}


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


def test_the_listening_page_is_small_and_plays_what_lies_beside_it() -> None:
    files = tracked("docs/listening")
    assert sum(path.stat().st_size for path in files) <= 1_000_000
    (page,) = (path for path in files if path.suffix == ".html")
    played = set(re.findall(r'src="([^"]+)"', page.read_text("utf-8")))
    assert played == {path.name for path in files} - {page.name}


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


def test_every_library_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name: set(map(Requirement, texts)) for name, texts in project["optional-dependencies"].items()}
    core = set(map(Requirement, project["dependencies"]))
    core = core.union(*(extras[name] for name in ("prepare", "faces", "gui", "fx", "control", "link")))
    declared = {"src": core, "gui": core, "training": core | extras["train"]}
    declared["export"] = declared["training"] | extras["export"]
    own = {"vaesynth", "vaesynth_gui", "vaesynth_training", "vaesynth_export"}
    distributions = packages_distributions()
    undeclared = set()
    for folder, requirements in declared.items():
        allowed = {canonicalize_name(r.name) for r in requirements}
        for path in (ROOT / folder).rglob("*.py"):
            for module in imported(path) - sys.stdlib_module_names - own:
                # The wheel of dlib does not say what it holds.
                names = distributions.get(module, [module, f"{module}-bin"])
                if not {canonicalize_name(name) for name in names} & allowed:
                    undeclared.add(f"{path.relative_to(ROOT)}: {module}")
    assert not undeclared


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
