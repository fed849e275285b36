"""Options of the outside world: MIDI, OSC, Link, JACK transport. Each is off unless it is given."""

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .options import number, whole

if TYPE_CHECKING:
    from ..control.settings import ControlSettings

OF_MIDI_IN = ("midi_channel", "notes", "first_note")
NAMES = ("midi_in", *OF_MIDI_IN, "clock_in", "clock_out", "osc_in", "osc_host", "osc_out", "link",
         "jack_transport", "offset")


def add_control(parser: argparse.ArgumentParser) -> None:
    """Add the options; `settings_of` reads them."""
    group = parser.add_argument_group(
        "control, without a window",
        "Everything is off unless it is given here; knobs move what they were bound to in the window. Ports "
        "are named by a part of their name, and may come and go.")
    group.add_argument("--midi-in", metavar="PORT", help="play from this MIDI port")
    group.add_argument("--midi-channel", type=whole(1, 16), metavar="N",
                       help="hear this channel (default: all)")
    group.add_argument("--notes", choices=("gate", "slices"),
                       help="notes play the loop while held, or its slices (default: nothing)")
    group.add_argument("--first-note", type=whole(0, 127), metavar="N",
                       help="the note that plays the first slice (default: 36)")
    group.add_argument("--osc-in", type=whole(1, 65535), metavar="PORT", help="hear OSC on this UDP port")
    group.add_argument("--osc-host", metavar="ADDRESS",
                       help="at this address (default: 127.0.0.1, this machine alone; 0.0.0.0: everybody)")
    group.add_argument("--osc-out", metavar="HOST:PORT", help="send position, beat, level and xruns there")
    leader = group.add_mutually_exclusive_group()
    leader.add_argument("--link", action="store_true", help="keep time with Ableton Link")
    leader.add_argument("--clock-in", metavar="PORT", help="follow the MIDI clock of this port")
    leader.add_argument("--jack-transport", action="store_true", help="follow JACK transport")
    group.add_argument("--clock-out", metavar="PORT", help="send MIDI clock to this port")
    group.add_argument("--offset", type=number(-100, 100), metavar="MS",
                       help="play this much earlier than the device's latency asks for, -100 to 100 ms")


def has_control(options: argparse.Namespace) -> bool:
    """Whether any option of `add_control` was given."""
    return any(getattr(options, name) not in (None, False) for name in NAMES)


def settings_of(options: argparse.Namespace, kept: "ControlSettings") -> "ControlSettings":
    """What the options switch on; of what was kept only the table of knobs counts.

    Raises:
        SettingError: a value is out of range.
    """
    from ..control.settings import ControlSettings, Notes
    from ..control.sync_settings import SyncSettings
    from ..errors import SettingError

    for name in () if options.midi_in else OF_MIDI_IN:
        if getattr(options, name) is not None:
            raise SettingError(f"--{name.replace('_', '-')} is given, expected --midi-in beside it")
    given: dict[str, Any] = {
        "midi_in": options.midi_in, "midi_channel": options.midi_channel,
        "notes": Notes(options.notes) if options.notes else None, "first_note": options.first_note,
        "osc_port": options.osc_in, "osc_host": options.osc_host, "osc_send": options.osc_out}
    sync = SyncSettings(link=options.link, clock_in=options.clock_in, clock_out=options.clock_out,
                        jack=options.jack_transport, offset_ms=options.offset or 0.0)
    on = ControlSettings(mapping=kept.mapping, sync=sync)
    return replace(on, **{name: value for name, value in given.items() if value is not None})
