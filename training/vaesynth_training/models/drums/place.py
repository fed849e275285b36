"""Placing one-shots on the bar: each hit is a copy of its voice's one-shot, on a grid of 1 ms.

Tails wrap round the bar, so the loop is seamless. In both functions

- `amplitude` is of the hits, `(batch, voices, hits)`,
- `place` theirs in bars, [0, 1), of the same shape,
- `shots` has the one-shots, for each voice `(batch, 2, frames)`, or `(batch, 1, frames)` for the centre.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from .voices import SAMPLE_RATE

ROW = SAMPLE_RATE // 1000
"""Frames of a row, the time grid of hits: 1 ms."""

ROWS = 2_000
"""Rows of a bar."""

SILENT = 0.003
"""Amplitude below which a hit is not placed, 50 dB below one at full velocity: a bar costs what it plays."""

SECTIONS = 4
"""Parts of the bar that are made one after the other, since copies of all hits take memory."""

NUDGE = 2
"""Rows either way over which the gradient compares places."""


def placed(amplitude: Tensor, place: Tensor, shots: Sequence[Tensor]) -> list[Tensor]:
    """Stems, for each voice `(batch, its channels, ROWS * ROW)`."""
    amplitude = amplitude * (amplitude > SILENT)
    start = (place * ROWS).round().int()
    stems = []
    for voice in zip(amplitude.unbind(1), start.unbind(1), shots, strict=True):
        if torch.compiler.is_exporting():
            stems.append(_stem(*voice))
        else:
            # A bar at a time, for all take memory for as many hits as the fullest has.
            bars = zip(*(torch.split(part, 1) for part in voice), strict=True)
            stems.append(torch.cat([_stem(*bar) for bar in bars]))
    return stems


def mixed(amplitude: Tensor, place: Tensor, shots: Sequence[Tensor]) -> Tensor:
    """The sum of the stems, `(batch, 2, ROWS * ROW)`, of all hits, for learning.

    By FFT, which costs less where gradients are wanted. A place has a gradient, too: that of a hit which
    moves between the rows on both sides; the hit that sounds stays on its row.
    """
    frames = ROWS * ROW
    exact = place * ROWS
    row = exact.round().detach()
    move = amplitude * (exact - exact.detach()) / (2 * NUDGE)
    taps = torch.cat([amplitude, move, -move], 2)
    at = torch.cat([row, row + NUDGE, row - NUDGE], 2).remainder(ROWS).long() * ROW
    impulses = torch.zeros(*amplitude.shape[:2], frames, device=amplitude.device)
    mix: Tensor = Convolved.apply(  # type: ignore[no-untyped-call]
        impulses.scatter_add(2, at, taps), *shots
    )
    return mix


class Convolved(torch.autograd.Function):
    """Circular convolutions of voices' impulses `(batch, voices, frames)` with their one-shots, summed.

    PyTorch's gradient of a real FFT is a complex one of twice the size; these stay real both ways.
    """

    @staticmethod
    def forward(ctx: Any, impulses: Tensor, *shots: Tensor) -> Tensor:
        frames = impulses.shape[2]
        spectra = torch.fft.rfft(impulses)
        shot_spectra = [torch.fft.rfft(shot, frames) for shot in shots]
        ctx.save_for_backward(spectra, *shot_spectra)
        ctx.lengths = [shot.shape[2] for shot in shots]
        total = spectra.new_zeros(len(impulses), 2, spectra.shape[2])
        for i, shot in enumerate(shot_spectra):
            total += spectra[:, i : i + 1] * shot
        mixed: Tensor = torch.fft.irfft(total, frames)
        return mixed

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        spectra, *shots = ctx.saved_tensors
        frames = gradients[0].shape[2]
        both = torch.fft.rfft(gradients[0])
        middle = both.sum(1, keepdim=True)
        back, parts = [], []
        for i, (shot, length) in enumerate(zip(shots, ctx.lengths, strict=True)):
            # A voice of one channel is heard in both: it gets the sum of their gradients.
            heard = both if shot.shape[1] == 2 else middle
            back.append((heard * shot.conj()).sum(1))
            parts.append(torch.fft.irfft(heard * spectra[:, i : i + 1].conj(), frames)[..., :length])
        return torch.fft.irfft(torch.stack(back, 1), frames), *parts


def _stem(amplitude: Tensor, start: Tensor, shot: Tensor) -> Tensor:
    """One voice's stem `(bars, channels, ROWS * ROW)`: for each hit the rows of its copy are looked up, row
    by row of the bar, and one product adds the copies up.

    Rows that are added one by one, by `ScatterND`, are lost in ONNX Runtime where two threads add to one
    (microsoft/onnxruntime#18048), and take a copy of the stem for each hit that could be.

    Args:
        amplitude: of the hits `(bars, hits)`; 0 where there is none.
        start: rows on which they fall, likewise, 0 to ROWS.
        shot: `(bars, channels, frames)`.
    """
    (bars, channels, _), rows = shot.shape, shot.shape[2] // ROW
    # As many as the fullest bar has, the loudest first.
    count = (amplitude > 0).sum(1).amax(0).clamp_min(1).item()
    torch._check(count >= 1)  # type: ignore[no-untyped-call]
    torch._check(count <= amplitude.shape[1])  # type: ignore[no-untyped-call]
    loudness, which = (found[:, :count] for found in amplitude.topk(amplitude.shape[1], 1))
    # Rows of both channels side by side, so that one index finds both; the last is silence.
    sound = shot.reshape(bars, channels, rows, ROW).transpose(1, 2).flatten(2)
    sound = functional.pad(sound, (0, 0, 0, 1)).flatten(0, 1)
    start = start.gather(1, which)[..., None]
    own = (rows + 1) * torch.arange(bars, device=start.device)
    parts = []
    for section in torch.split(torch.arange(ROWS, device=start.device), ROWS // SECTIONS):
        row = (section - start) % ROWS
        copies = sound.index_select(0, (row.clamp_max(rows) + own[:, None, None]).flatten())
        parts.append(loudness[:, None] @ copies.reshape(bars, -1, ROWS // SECTIONS * channels * ROW))
    stem = torch.cat(parts, 2).reshape(bars, ROWS, channels, ROW)
    return stem.transpose(1, 2).flatten(2)
