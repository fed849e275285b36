"""Placing one-shots on the bar: each voice's loudest hits, as copies of its one-shot on a 1 ms grid."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from .voices import SAMPLE_RATE, Voice

ROW = SAMPLE_RATE // 1000
"""Frames of a row, the time grid of hits: 1 ms."""

ROWS = 2_000
"""Rows of a bar."""

NUDGE = 2
"""Rows either way over which the gradient compares places."""


class Placement(nn.Module):
    """Hits and one-shots → stems; tails wrap round the bar, so the loop is seamless."""

    def __init__(self, voices: tuple[Voice, ...]) -> None:
        super().__init__()
        self.voices = voices

    def forward(self, amplitude: Tensor, place: Tensor, shots: Sequence[Tensor]) -> list[Tensor]:
        """Stems, for each voice `(batch, its channels, ROWS * ROW)`, of at most its `polyphony` hits, the
        loudest.

        Args:
            amplitude: of the hits `(batch, voices, hits)`.
            place: of the hits in bars [0, 1), same shape.
            shots: one-shots, for each voice `(batch, 2, frames)`, or `(batch, 1, frames)` for the centre.
        """
        bars = amplitude.shape[0]
        bar = torch.arange(bars, device=amplitude.device)[:, None, None] * ROWS
        stems = []
        for i, (voice, shot) in enumerate(zip(self.voices, shots, strict=True)):
            loudest, which = amplitude[:, i].topk(voice.polyphony, 1)
            start = (place[:, i].gather(1, which) * ROWS).round().long()
            channels, rows = shot.shape[1], shot.shape[2] // ROW
            # Rows of both channels side by side, so that one index places both.
            sound = shot.reshape(-1, channels, rows, ROW).transpose(1, 2).flatten(2)
            at = bar + (start[..., None] + torch.arange(rows, device=start.device)) % ROWS
            empty = torch.zeros(bars * ROWS, channels * ROW, device=shot.device, dtype=shot.dtype)
            filled = _placed(empty, at, loudest, sound)
            stems.append(filled.reshape(-1, ROWS, channels, ROW).transpose(1, 2).flatten(2))
        return stems

    def mix(self, amplitude: Tensor, place: Tensor, shots: Sequence[Tensor]) -> Tensor:
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
        mixed: Tensor = Convolved.apply(  # type: ignore[no-untyped-call]
            impulses.scatter_add(2, at, taps), *shots
        )
        return mixed


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


def _placed(empty: Tensor, at: Tensor, amplitude: Tensor, sound: Tensor) -> Tensor:
    """`empty` rows with a copy of `sound` added for each hit.

    Args:
        empty: `(bars * ROWS, values)`.
        at: which rows the hits' copies fall on `(bars, hits, rows)`; those of one hit are all different.
        amplitude: of the hits `(bars, hits)`.
        sound: `(bars, rows, values)`.
    """
    if not torch.compiler.is_exporting():
        copies = amplitude[..., None, None] * sound[:, None]
        return empty.index_put((at.flatten(),), copies.flatten(0, 2), accumulate=True)
    # What the exporter would make of `index_put` copies everything twice before it adds. A hit at a time, for
    # ONNX Runtime adds rows in parallel, and loses some where two fall on one (microsoft/onnxruntime#18048).
    filled = empty
    hits = zip(torch.split(amplitude[..., None, None], 1, 1), torch.split(at[..., None], 1, 1), strict=True)
    for loudness, rows in hits:
        filled = torch.onnx.ops.symbolic(
            "ScatterND",
            (filled, rows, loudness * sound[:, None]),
            {"reduction": "add"},
            dtype=empty.dtype,
            shape=empty.shape,
            version=18,
        )
    return filled
