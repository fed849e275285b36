# SPDX-License-Identifier: GPL-3.0-or-later
"""In time with others: a switch for Link, and a menu for clocks."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QMenu, QWidget

from vaesynth.control.sync_settings import SyncSettings

from .buttons import Button

if TYPE_CHECKING:
    from vaesynth.engine import SyncStatus


class LinkButton(Button):
    """Ableton Link, with the number of others in the session."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Link"), checkable=True, parent=parent)
        self.setFixedSize(62, 36)
        self.setStyleSheet("QPushButton { padding: 0; }")  # room for "Link 12"
        self._peers: int | None = None
        self.show_status(False, None)

    def show_status(self, on: bool, status: "SyncStatus | None") -> None:
        """Show whether it is on, and how many others there are."""
        self.setChecked(on)
        peers = status.peers if on and status is not None and status.source == "link" else None
        self.setText(self.tr("Link {n}").format(n=peers) if peers else self.tr("Link"))
        self.setAccessibleName(self.text())
        if status is None or peers is None:
            tip = self.tr("Ableton Link: keep time with other programs and machines of this network")
        else:
            tip = self.tr("Ableton Link: {n} others, {error:.1f} ms apart").format(
                n=peers, error=abs(status.error_ms))
        self.setToolTip((status.notice if on and status is not None else None) or tip)


class ClockButton(Button):
    """Lit while a clock is followed or sent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(self.tr("Clock"), checkable=True, parent=parent)
        self.setFixedSize(62, 36)
        self.setAccessibleName(self.text())
        self.show_status(SyncSettings(), None)

    def nextCheckState(self) -> None:
        """A click opens the menu; what is chosen there lights it."""

    def show_status(self, sync: SyncSettings, status: "SyncStatus | None") -> None:
        """Show whom it follows and who follows it."""
        self.setChecked(bool(sync.clock_in or sync.clock_out or sync.jack))
        lines = []
        if sync.clock_in:
            lines.append(self.tr("Follows the clock of {port}").format(port=sync.clock_in))
        if sync.jack:
            lines.append(self.tr("Follows JACK transport"))
        if lines and not (status is not None and status.following):
            lines.append((status.notice if status is not None else None) or self.tr("no clock is heard yet"))
        if sync.clock_out:
            lines.append(self.tr("Sends its clock to {port}").format(port=sync.clock_out))
        self.setToolTip(" · ".join(lines)
                        or self.tr("MIDI clock and JACK transport: follow one, or lead others"))


class ClockMenu(QMenu):
    """Whom to follow and whom to lead.

    Args:
        inputs, outputs: names of the MIDI ports; `fault` says why there are none.
        sync: what is set.
        follow, send: take a port's name or None; `jack` takes on or off.
    """

    def __init__(self, inputs: Sequence[str], outputs: Sequence[str], fault: str, sync: SyncSettings,
                 follow: Callable[[str | None], None], send: Callable[[str | None], None],
                 jack: Callable[[bool], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._add_ports(self.tr("Follow the clock of"), inputs, sync.clock_in, follow)
        self._add(self.tr("JACK transport"), sync.jack, lambda: jack(not sync.jack))
        self.addSeparator()
        self._add_ports(self.tr("Send the clock to"), outputs, sync.clock_out, send)
        if fault:
            self.addSeparator()
            self._add_head(fault)

    def _add_ports(self, title: str, ports: Sequence[str], chosen: str | None,
                   choose: Callable[[str | None], None]) -> None:
        self._add_head(title)
        names = list(ports)
        if chosen and not any(chosen in name for name in names):
            names.append(chosen)  # unplugged, yet still wanted
        self._add(self.tr("Nobody"), not chosen, partial(choose, None))
        for name in names:
            self._add(name, bool(chosen) and str(chosen) in name, partial(choose, name))

    def _add_head(self, text: str) -> None:
        action = QAction(text, self)
        action.setEnabled(False)
        self.addAction(action)

    def _add(self, text: str, checked: bool, act: Callable[[], None]) -> None:
        action = QAction(text, self)
        action.setCheckable(True)
        action.setChecked(checked)
        action.triggered.connect(lambda: act())
        self.addAction(action)
