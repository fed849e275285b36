# SPDX-License-Identifier: GPL-3.0-or-later
"""Leads through a training: looks at the files, runs the stages, hands the instrument over."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QWidget

from .. import places
from ..background import Background
from ..listening import Listening
from ..settings import Settings
from . import progress
from .material import LoopFile, as_said, audio_files, look
from .training import INSTALL, Training, missing_module
from .work_folder import Plan, give_up, lay_out, new_plan, unfinished

if TYPE_CHECKING:
    from ..widgets.learn.dialog import LearnDialog


LOOK_MS = 1000
"""How often to see whether a training that still saves itself has ended."""


class Guide(QObject):
    """Holds the dialog and the training behind it, one of each; closing the dialog leaves a training running.

    Signals:
        ready: the path of the instrument that has been learnt, and its name.
        got_on: a few words on how far it is, empty when nothing runs.
    """

    ready = pyqtSignal(object, str)
    got_on = pyqtSignal(str)

    def __init__(self, window: QWidget, listening: Listening, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._listening, self._settings = window, listening, settings
        self.dialog: LearnDialog | None = None
        self.training = Training(self)
        self._laying = False
        self._unfinished: Plan | None = None
        self._look_again = QTimer(self)
        self._look_again.setSingleShot(True)
        self._look_again.setInterval(LOOK_MS)
        self._look_again.timeout.connect(self._look_for_unfinished)
        self._work = Background(self._fail, self)
        t = self.training
        t.stage_changed.connect(self._on_stage)
        t.progressed.connect(self._on_progress)
        t.said.connect(self._on_said)
        t.failed.connect(self._on_failed)
        t.cancelled.connect(self._on_cancelled)
        t.finished.connect(self._on_finished)

    def open(self, files: Sequence[Path] = ()) -> None:
        """Show the dialog, with some files if given."""
        from ..widgets.learn.dialog import LearnDialog
        dialog = self.dialog
        if dialog is None:
            dialog = self.dialog = LearnDialog(self._settings.folder, self._window)
            dialog.files_given.connect(self.take)
            dialog.finished.connect(lambda result: self._listening.stop())
            dialog.material.heard.connect(self._hear)
            dialog.material.started.connect(self._start)
            dialog.material.resumed.connect(self._go_on)
            dialog.run.cancel.clicked.connect(self._cancel)
            dialog.run.finish.clicked.connect(self._finish_now)
            dialog.run.again.clicked.connect(dialog.show_material)
            dialog.run.examples.heard.connect(self._listening.play_file)
            lack = missing_module()
            if lack is not None:
                dialog.material.set_lack(self.tr("Learning needs {module}, which is not installed: {command}")
                                         .format(module=lack, command=INSTALL))
        self._look_for_unfinished()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        if files:
            self.take(files)

    def take(self, files: Sequence[Path]) -> None:
        """Look at files and folders, and list what can be learnt from."""
        dialog = self.dialog
        if dialog is not None and not (self.training.running or self._laying):
            dialog.show_material()
            # A folder may be deep, and far away.
            self._work.run(lambda: audio_files(files), lambda paths: self._look_at(files, paths))

    def close(self) -> None:
        """The window closes; a running training saves itself and ends."""
        self.training.close()
        self._look_again.stop()
        self._work.close()

    def _look_at(self, given: Sequence[Path], paths: Sequence[Path]) -> None:
        if not paths and self.dialog is not None:
            names = ", ".join([path.name or str(path) for path in given[:3]] + ["…"] * (len(given) > 3))
            self.dialog.material.show_nothing(self.tr("No loops in {names}").format(names=names))
        for path in paths:
            self._work.run(lambda p=path: look(p), self._add)  # type: ignore[misc]  # bound early

    def _add(self, loop: LoopFile) -> None:
        if self.dialog is not None:
            self.dialog.material.add_loops([loop])

    def _hear(self, loop: LoopFile | None) -> None:
        if loop is None:
            self._listening.stop()
        else:
            self._listening.play_made(lambda: (as_said(loop), loop.sample_rate))

    def _start(self, name: str, minutes: float, licence: str) -> None:
        assert self.dialog is not None
        loops, s = self.dialog.material.usable, self._settings
        plan = new_plan(name, minutes, licence, places.of(s, "runs_folder"), places.of(s, "models_folder"))
        self.dialog.run.begin(plan.name)
        self.dialog.run.show_stage("prepare")
        self.dialog.show_run()

        def laid_out(_: None) -> None:
            if self._laying:
                self._laying = False
                self.training.start(plan)
            else:
                give_up(plan)  # cancelled while the loops were copied
                self._on_cancelled()
        self._laying = True
        self._work.run(lambda: lay_out(plan, loops), laid_out)

    def _go_on(self) -> None:
        plan = self._unfinished
        if plan is not None and self.dialog is not None and not (self.training.running or self._laying):
            self.dialog.run.begin(plan.name)
            self.dialog.show_run()
            self.training.start(plan)

    def _look_for_unfinished(self) -> None:
        runs = places.of(self._settings, "runs_folder")

        def job() -> tuple[Plan | None, bool]:
            plan = unfinished(runs)
            return plan, plan is not None and plan.busy

        def done(found: tuple[Plan | None, bool]) -> None:
            plan, busy = found if not (self.training.running or self._laying) else (None, False)
            self._unfinished = plan if not busy else None
            if self.dialog is not None:
                self.dialog.material.show_unfinished(plan, busy=busy)
                if busy and self.dialog.isVisible():
                    self._look_again.start()
        self._work.run(job, done)

    def _cancel(self) -> None:
        self._laying = False
        self.training.cancel()

    def _finish_now(self) -> None:
        if self.dialog is not None:
            self.dialog.run.finish.setEnabled(False)
            self.dialog.run.time.setText(self.tr("Finishing this step, then the instrument …"))
        self.training.finish_now()

    def _on_stage(self, stage: str) -> None:
        plan = self.training.plan
        assert plan is not None
        self.got_on.emit(self.tr("Learning {name} …").format(name=plan.name))
        if self.dialog is not None:
            self.dialog.run.show_stage(stage)
            self.dialog.run.examples.show_examples(progress.examples(plan.folder))
            if stage == "train":
                self.dialog.run.show_refusals(progress.refusals(plan.folder))

    def _on_progress(self, log: progress.LogReader) -> None:
        plan = self.training.plan
        assert plan is not None
        self.got_on.emit(self.tr("Learning {name}: {n} %").format(
            name=plan.name, n=round(100 * self.training.share)))
        if self.dialog is not None and self.training.stage == "train":
            self.dialog.run.show_log(log, plan.minutes, may_finish=self.training.may_finish)
            self.dialog.run.examples.show_examples(progress.examples(plan.folder))

    def _on_said(self, line: str) -> None:
        if self.dialog is not None and self.training.stage == "export":
            self.dialog.run.show_word(line)

    def _fail(self, text: str) -> None:
        self._laying = False
        self.got_on.emit("")
        if self.dialog is not None and not self.training.running:
            if self.training.plan is not None:  # what was learnt by then can be heard
                self.dialog.run.examples.show_examples(progress.examples(self.training.plan.folder))
            self.dialog.run.show_end(text, done=False)
            self.dialog.show_run()

    def _on_failed(self, text: str) -> None:
        plan = self.training.plan
        if plan is not None and not (plan.saved or plan.busy):
            give_up(plan)  # it would fail again
        self._fail(text)
        self._look_for_unfinished()

    def _on_cancelled(self) -> None:
        self.got_on.emit("")
        if self.training.plan is not None:
            give_up(self.training.plan)
        if self.dialog is not None:
            self.dialog.run.show_end(self.tr("Cancelled."), done=False)
            self.dialog.show_material()
        self._look_for_unfinished()

    def _on_finished(self, plan: Plan) -> None:
        self.got_on.emit("")
        self.ready.emit(plan.model, plan.name)
        if self.dialog is not None:
            self.dialog.run.examples.show_examples(progress.examples(plan.folder))
            self.dialog.run.show_end(self.tr("{name} is on the pad. It is kept in {folder}.").format(
                name=plan.name, folder=plan.model.parent), done=True)
