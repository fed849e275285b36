"""The theory page names code that is really there."""

import importlib
import re
from pathlib import Path

import pytest

import vaesynth_training
from vaesynth_training import imputation, model, studies, traversal
from vaesynth_training.losses import elbo, stft
from vaesynth_training.models import paper

PAGE = (Path(__file__).parents[2] / "docs" / "theory.md").read_text("utf-8")
CODE = re.findall(r"`([^`\n]+)`", PAGE)
KNOWN = (model, elbo, stft, paper, studies, traversal, imputation)
NAMES = sorted(
    {
        c
        for c in CODE
        if re.fullmatch(r"[A-Za-z_]+(\.[A-Za-z_]+)+", c) and not c.endswith((".py", ".md", ".csv"))
    }
)


def found(name: str) -> bool:
    """Whether a dotted name is a module's, or one of a class that the page speaks of."""
    *parents, last = name.split(".")
    try:
        module = importlib.import_module(f"{vaesynth_training.__name__}.{'.'.join(parents)}")
    except ModuleNotFoundError:
        classes = [getattr(known, parents[0], None) for known in KNOWN]
        return any(hasattr(c, last) or last in getattr(c, "__annotations__", {}) for c in classes if c)
    return hasattr(module, last)


def test_the_page_names_code() -> None:
    assert len(NAMES) > 10


@pytest.mark.parametrize("name", NAMES)
def test_what_it_names_is_there(name: str) -> None:
    assert found(name)


def test_the_lines_of_equation_1_stand_in_the_code() -> None:
    source = Path(paper.__file__).read_text("utf-8")
    table = PAGE[PAGE.index("five lines of `DenseVae.losses`") : PAGE.index("Both terms are logged apart")]
    lines = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(lines) == 5
    assert [line for line in lines if line not in source] == []
