# SPDX-License-Identifier: GPL-3.0-or-later
"""One visual language: two sets of colours, one typeface, one style sheet made from both."""

from dataclasses import dataclass
from importlib import resources

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PyQt6.QtWidgets import QApplication

FAMILY = "Vaesynth Inter"
"""Inter with tabular digits, so that numbers do not dance; what it lacks comes from the system."""
BODY, CAPTION, TITLE, DISPLAY = 13, 11, 15, 21
"""Text sizes in device-independent pixels."""
RADIUS, CARD_RADIUS, GAP = 6, 10, 12


@dataclass(frozen=True)
class Colours:
    """The colours by what they are for; text on any surface reaches WCAG AA (tested)."""

    dark: bool
    background: str
    surface: str
    raised: str
    pressed: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    warning: str
    danger: str
    good: str
    wave: str
    wave_body: str
    grid: str

    def __getitem__(self, name: str) -> QColor:
        """The colour of that name, to paint with."""
        return QColor(getattr(self, name))

    def with_alpha(self, name: str, alpha: float) -> QColor:
        """The colour of that name at an opacity from 0 to 1."""
        colour = self[name]
        colour.setAlphaF(alpha)
        return colour


DARK = Colours(
    dark=True, background="#0d0e11", surface="#15171b", raised="#1f2228", pressed="#2a2e36", line="#2b2f38",
    text="#eceef2", muted="#9ba2ae", accent="#ff7d4a", on_accent="#1a0902", warning="#ffc24b",
    danger="#ff6b6b", good="#5fd6a2", wave="#8d95a5", wave_body="#d5d9e2", grid="#343944")
LIGHT = Colours(
    dark=False, background="#eceae6", surface="#f8f7f5", raised="#e6e3de", pressed="#d8d4cd", line="#d3cfc8",
    text="#17181c", muted="#565b66", accent="#c2410c", on_accent="#ffffff", warning="#8a5a00",
    danger="#b42318", good="#0f6b46", wave="#9aa0ab", wave_body="#3b404b", grid="#d3cfc8")


def colours() -> Colours:
    """The colours in use."""
    app = QApplication.instance()
    used = app.property("vaesynth_colours") if app is not None else None
    return used if isinstance(used, Colours) else DARK


def load_fonts() -> None:
    """Make the bundled typeface known to Qt."""
    folder = resources.files(__package__) / "fonts"
    for entry in folder.iterdir():
        if entry.name.endswith(".ttf"):
            QFontDatabase.addApplicationFontFromData(entry.read_bytes())


def font(size: int = BODY, weight: int = 400) -> QFont:
    """The typeface at a size in device-independent pixels."""
    made = QFont(FAMILY)
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    return made


def wanted(theme: str, app: QApplication) -> Colours:
    """The colours of a setting: dark, light, or whatever the system shows now."""
    if theme == "system":
        hints = app.styleHints()
        light = hints is not None and hints.colorScheme() == Qt.ColorScheme.Light
        return LIGHT if light else DARK
    return LIGHT if theme == "light" else DARK


def apply(app: QApplication, used: Colours) -> None:
    """Dress the application; widgets learn of it by a `PaletteChange` event."""
    app.setProperty("vaesynth_colours", used)
    app.setFont(font())
    app.setStyle("Fusion")
    palette = QPalette()
    role = QPalette.ColorRole
    for where, name in (
            (role.Window, "background"), (role.Base, "surface"), (role.AlternateBase, "raised"),
            (role.Button, "raised"), (role.WindowText, "text"), (role.Text, "text"),
            (role.ButtonText, "text"),
            (role.ToolTipBase, "raised"), (role.ToolTipText, "text"), (role.Highlight, "accent"),
            (role.HighlightedText, "on_accent"), (role.PlaceholderText, "muted"), (role.Link, "accent"),
            (role.Accent, "accent")):
        palette.setColor(where, used[name])
    for where in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, where, used["muted"])
    app.setPalette(palette)
    app.setStyleSheet(style_sheet(used))


def style_sheet(c: Colours) -> str:
    """The style sheet for standard widgets in these colours."""
    return f"""
    QDialog {{ background: {c.surface}; }}
    QToolTip {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; padding: 5px 7px; }}
    QFrame#card {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {CARD_RADIUS}px; }}
    QLabel {{ background: transparent; }}
    QLabel[role="caption"] {{ color: {c.muted}; font-size: {CAPTION}px; }}
    QLabel[role="title"] {{ color: {c.text}; font-size: {BODY}px; font-weight: 600; }}
    QLabel[role="muted"] {{ color: {c.muted}; }}
    QLabel[role="heading"] {{ font-size: 18px; font-weight: 600; }}
    QLabel[role="warning"] {{ color: {c.warning}; font-size: {CAPTION}px; }}
    QLabel[role="key"] {{ background: {c.raised}; border: 1px solid {c.line}; border-radius: 4px;
        padding: 2px 7px; }}
    QPushButton, QToolButton {{
        background: {c.raised}; color: {c.text}; border: 1px solid transparent; border-radius: {RADIUS}px;
        padding: 5px 10px; }}
    QPushButton:hover, QToolButton:hover {{ background: {c.pressed}; }}
    QPushButton:pressed, QToolButton:pressed {{ background: {c.line}; }}
    QPushButton:checked, QToolButton:checked {{ background: {c.accent}; color: {c.on_accent}; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {c.muted}; background: {c.surface}; }}
    QPushButton:focus, QToolButton:focus {{ border-color: {c.accent}; }}
    QPushButton[flat="true"], QToolButton[flat="true"] {{ background: transparent; }}
    QPushButton[flat="true"]:hover, QToolButton[flat="true"]:hover {{ background: {c.raised}; }}
    QPushButton[flat="true"]:checked {{ background: {c.accent}; }}
    QPushButton[role="primary"]:enabled {{ background: {c.accent}; color: {c.on_accent}; font-weight: 600; }}
    QFrame[role="strip"] {{ background: {c.raised}; border-radius: {RADIUS}px; }}
    QPushButton[role="mute"], QPushButton[role="solo"] {{ background: {c.pressed}; padding: 0;
        border-radius: 4px; font-size: {CAPTION}px; font-weight: 600; }}
    QPushButton[role="record"]:checked {{ background: {c.danger}; }}
    QPushButton[role="mute"]:checked {{ background: {c.warning}; color: {c.on_accent}; }}
    QPushButton[role="solo"]:checked {{ background: {c.good}; color: {c.on_accent}; }}
    QPushButton[role="mute"]:focus, QPushButton[role="solo"]:focus {{ border-color: {c.accent}; }}
    QToolButton::menu-indicator {{ image: none; }}
    QAbstractSpinBox, QLineEdit, QComboBox {{
        background: {c.raised}; color: {c.text}; border: 1px solid transparent; border-radius: {RADIUS}px;
        padding: 4px 8px; selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QAbstractSpinBox:focus, QLineEdit:focus, QComboBox:focus {{ border-color: {c.accent}; }}
    QComboBox::drop-down {{ border: none; width: 20px; }}
    QComboBox QAbstractItemView {{ background: {c.raised}; border: 1px solid {c.line}; outline: none;
        selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}
    QMenu {{ background: {c.raised}; color: {c.text}; border: 1px solid {c.line}; border-radius: {RADIUS}px;
        padding: 5px; }}
    QMenu::item {{ padding: 6px 26px 6px 12px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {c.accent}; color: {c.on_accent}; }}
    QMenu::item:disabled {{ color: {c.muted}; background: transparent; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 5px 8px; }}
    QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
    QScrollBar:vertical {{ background: transparent; width: 8px; margin: 0; }}
    QScrollBar::handle:vertical {{ background: {c.pressed}; border-radius: 4px; min-height: 24px; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; height: 0; }}
    QListWidget {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {CARD_RADIUS}px;
        outline: none; padding: 4px; }}
    QListWidget::item {{ border-radius: {RADIUS}px; padding: 8px 10px; }}
    QListWidget::item:hover {{ background: {c.raised}; }}
    QListWidget::item:selected {{ background: {c.pressed}; color: {c.text}; }}
    QTableWidget {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: {CARD_RADIUS}px;
        outline: none; selection-background-color: {c.pressed}; }}
    QTableWidget::item {{ padding: 0 8px; border: none; }}
    QTableWidget::item:selected {{ background: {c.pressed}; color: {c.text}; }}
    QHeaderView {{ background: transparent; }}
    QHeaderView::section {{ background: transparent; color: {c.muted}; border: none; padding: 6px 11px;
        border-bottom: 1px solid {c.line}; font-size: {CAPTION}px; }}
    QTableCornerButton::section {{ background: transparent; border: none; }}
    QProgressBar {{ background: {c.raised}; border: none; border-radius: 4px; max-height: 8px;
        min-height: 8px; }}
    QProgressBar::chunk {{ background: {c.accent}; border-radius: 4px; }}
    QCheckBox::indicator {{ width: 16px; height: 16px; border-radius: 4px; background: {c.raised};
        border: 1px solid {c.muted}; }}
    QCheckBox::indicator:checked {{ background: {c.accent}; border-color: {c.accent}; }}
    """
