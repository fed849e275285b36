"""Plays a take again."""

from collections.abc import Callable, Iterator

import numpy as np

from ..loop import Audio
from ..player import LoopPlayer
from ..slicing import SlicedLoop
from ..swing import Swing
from ..tempo import Quantise
from .file import Take
from .journal import Event


class TakePlayer:
    """Gives what was recorded, sample by sample.

    Args:
        take: what was asked.
        loop: serial number → the loop, as it was handed over.
    """

    def __init__(self, take: Take, loop: Callable[[int], SlicedLoop]) -> None:
        self._take, self._loop = take, loop
        self._player = LoopPlayer(take.sample_rate, take.block)
        self._block = take.block

    def blocks(self) -> Iterator[Audio]:
        """The blocks as they were played, float32 `(frames, 2)`; each is valid until the next one."""
        take, player = self._take, self._player
        player.go_on(take.state, self._loop)
        out = np.empty((take.block, 2), np.float32)
        done = 0
        events = [*take.events, (take.frames, "stop")]
        for event in events:
            while done < event[0]:
                part = out[:min(self._block, take.frames - done)]
                player.render(part)
                yield part
                done += len(part)
            self._act(event)

    def _act(self, event: Event) -> None:
        player, (_, name, *values) = self._player, event
        match name:
            case "block":
                self._block = min(values[0], self._take.block)
            case "clock":
                clock = player.clock
                clock.position, clock.micro_bpm, clock.bend = values[:3]
                player.steering.owed, player.free_running = values[3:]
            case "play":
                player.play(values[0], fade=values[1])
            case "play_at":
                player.play_at(values[0])
            case "leap":
                player.leap(values[0])
            case "stop":
                player.stop()
            case "panic":
                player.panic()
            case "volume":
                player.set_volume(values[0], at_once=values[1])
            case "swing":
                player.set_swing(Swing(values[0]))
            case "loop":
                player.offer(self._loop(values[0]), Quantise(values[1]))
            case "slice":
                player.play_slice(values[0], values[1], Quantise(values[2]))
            case "stop_slices":
                player.stop_slices()
            case "drop":
                player.drop_loops()
