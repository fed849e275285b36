"""Every text that people see goes through Qt's translation."""

import ast
import re
from pathlib import Path

import pytest

import vaesynth_gui

SHOWN = frozenset((
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName",
    "setAccessibleDescription", "setSuffix", "addAction", "addItem", "addMenu", "addRow", "add_note",
    "set_message", "set_note", "hold_note", "show_notice", "show_error", "set_hint", "set_near", "set_labels",
    "QLabel", "Button", "QPushButton", "QCheckBox", "QAction", "QMenu", "Card", "Segmented", "QFileDialog"))
"""Calls whose texts are seen."""
UNTRANSLATED = frozenset(("OSC",))
"""Names are the same in every language."""
FILES = sorted(Path(vaesynth_gui.__file__).parent.rglob("*.py"))


def literals(node: ast.expr) -> list[str]:
    """Texts in an argument that are shown as they stand, those inside a translation left out."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.JoinedStr):
        return [part for value in node.values for part in literals(value)]
    if isinstance(node, ast.BinOp):
        return literals(node.left) + literals(node.right)
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    if isinstance(node, ast.List | ast.Tuple):
        return [part for element in node.elts for part in literals(element)]
    return []


def in_words(text: str) -> bool:
    """Whether a text has a word to translate: no sign, key, unit or number."""
    plain = re.sub(r"vaesynth|\t.*|Ctrl\+\S*|[\d/.:+−-]|k?Hz|ms|dB|%", "", text)
    return bool(re.search(r"[A-Za-z]{2,}", plain)) and text not in UNTRANSLATED


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.name)
def test_no_text_bypasses_the_translation(file: Path) -> None:
    bare = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in SHOWN:
                seen = node.args[:1] if name == "set_message" else node.args
                texts = [t for a in seen for t in literals(a)]
                texts += [t for k in node.keywords if k.arg in ("tip", "text") for t in literals(k.value)]
                bare += [f"{file.name}:{node.lineno}: {t!r}" for t in texts if in_words(t)]
    assert not bare


def test_a_bare_text_would_be_found() -> None:
    call = ast.parse('label.setText(f"Wrote {n} files" + ("" if n else "nothing"))').body[0].value
    found = [t for a in call.args for t in literals(a)]
    assert [t for t in found if in_words(t)] == ["Wrote ", " files", "nothing"]
    assert not any(map(in_words, ("1/16", "48 kHz", "\tCtrl+E", "−∞ dB", "vaesynth")))
