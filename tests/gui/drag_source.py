"""Another program that files are dragged out of: `python drag_source.py X Y READY FILE …`.

Its window stands at X, Y; READY is made as soon as it can be taken hold of. It hands the files over
when they are dropped, and runs until it is killed.
"""

import sys
from pathlib import Path

from PyQt6.QtCore import QMimeData, Qt, QUrl
from PyQt6.QtGui import QDrag, QMouseEvent
from PyQt6.QtWidgets import QApplication, QWidget


class Source(QWidget):
    """Lets its files be dragged, as a file manager does."""

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:  # noqa: N802  # Qt's name
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(file) for file in sys.argv[4:]])
        drag = QDrag(self)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)


app = QApplication([])
source = Source()
source.setGeometry(int(sys.argv[1]), int(sys.argv[2]), 40, 40)
source.show()
Path(sys.argv[3]).touch()
app.exec()
