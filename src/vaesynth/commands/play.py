"""`vaesynth play`: the instrument itself."""

import argparse
import importlib
from pathlib import Path

from .control_options import add_control, has_control
from .options import add_facts, add_model, add_provider, checked_file, has_facts, provider_of, whole

SUMMARY = "open the instrument"
WINDOW = "vaesynth_gui.app"
"""Named, not imported: the core knows no window."""
STAND_IN = Path("vaesynth-play.wav")
STAND_IN_BARS = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.description = (
        "Open the instrument. What is not given is as it was left. Without a screen or a sound card "
        f"{STAND_IN_BARS} bars are rendered into {STAND_IN} instead."
    )
    add_model(parser)
    parser.add_argument(
        "--faces", metavar="FILE|NAME", help="the decoder of the faces (default: the bundled one)"
    )
    parser.add_argument("--headless", action="store_true", help="play without a window until Ctrl-C")
    parser.add_argument(
        "--wait", action="store_true", help="without a window: stand until OSC, MIDI or others start it"
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="without a window: record into a new .wav or .flac file, with the take beside it",
    )
    sound = parser.add_argument_group("sound")
    sound.add_argument(
        "--device", metavar="NAME", help="output, by number or part of its name (see `vaesynth devices`)"
    )
    sound.add_argument(
        "--rate", type=whole(8_000, 192_000), metavar="HZ", help="sample rate (default: the model's)"
    )
    sound.add_argument(
        "--buffer",
        type=whole(16, 8192),
        metavar="N",
        help="frames a buffer: fewer for less delay, more for slow machines (default: 256)",
    )
    add_provider(sound)
    add_control(parser)
    add_facts(parser)


def run(options: argparse.Namespace) -> int:
    """Open the window; where that cannot be, play or render without one."""
    from .. import foreign, models
    from ..display import missing_display
    from ..errors import SettingError

    if (has_control(options) or options.wait) and not options.headless:
        raise SettingError(
            "control is switched on by options, expected --headless beside them "
            "(the window has its preferences for it)"
        )
    if options.record and not options.headless:
        raise SettingError("--record is given, expected --headless beside it (the window records by Ctrl+R)")
    # All that was named is looked up first: a slip of the pen must not open a window that then complains.
    model = models.find(options.model) if options.model else None
    if has_facts(options):
        # What opens models knows paths; and so the session finds it again.
        model = foreign.keep(checked_file(model or models.bundled("loop"), options))
    faces = models.find(options.faces) if options.faces else None
    fault = _missing_sound(options.device) or (None if options.headless else missing_display())
    if fault:
        return _render_instead(fault, model or models.bundled("loop"), provider_of(options))
    if options.headless:
        from .headless import play_headless

        return play_headless(model or models.bundled("loop"), options)
    return _open_window(model, faces, options)


def _missing_sound(device: str | None) -> str | None:
    """Why there is no sound, in a few words, or None.

    Raises:
        DeviceError: a device was named, and there is none of that name.
    """
    from ..errors import DeviceError
    from ..server.devices import find_device

    try:
        find_device(device)
    except DeviceError as e:
        if device is not None:
            raise
        return str(e)
    return None


def _render_instead(fault: str, model: Path, provider: str | None) -> int:
    from ..terminal import printable
    from .render import render_stand_in

    told = render_stand_in(model, STAND_IN.resolve(), STAND_IN_BARS, provider)
    print(printable(f"Nothing is played, since {fault.rstrip('.')}; rendered instead: {told}"))
    return 0


def _open_window(model: Path | None, faces: Path | None, options: argparse.Namespace) -> int:
    from ..errors import SettingError

    try:
        window = importlib.import_module(WINDOW)
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] not in ("PyQt6", WINDOW.split(".")[0]):
            raise
        raise SettingError(
            f"the window needs {e.name}, expected the extra gui to be installed "
            "(pip install 'vaesynth[gui]'), or play --headless"
        ) from e
    return int(
        window.main(
            model=model,
            faces=faces,
            device=options.device,
            sample_rate=options.rate,
            buffer_frames=options.buffer,
            provider=provider_of(options),
        )
    )
