# SPDX-License-Identifier: GPL-3.0-or-later
"""The window in other languages: translations as `.ts` files, which Qt Linguist edits, read as they are."""

from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

import platformdirs
from PyQt6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER = "translations"
MAX_BYTES = 4 * 2**20


class Texts(QTranslator):
    """What a file translates; the rest stays as it was written.

    Args:
        file: made by `pylupdate6`, edited with Qt Linguist or by hand.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no such file.
    """

    def __init__(self, file: Path) -> None:
        super().__init__()
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES or b"<!ENTITY" in data:
            raise ValueError(f"{file.name}: is no translation, expected a .ts file")
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError as e:
            raise ValueError(f"{file.name}: is no translation ({e}), expected a .ts file") from e
        self._texts: dict[tuple[str, str], str] = {}
        for context in root.iter("context"):
            name = context.findtext("name", "")
            for message in context.iter("message"):
                translation = message.findtext("translation", "")
                if translation:
                    self._texts[name, message.findtext("source", "")] = translation

    def isEmpty(self) -> bool:
        return not self._texts

    def translate(self, context: str | None, source: str | None, disambiguation: str | None = None,
                  n: int = -1) -> str:
        # The stub knows no None, by which Qt goes on to ask others.
        return self._texts.get((context or "", source or ""))  # type: ignore[return-value]


def folders() -> tuple[Path, ...]:
    """Where translations are looked for: the user's own first."""
    own = Path(platformdirs.user_data_dir("vaesynth", appauthor=False)) / FOLDER
    return own, Path(__file__).parent / FOLDER


def install(app: QCoreApplication, locale: QLocale, places: Iterable[Path]) -> str | None:
    """Let the window speak the language of a locale.

    Args:
        app: that speaks.
        locale: the language, and others in its place.
        places: folders with files such as `de.ts` or `pt_BR.ts`.

    Returns:
        One sentence where a file is of no use, else None.
    """
    names = [name.replace("-", "_") for name in locale.uiLanguages()]
    files = (folder / f"{name}.ts" for name in names for folder in places)
    file = next((f for f in files if f.is_file()), None)
    if file is None:
        return None
    try:
        texts = Texts(file)
    except (OSError, ValueError) as e:
        return str(e)
    texts.setParent(app)
    app.installTranslator(texts)
    qt = QTranslator(app)  # of the dialogs that are Qt's
    if qt.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(qt)
    return None
