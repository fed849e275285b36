# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a training, one process after the other: prepare, train, export."""

import importlib.util
import os
import re
import sys

from PyQt6 import sip
from PyQt6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, pyqtSignal

from .beside import LOCK_VARIABLE
from .progress import LogReader
from .work_folder import Plan, StageName, clear_log

STAGES: tuple[StageName, ...] = ("prepare", "train", "export")
NEEDED = ("torch", "lightning", "webdataset", "safetensors", "onnxscript")
"""Modules of the extra `export`, looked for but never imported here."""
INSTALL = "pip install 'vaesynth[export]'"
POLL_MS = 500
PATIENCE_MS = 20_000
"""For a process that was asked to end; then it is killed."""
SAVED = (143, 15) if sys.platform == "win32" else (143,)
"""Exit codes of a training that a SIGTERM ended after it was saved. Elsewhere 15 is the end of one without a
handler, which saved nothing."""


def missing_module() -> str | None:
    """The first module that training needs and this installation lacks."""
    return next((name for name in NEEDED if importlib.util.find_spec(name) is None), None)


class Training(QObject):
    """Runs a plan; the sound goes on, as everything runs in processes that give way to it.

    Signals:
        stage_changed: "prepare", "train" or "export" begins.
        progressed: the `LogReader`, whenever the log has grown.
        said: a line that a stage printed.
        failed: one sentence; nothing runs any more.
        cancelled: it was ended on request; nothing runs any more.
        finished: the `Plan` whose instrument is ready.
    """

    stage_changed = pyqtSignal(str)
    progressed = pyqtSignal(object)
    said = pyqtSignal(str)
    failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    finished = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.plan: Plan | None = None
        self.stage: StageName | None = None
        self._log: LogReader | None = None
        self._process: QProcess | None = None
        self._last_line = ""
        self._stopping = self._finishing = self._resume = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def running(self) -> bool:
        """Whether a stage runs."""
        return self._process is not None

    @property
    def share(self) -> float:
        """Part of the training time that is over, 0 to 1."""
        if self.plan is None or self._log is None:
            return 0.0
        return 1.0 if self.stage == "export" else min(1.0, self._log.minutes / self.plan.minutes)

    @property
    def may_finish(self) -> bool:
        """Whether `finish_now` would be heard: by a training that has learnt something, and learns on."""
        log, plan = self._log, self.plan
        return (self.stage == "train" and self.running and not (self._stopping or self._finishing)
                and log is not None and log.live and plan is not None and log.minutes < plan.minutes)

    def start(self, plan: Plan) -> None:
        """Begin with the first stage, or go on with a training that was saved; the plan's folder holds the
        loops."""
        assert not self.running
        resume = self._resume = plan.saved
        if not resume:
            clear_log(plan)
        self.plan, self._log = plan, LogReader(plan.folder)
        self._log.catch_up()
        self._stopping = self._finishing = False
        self._timer.start()
        self._begin("train" if resume else "prepare")
        if self._log.step:
            self.progressed.emit(self._log)

    def finish_now(self) -> None:
        """End the training with what it has learnt by now, and make the instrument of it."""
        if self.may_finish and self._process is not None:
            self._finishing = True
            self._ask_to_end(self._process)

    def cancel(self) -> None:
        """End whatever runs; nothing comes out."""
        if self._process is not None:
            self._stopping = True
            process = self._process
            self._ask_to_end(process)
            patience = QTimer(process)  # goes with the process
            patience.setSingleShot(True)
            patience.timeout.connect(process.kill)
            patience.start(PATIENCE_MS)

    def close(self) -> None:
        """The window closes: ask what runs to end; a training saves itself, without anyone waiting for it."""
        self._timer.stop()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.setParent(None)
            # Never deleted: a `QProcess` takes what it runs with it. The stub knows no None.
            sip.transferto(process, None)  # type: ignore[arg-type]
            self._ask_to_end(process)

    def _begin(self, stage: StageName) -> None:
        assert self.plan is not None
        self.stage = stage
        program, *arguments = self.plan.command(stage, resume=self._resume)
        process = self._process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.setProcessEnvironment(_environment(self.plan))
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._last_line = ""
        self.stage_changed.emit(stage)
        process.start(program, arguments)

    @staticmethod
    def _ask_to_end(process: QProcess) -> None:
        process.closeWriteChannel()  # see `beside`

    def _read(self) -> None:
        if self._process is None:
            return
        for line in bytes(self._process.readAllStandardOutput().data()).decode(errors="replace").splitlines():
            if line.strip():
                self._last_line = line.strip()
                self.said.emit(self._last_line)

    def _poll(self) -> None:
        if self._log is not None and self._log.poll():
            self.progressed.emit(self._log)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            text = self._process.errorString()
            self._end()
            self.failed.emit(self.tr("Training cannot start ({reason})").format(reason=text))

    def _on_finished(self, code: int) -> None:
        self._read()
        self._poll()
        stage, plan = self.stage, self.plan
        assert stage is not None
        assert plan is not None
        done = code == 0 or (stage == "train" and code in SAVED and self._finishing)
        stopped, line = self._stopping, self._last_line
        self._end()
        if stopped:
            self.cancelled.emit()
        elif not done:
            self.failed.emit(_one_sentence(line) or self.tr("{stage} ended with code {code}").format(
                stage=stage, code=code))
        elif stage == "export":
            self.finished.emit(plan)
        else:
            self._timer.start()
            self._begin(STAGES[STAGES.index(stage) + 1])

    def _end(self) -> None:
        self._timer.stop()
        if self._process is not None:
            self._process.deleteLater()
            self._process = None


def _environment(plan: Plan) -> QProcessEnvironment:
    """One core stays free for the sound."""
    environment = QProcessEnvironment.systemEnvironment()
    environment.insert(LOCK_VARIABLE, str(plan.lock))
    environment.insert("PYTHONUNBUFFERED", "1")
    if not environment.contains("OMP_NUM_THREADS"):
        environment.insert("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 2) - 1)))
    return environment


def _one_sentence(line: str) -> str:
    """A program's last words without its name in front."""
    return re.sub(r"^(python -m )?vaesynth\w*: (error: )?", "", line)
