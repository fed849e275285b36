"""The figures of `vaesynth bench` on a dummy sound card."""

import sys
from pathlib import Path

import pytest

from vaesynth.bench import measure
from vaesynth.decoder import Decoder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="JACK's programs are for POSIX systems here")


def test_gestures_are_heard_in_the_recording_and_as_the_server_reports_them(card: str, tones: Path) -> None:
    found = measure.playing(Decoder.open(tones), 3.0, buffer_frames=256)
    assert (found.device, found.sample_rate, found.buffer_frames, found.how) == ("system", 48_000, 256,
                                                                                 "recorded")
    assert found.gestures >= 2
    assert found.callbacks == pytest.approx(found.seconds * 48_000 / 256, rel=0.3)
    # Order, not speed: a loop sounds after it was decoded, and the slowest is no quicker than the median.
    assert 0 < found.decode.p50 < found.gesture_to_sound.max
    assert found.gesture_to_sound.p50 <= found.gesture_to_sound.p99 <= found.gesture_to_sound.max
    assert 0 < found.callback.p50 <= found.callback.max
    assert found.output_latency > 0
    assert found.server_bytes is None or found.server_bytes > 1e6
