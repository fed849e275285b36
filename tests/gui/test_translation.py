"""Every text that people see goes through Qt's translation."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PyQt6.QtCore import QLocale
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication
from rig import Bench
from scaled import pages_of
from shown_texts import painted_texts, shown_texts

import vaesynth_gui
from vaesynth import models
from vaesynth_gui import dialogs, translation
from vaesynth_gui.widgets.preferences.sound_page import SoundPage

SHOWN = frozenset((
    "setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName",
    "setAccessibleDescription", "setSuffix", "addAction", "addItem", "addMenu", "addRow", "add_note",
    "set_message", "set_note", "hold_note", "show_notice", "show_error", "set_hint", "set_near", "set_labels",
    "QLabel", "Button", "QPushButton", "QCheckBox", "QAction", "QMenu", "Card", "Segmented", "QFileDialog"))
"""Calls whose texts are seen."""
UNTRANSLATED = frozenset(("OSC",))
"""Names are the same in every language."""
KEYS = re.compile(r"(Ctrl|Shift|Alt|Space|Tab|Esc)( \+ )?[A-Z]?\b")
"""And what stands on keys."""
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


@pytest.fixture
def foreign(qapp: QApplication, tmp_path: Path) -> Iterator[None]:
    """A language in which every text that Qt's tool finds stands between angle quotes, and no other."""
    file = tmp_path / "en.ts"
    program = [sys.executable, "-m", "PyQt6.lupdate.pylupdate", "--ts", str(file)]
    subprocess.run([*program, str(Path(vaesynth_gui.__file__).parent)], check=True, capture_output=True)
    tree = ElementTree.parse(file)
    for message in tree.iter("message"):
        message.find("translation").text = f"«{message.findtext('source')}»"
    tree.write(file, encoding="utf-8")
    texts = translation.Texts(file)
    qapp.installTranslator(texts)
    yield
    qapp.removeTranslator(texts)


def test_the_whole_window_speaks_another_language(foreign: None, bench: Bench, monkeypatch) -> None:
    """Also where a class inherits a text, whose context Qt's tool and PyQt see differently."""
    monkeypatch.setattr(dialogs, "list_outputs", lambda: (["Card A"], ["cpu"]))
    monkeypatch.setattr(dialogs, "list_ports", lambda: (["Keys"], [], ""))
    bench.show()
    bench.wait(lambda: bench.window.panel.loop.loop is not None)
    window, shown = bench.window, {}
    shown["window"] = shown_texts(window)
    for page in pages_of(window.panel).values():
        window.panel.pages.show_widget(page)
        QTest.qWait(20)
        shown["window"] |= painted_texts(window)
    window.preferences_asked.emit()
    bench.wait(lambda: bench.app.dialogs.preferences.findChild(SoundPage).device.findText("Card A") >= 0)
    shown["preferences"] = shown_texts(bench.app.dialogs.preferences)
    bench.app.dialogs.preferences.reject()
    window.models_asked.emit()
    bench.wait(lambda: bench.app.dialogs.browser.list.currentItem() is not None)
    shown["models"] = shown_texts(bench.app.dialogs.browser)
    bench.app.dialogs.browser.reject()
    window.show_shortcuts()
    shown["sheet"] = shown_texts(window.sheet)
    window.show_shortcuts()
    window.exporting.ask_for_variations()
    shown["variations"] = shown_texts(window.exporting.variations)
    window.exporting.variations.reject()
    bench.app.guide.open()
    shown["learning"] = shown_texts(bench.app.guide.dialog)
    bench.app.guide.dialog.close()
    names = names_of_the_model(bench)
    bare = {place: {t for t in texts if "«" not in t and in_words(KEYS.sub("", t)) and t not in names}
            for place, texts in shown.items()}
    assert not any(bare.values()), bare
    assert sum("«" in t for texts in shown.values() for t in texts) > 200


def names_of_the_model(bench: Bench) -> set[str]:
    """What a model calls its parts is no text of the window."""
    values = bench.instrument.metadata.values
    names = {entry["name"] for part in ("macros", "examples") for entry in values[part]}
    names |= {voice.replace("_", " ").capitalize() for voice in values["voices"]}
    names |= {f"{values['pad'][f'{axis}_label']}  →" for axis in "xy"}
    files = {models.user_folder(), models.user_folder().with_name("runs"), bench.model, bench.model.name}
    bundled = {models.describe(models.bundled(kind), "").metadata.name for kind in ("loop", "image")}
    line = {"system  ·  12 kHz  ·  256  ·  10.7 ms", "CPU", "Card A", "Keys", "cpu"}
    return names | {values["name"], f"{values['name']} – vaesynth"} | set(map(str, files)) | bundled | line


def test_a_file_beside_the_others_is_found_by_the_language(qapp: QApplication, tmp_path: Path) -> None:
    text = "<TS><context><name>TopBar</name><message><source>Tap</source><translation>Tippen</translation>"
    (tmp_path / "de.ts").write_text(text + "</message></context></TS>")
    assert translation.install(qapp, QLocale("de_AT"), [tmp_path / "none", tmp_path]) is None
    texts = next(child for child in qapp.children() if isinstance(child, translation.Texts))
    try:
        assert qapp.translate("TopBar", "Tap") == "Tippen"
        assert qapp.translate("TopBar", "Swing") == "Swing"
    finally:
        qapp.removeTranslator(texts)
    assert translation.install(qapp, QLocale("fr_FR"), [tmp_path]) is None
    assert qapp.translate("TopBar", "Tap") == "Tap"
    (tmp_path / "fr.ts").write_text("no file")
    assert "fr.ts: is no translation" in translation.install(qapp, QLocale("fr_FR"), [tmp_path])
