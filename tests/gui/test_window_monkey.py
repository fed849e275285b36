"""Two thousand random events: no exception, no stuck sound."""

import pytest
from monkey import DroppedAtOnce, let_go, play
from rig import Bench

from vaesynth_gui import files


def test_random_events_do_no_harm(playing: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "QDrag", DroppedAtOnce)
    play(playing, 2_000)
    let_go(playing)
    # Whatever happened: it still obeys.
    playing.instrument.set_playing(True)
    playing.instrument.move_to(0.5, 0.5)
    playing.instrument.set_playing(False)
    assert playing.engine.position == (0.5, 0.5)
    assert not playing.engine.playing
