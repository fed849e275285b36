# SPDX-License-Identifier: GPL-3.0-or-later
"""Second page: how far it has come, what it sounds like by now, and the ways to end it."""

from collections.abc import Sequence

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QPainter, QPaintEvent, QPen
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from ... import icons, theme
from ...learn.progress import LogReader
from ...learn.training import STAGES
from ..buttons import Button, Card
from .examples import Examples
from .loss_view import LossView


class Steps(QWidget):
    """The three stages in a line: done, running, to come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = {"prepare": self.tr("Prepare the loops"), "train": self.tr("Learn"),
                       "export": self.tr("Make the instrument")}
        self._at = 0
        self.setFixedHeight(30)

    def set_stage(self, stage: str) -> None:
        """Show a stage as the one that runs; "done" shows all as done."""
        self._at = len(STAGES) if stage == "done" else [*STAGES].index(stage)  # type: ignore[arg-type]
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(480, 30)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        c = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = 0.0
        for i, name in enumerate(self._names.values()):
            dot = QRectF(x + 1, 5, 20, 20)
            done, running = i < self._at, i == self._at
            painter.setPen(QPen(c["accent" if running or done else "muted"], 1.5))
            painter.setBrush(c["accent"] if done else Qt.GlobalColor.transparent)
            painter.drawEllipse(dot)
            if done:
                icons.draw(painter, "check", dot.adjusted(4, 4, -4, -4), c["on_accent"])
            else:
                painter.setFont(theme.font(theme.CAPTION, 600))
                painter.setPen(c["accent" if running else "muted"])
                painter.drawText(dot, Qt.AlignmentFlag.AlignCenter, str(i + 1))
            painter.setFont(theme.font(theme.BODY, 600 if running else 400))
            painter.setPen(c["text" if running or done else "muted"])
            width = painter.fontMetrics().horizontalAdvance(name)
            painter.drawText(QRectF(x + 30, 0, width + 4, 30), Qt.AlignmentFlag.AlignVCenter, name)
            x += 30 + width + 34


class RunPage(QWidget):
    """Shows a training; its buttons are asked by whoever runs it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps, self.loss, self.examples = Steps(), LossView(), Examples()
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.title, self.time, self.note = QLabel(), QLabel(), QLabel()
        self.title.setProperty("role", "heading")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.time.setProperty("role", "muted")
        self.time.setTextFormat(Qt.TextFormat.PlainText)
        self.time.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a line may be long
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cancel = Button(self.tr("Cancel"))
        self.finish = Button(self.tr("Finish now"), tip=self.tr(
            "End the learning here, and make the instrument of what has been learnt"))
        self.again = Button(self.tr("Learn other loops"))
        self.close_button = Button(self.tr("Close"))
        self.close_button.setProperty("role", "primary")
        plot, listen = Card(self.tr("How it gets on")), Card(self.tr("Listen"))
        plot.body.addWidget(self.loss, 1)
        listen.body.addWidget(self.examples)
        listen.body.addStretch(1)
        cards = QHBoxLayout()
        cards.setSpacing(theme.GAP)
        cards.addWidget(plot, 3)
        cards.addWidget(listen, 2)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        for button in (self.cancel, self.finish, self.again, self.close_button):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.steps)
        column.addWidget(self.bar)
        column.addWidget(self.time)
        column.addLayout(cards, 1)
        column.addLayout(foot)

    def begin(self, name: str) -> None:
        """A training begins."""
        self.title.setText(name)
        self.note.setText("")
        self.time.setText("")
        self.loss.show_points((), 1)
        self.bar.setValue(0)
        self._offer(running=True)

    def show_stage(self, stage: str) -> None:
        """Another stage runs."""
        self.steps.set_stage(stage)
        self.finish.setEnabled(False)
        texts = {"prepare": self.tr("Cutting the loops into bars …"),
                 "train": self.tr("Starting; the first step takes a moment …"),
                 "export": self.tr("Making the instrument; that takes a minute or two …")}
        self.time.setText(texts[stage])
        # Without an end in sight the bar runs to and fro.
        self.bar.setRange(0, 1000 if stage == "train" else 0)

    def show_word(self, line: str) -> None:
        """What a stage without an end in sight has just said of itself."""
        self.time.setText(line)

    def show_log(self, log: LogReader, minutes: float, *, may_finish: bool) -> None:
        """The training has got on."""
        self.finish.setEnabled(may_finish)
        self.bar.setValue(round(1000 * min(1.0, log.minutes / minutes)))
        self.loss.show_points(log.values["train", "loss"], minutes)
        if may_finish:
            self.time.setText(self.tr("{done} of {all} min · step {n}").format(
                done=_clock(log.minutes), all=_clock(minutes), n=log.step))
        elif log.minutes >= minutes:
            self.time.setText(self.tr("Placing your loops on the pad …"))

    def show_refusals(self, refused: Sequence[tuple[str, str]]) -> None:
        """Say which loops could not be used."""
        self.note.setText("\n".join(f"{file}: {reason}" for file, reason in refused[:3]))

    def show_end(self, text: str, *, done: bool) -> None:
        """It is over: done, or with the reason why not."""
        self.bar.setRange(0, 1000)
        self.bar.setValue(1000 if done else 0)
        if done:
            self.steps.set_stage("done")
        self.time.setText("")
        self.note.setText(text)
        self._offer(running=False)

    def _offer(self, running: bool) -> None:
        for button in (self.cancel, self.finish):
            button.setVisible(running)
        for button in (self.again, self.close_button):
            button.setVisible(not running)


def _clock(minutes: float) -> str:
    seconds = round(60 * minutes)
    return f"{seconds // 60}:{seconds % 60:02d}"
