"""A window on doubles at a size and a scale, in a process of its own:
`QT_SCALE_FACTOR=1.5 python scaled.py FOLDER WIDTH HEIGHT [PICTURE]` prints what is wrong as JSON.
"""

import json
import sys
from pathlib import Path

import fakes
from cut_texts import cut_texts
from faint_texts import faint_texts
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication, QWidget
from rig import Bench

from vaesynth import models
from vaesynth_gui.widgets.side_panel import SidePanel


def pages_of(panel: SidePanel) -> dict[str, QWidget]:
    """All pages beside the pad by name."""
    return {"shape": panel.shape, "sound": panel.sound, "stems": panel.stems, "move": panel.motion,
            "chain": panel.chain}


def look(bench: Bench, width: int, height: int, picture: Path | None = None) -> dict[str, list[str]]:
    """Cut texts by page at a size; with `picture`, each page is kept as PICTURE-NAME.png."""
    bench.window.resize(width, height)
    QTest.qWait(50)
    found = {}
    for name, page in pages_of(bench.window.panel).items():
        bench.window.panel.pages.show_widget(page)
        QTest.qWait(20)
        found[name] = cut_texts(bench.window)
        if picture is not None:
            bench.window.grab().save(f"{picture}-{name}.png")
    return found


def main() -> None:
    """Look, and print."""
    app = QApplication([])
    folder, width, height, *picture = sys.argv[1:]
    real = models.describe(models.bundled("loop"), "bundled").metadata
    assert real is not None
    fakes.metadata = lambda *_: real  # its names are what has to fit
    bench = Bench(Path(folder)).show()
    bench.wait(lambda: bench.window.panel.loop.loop is not None)
    found = look(bench, int(width), int(height), Path(picture[0]) if picture else None)
    size = bench.window.grab().size()
    faint = {}
    for name in ("dark", "light"):
        bench.window.theme_chosen.emit(name)
        QTest.qWait(50)
        for page, widget in pages_of(bench.window.panel).items():
            bench.window.panel.pages.show_widget(widget)
            QTest.qWait(20)
            faint[f"{name} {page}"] = faint_texts(bench.window)
    print(json.dumps({"cut": found, "faint": faint, "pixels": [size.width(), size.height()]}))
    bench.app.close()
    app.processEvents()


if __name__ == "__main__":
    main()
