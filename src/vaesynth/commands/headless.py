"""`vaesynth play --headless`: the engine without a window, played from outside."""

import argparse
import contextlib
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .control_options import settings_of
from .options import provider_of

if TYPE_CHECKING:
    from ..control.settings import ControlSettings
    from ..session import Session

POLL_SECONDS = 0.2


def play_headless(model: Path, options: argparse.Namespace) -> int:
    """Play until Ctrl-C or SIGTERM; both end the sound with a fade."""
    from ..control.controls import Controls
    from ..control.performer import Performer
    from ..control.settings import Notes
    from ..engine import Engine
    from ..terminal import printable

    def tell(line: str) -> None:
        print(printable(line), flush=True)

    with _asked_to_end() as end, contextlib.ExitStack() as stack:
        notices: list[str] = []
        settings = settings_of(options, _kept_settings(notices))
        engine = stack.enter_context(Engine.open(
            model, device=options.device, sample_rate=options.rate, buffer_frames=options.buffer or 256,
            provider=provider_of(options)))
        performer = Performer(engine, _kept_session(notices))
        stack.callback(performer.close)
        controls = Controls(performer, engine)
        stack.callback(controls.close)
        controls.apply(settings)
        if options.record:
            engine.recording.start(options.record)
        waits = options.wait or settings.notes is not Notes.OFF
        if not waits:
            engine.play()
        status, verb = engine.status(), "Ready to play" if waits else "Playing"
        tell(f"{verb} {engine.metadata.name} on {status.device} at {status.sample_rate} Hz, "
             f"{status.buffer_frames} frames a buffer, decoded by {status.provider}; Ctrl-C stops.")
        if controls.described():
            tell(f"Switched on: {controls.described()}.")
        told: set[str] = set()
        while True:
            faults = [engine.status().notice, engine.recording.status().fault]
            now = {*notices, *controls.notices, *filter(None, faults)}
            for notice in sorted(now - told):
                tell(notice)
            told = now
            if end.wait(POLL_SECONDS):
                return 0


@contextlib.contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, instead of breaking in anywhere."""
    end = threading.Event()
    before = {number: signal.signal(number, lambda *_: end.set())
              for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield end
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _kept_settings(notices: list[str]) -> "ControlSettings":
    """What the window keeps; a file of no use is told of."""
    from ..control.settings import ControlSettings, default_file, read
    from ..errors import SettingError

    try:
        return read(default_file())
    except SettingError as e:
        notices.append(str(e))
        return ControlSettings()


def _kept_session(notices: list[str]) -> "Session | None":
    """What was left in the window: its snapshots and path are here, too."""
    from ..session import SessionError, default_file, read

    try:
        return read(default_file())
    except SessionError as e:
        notices.append(str(e))
        return None
