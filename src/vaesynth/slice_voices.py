"""Slices played by hand, each in a voice of its own, beside the loop or without it."""

import numpy as np

from .loop import Audio
from .player_state import VoicesState, VoiceState
from .slicing import SlicedLoop

VOICES = 12
LONGEST_SECONDS = 0.75
"""A slice that is longer fades out there."""
FADE_IN_FRAMES = 16
"""A slice begins about as long before its hit."""
FADE_OUT_SECONDS = 0.005


class SliceVoices:
    """Twelve voices; each keeps a copy of its slice, so that the loop's memory may be used anew.

    A slice that is played while it still sounds takes over from itself; where all voices sound, the oldest
    gives way.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self._audio = np.zeros((VOICES, round(LONGEST_SECONDS * sample_rate), 2), np.float32)
        self._in = ((np.arange(FADE_IN_FRAMES, dtype=np.float32) + 0.5) / FADE_IN_FRAMES)[:, None]
        fade = round(FADE_OUT_SECONDS * sample_rate)
        self._out = ((np.arange(fade, 0, -1, dtype=np.float32) - 0.5) / fade)[:, None]
        self._slice = [-1] * VOICES
        self._at, self._length = [0] * VOICES, [0] * VOICES
        self._line: list[int | None] = [None] * VOICES
        self._age = [0] * VOICES
        self._played = 0

    @property
    def state(self) -> VoicesState:
        """What sounds; set it to go on elsewhere."""
        return VoicesState(self._played, tuple(self._age), tuple(
            VoiceState(voice, self._slice[voice], self._line[voice],
                       self._audio[voice, self._at[voice]:length].tobytes())
            for voice, length in enumerate(self._length) if length))

    @state.setter
    def state(self, state: VoicesState) -> None:
        self._played, self._age = state.played, list(state.ages)
        self._length = [0] * VOICES
        for voice, number, line, data in state.voices:
            audio = np.frombuffer(data, np.float32).reshape(-1, 2)
            self._audio[voice, :len(audio)] = audio
            self._slice[voice], self._line[voice] = number, line
            self._at[voice], self._length[voice] = 0, len(audio)

    @property
    def sounding(self) -> bool:
        """Whether any voice sounds, or waits for its line."""
        return any(self._length)

    def play(self, loop: SlicedLoop, number: int, velocity: float, line: int | None = None,
             step: int = 0) -> None:
        """Play a slice.

        Args:
            loop: whose slice; one that it does not have is passed over.
            number: from 0, in the order of the hits; the one on the downbeat may begin before the loop's end.
            velocity: its gain, 0 to 1.
            line: when its hit is due (clock units); None begins now.
            step: clock units a frame.
        """
        starts, leads, frames = loop.slices.starts, loop.slices.leads, len(loop.audio)
        if not 0 <= number < len(starts):
            return
        number = (number - (starts[-1] + leads[-1] >= frames)) % len(starts)
        for voice in range(VOICES):
            if self._length[voice] and self._slice[voice] == number:
                self._release(voice)
        voice = min(range(VOICES), key=lambda v: (self._length[v] > 0, self._age[v]))
        self._played += 1
        start = starts[number]
        length = (starts[(number + 1) % len(starts)] - start - 1) % frames + 1
        audio = self._audio[voice]
        length = min(length, len(audio))
        whole = min(length, frames - start)
        audio[:whole] = loop.audio[start:start + whole]
        audio[whole:length] = loop.audio[:length - whole]
        audio[:length] *= np.float32(min(max(velocity, 0.0), 1.0))
        due = None if line is None else line - leads[number] * step
        fade = min(FADE_IN_FRAMES, length)
        audio[:fade] *= self._in[:fade]
        self._at[voice], self._length[voice] = 0, length
        self._slice[voice], self._line[voice], self._age[voice] = number, due, self._played
        self._fade_out(voice, length)

    def stop(self) -> None:
        """Let all fade out; who waits is not heard."""
        for voice in range(VOICES):
            if self._length[voice]:
                self._release(voice)

    def forget_lines(self) -> None:
        """The clock stands: who waits for a line is not heard."""
        for voice in range(VOICES):
            if self._line[voice] is not None:
                self._length[voice], self._line[voice] = 0, None

    def mix(self, out: Audio, position: int, step: int) -> None:
        """Add what sounds.

        Args:
            out: float32 `(frames, 2)`.
            position: of the clock at the first frame, in its units.
            step: clock units a frame.
        """
        frames = len(out)
        for voice in range(VOICES):
            length = self._length[voice]
            if not length:
                continue
            wait, line = 0, self._line[voice]
            if line is not None:
                wait = max(0, -((position - line) // step))
                if wait >= frames:
                    continue
                self._line[voice] = None
            at = self._at[voice]
            count = min(frames - wait, length - at)
            out[wait:wait + count] += self._audio[voice, at:at + count]
            self._at[voice] = at + count
            if at + count == length:
                self._length[voice] = 0

    def _release(self, voice: int) -> None:
        if self._line[voice] is not None:
            self._length[voice], self._line[voice] = 0, None
            return
        at = self._at[voice]
        if at + len(self._out) < self._length[voice]:
            self._length[voice] = at + len(self._out)
            self._fade_out(voice, self._length[voice])

    def _fade_out(self, voice: int, length: int) -> None:
        fade = min(len(self._out), length)
        self._audio[voice, length - fade:length] *= self._out[-fade:]
