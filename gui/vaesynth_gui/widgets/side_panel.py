# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands beside the pad: the loop, the face, snapshots and gestures, and pages for the rest."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from vaesynth.metadata import ModelMetadata
from vaesynth.session import Session
from vaesynth.tempo import Quantise

from .. import theme
from .buttons import Button, Card, HoldButton
from .chain.page import ChainPage
from .choice import Choice
from .face import FaceView
from .loop_view import LoopView
from .move_page import MovePage
from .pages import Pages
from .segmented import Segmented
from .shape_page import ShapePage
from .snapshots import SnapshotBank
from .sound_page import SoundPage
from .stems_page import StemsPage

MORPHS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
QUANTISES = tuple(Quantise)


class SidePanel(QWidget):
    """Arranges the cards and shows a session in them; asks by its own and its parts' signals.

    Signals:
        quantise_chosen, morph_chosen: another `Quantise`, another time in beats.
    """

    quantise_chosen = pyqtSignal(object)
    morph_chosen = pyqtSignal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loop = LoopView()
        self.face = FaceView()
        self.snapshots = SnapshotBank()
        self.shape, self.motion = ShapePage(), MovePage()
        self.macros = self.shape.macros
        self.sound, self.stems, self.chain = SoundPage(), StemsPage(), ChainPage()
        self.pages = Pages([(self.tr("Shape"), self.shape), (self.tr("Sound"), self.sound),
                            (self.tr("Stems"), self.stems), (self.tr("Move"), self.motion),
                            (self.tr("Chain"), self.chain)])
        self.quantise = Segmented([self.tr("Now"), "1/16", "1/8", self.tr("Beat"), self.tr("Bar"),
                                   self.tr("Loop")])
        self.quantise.setToolTip(
            self.tr("When a new loop takes over: at once, or on the next line of this grid"))
        self.quantise.setAccessibleName(self.tr("Change on"))
        self.quantise.chosen.connect(lambda i: self.quantise_chosen.emit(QUANTISES[i]))
        self.spectrum = Button(icon="spectrum", tip=self.tr("Spectrogram or waveform (S)"), checkable=True,
                               flat=True)
        self.export = Button(icon="export",
                             tip=self.tr("Export loop, stems, variations; or drag the waveform out"),
                             flat=True)
        self.random = Button(icon="random", tip=self.tr("Jump anywhere (R)"))
        self.mutate = Button(icon="mutate", tip=self.tr("Mutate: a small step aside (M)"))
        self.record = Button(icon="draw", tip=self.tr("Record the puck's path; again to loop it (P)"),
                             checkable=True)
        self.path = Button(icon="path", tip=self.tr("Play the recorded path (Shift+P)"), checkable=True)
        self.morph = Choice()
        for beats in MORPHS:
            self.morph.addItem(self.tr("Jump") if beats == 0 else self.tr("{n} beats").format(n=f"{beats:g}")
                               if beats != 1 else self.tr("1 beat"))
        self.morph.setToolTip(self.tr("How long the way to a snapshot takes"))
        self.morph.setAccessibleName(self.tr("Morph time"))
        self.morph.setFixedHeight(26)
        self.morph.activated.connect(lambda i: self.morph_chosen.emit(MORPHS[i]))
        self.freeze = HoldButton(icon="freeze",
                                 tip=self.tr("Hold to keep the loop while the puck moves on (F)"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self._loop_card(), 11)
        middle = QHBoxLayout()
        middle.setSpacing(theme.GAP)
        face = Card()
        face.body.setContentsMargins(8, 8, 8, 8)
        face.body.addWidget(self.face)
        middle.addWidget(face, 5)
        middle.addWidget(self._snapshot_card(), 6)
        column.addLayout(middle, 12)
        column.addWidget(self.pages, 10)

    def describe(self, metadata: ModelMetadata) -> None:
        """Show the controls that a model has."""
        self.shape.describe(tuple(metadata.latent_groups), metadata.values.get("macros", ()))
        self.stems.set_voices(metadata.voices)

    def show_session(self, session: Session) -> None:
        """Show what is set."""
        self.quantise.set_index(QUANTISES.index(session.quantise))
        nearest = min(range(len(MORPHS)), key=lambda i: abs(MORPHS[i] - session.morph_beats))
        self.morph.setCurrentIndex(nearest)
        now = session.place
        here = next((slot for slot, place in session.snapshots.items() if place == now), None)
        self.snapshots.set_state(session.snapshots.keys(), None if session.chaining else here)
        self.macros.set_values(session.macros)
        self.loop.set_muted(session.shaping.muted_steps)
        self.sound.show_shaping(session.shaping)
        self.stems.show_shaping(session.shaping)
        self.path.setEnabled(bool(session.path))
        self.path.setChecked(session.path_playing)
        self.shape.show_lock(session.lock)
        self.motion.show_session(session)
        self.chain.show_session(session)

    def _loop_card(self) -> Card:
        card = Card(self.tr("Loop"))
        card.head.addWidget(self.spectrum)
        card.head.addWidget(self.export)
        for button in (self.spectrum, self.export):
            button.setFixedSize(28, 24)
        card.body.addWidget(self.loop, 1)
        line = QHBoxLayout()
        line.setSpacing(10)
        text = QLabel(self.tr("Change on"))
        text.setProperty("role", "caption")
        line.addWidget(text)
        line.addWidget(self.quantise, 1)
        card.body.addLayout(line)
        return card

    def _snapshot_card(self) -> Card:
        card = Card(self.tr("Snapshots"))
        card.head.addWidget(self.morph)
        card.body.addWidget(self.snapshots, 1)
        line = QHBoxLayout()
        line.setSpacing(6)
        for button in (self.random, self.mutate, self.record, self.path, self.freeze):
            button.setMinimumWidth(30)
            button.setMaximumWidth(16_777_215)
            line.addWidget(button, 1)
        card.body.addLayout(line)
        return card
