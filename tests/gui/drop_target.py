"""Another program that takes a dropped file, `python drop_target.py ANSWER`: ANSWER gets the file's path."""

import sys
from pathlib import Path

from PyQt6.QtGui import QDragEnterEvent, QDropEvent
from PyQt6.QtWidgets import QApplication, QWidget


class Target(QWidget):
    """Takes one drop and ends."""

    def dragEnterEvent(self, event: QDragEnterEvent | None) -> None:  # noqa: N802  # Qt's name
        assert event is not None
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent | None) -> None:  # noqa: N802  # Qt's name
        assert event is not None
        event.acceptProposedAction()
        mime = event.mimeData()
        assert mime is not None
        Path(sys.argv[1]).write_text(mime.urls()[0].toLocalFile())
        QApplication.quit()


app = QApplication([])
target = Target()
target.setAcceptDrops(True)
target.setGeometry(1400, 300, 300, 300)
target.show()
Path(sys.argv[1] + ".ready").touch()
app.exec()
