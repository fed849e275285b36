"""What the cue's callback calls: one loop round and round, another one by a crossfade."""

import numpy as np

from ..loop import Audio

FADE_SECONDS = 0.012


class CuePlayer:
    """Plays the loop that was offered last. `render` copies and mixes; it neither allocates nor locks.

    Args:
        sample_rate: in Hz.
        channels: of everything that is offered and rendered.
        block_frames: frames a callback at most.
    """

    def __init__(self, sample_rate: int, channels: int, block_frames: int) -> None:
        self._silence = np.zeros((1, channels), np.float32)
        self._wanted = self._sounding = self._silence
        self._position = self._old_position = 0
        self._scratch = np.zeros((block_frames, channels), np.float32)
        fade = min(block_frames, max(1, round(FADE_SECONDS * sample_rate)))
        self._rise = np.ones((block_frames, 1), np.float32)
        self._rise[:fade, 0] = np.sin(np.linspace(0, np.pi / 2, fade))
        self._fall = np.zeros((block_frames, 1), np.float32)
        self._fall[:fade, 0] = np.cos(np.linspace(0, np.pi / 2, fade))

    def offer(self, audio: Audio | None) -> None:
        """Play this loop, float32 `(frames, channels)`, from its start; None fades out."""
        self._wanted = self._silence if audio is None or not len(audio) else audio

    def render(self, out: Audio) -> None:
        """Fill `out`, float32 `(frames, channels)`, at most `block_frames` long."""
        wanted, frames = self._wanted, len(out)
        if wanted is self._sounding:
            self._position = _fill(out, wanted, self._position)
            return
        old = self._scratch[:frames]
        _fill(old, self._sounding, self._position)
        np.multiply(old, self._fall[:frames], out=old)
        self._position = _fill(out, wanted, 0)
        np.multiply(out, self._rise[:frames], out=out)
        np.add(out, old, out=out)
        self._sounding = wanted


def _fill(out: Audio, loop: Audio, position: int) -> int:
    """Copy a loop from a position on; returns the position after it."""
    done, frames, length = 0, len(out), len(loop)
    while done < frames:
        part = min(frames - done, length - position)
        out[done:done + part] = loop[position:position + part]
        done += part
        position = (position + part) % length
    return position
