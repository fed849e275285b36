"""Figures of `evaluate` and of the documentation: waveforms, mel spectrograms, image grids, latents.

Drawn on matplotlib's own `Figure`, without pyplot: no window, no global state.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from vaesynth.errors import OutputError

from .metrics import mel_spectrogram

MAX_COLUMNS = 8
DPI = 100


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DPI)
    except OSError as e:
        raise OutputError(f"{path} cannot be written ({e.strerror})") from e


def draw_waveform(axes: Axes, loop: Tensor, sample_rate: int) -> None:
    """One loop `(channels, frames)` as its envelope: highest and lowest sample in each of 1,000 places."""
    mono = loop.mean(0)
    bins = min(1000, len(mono))
    cells = mono[: len(mono) // bins * bins].reshape(bins, -1)
    seconds = np.linspace(0, len(mono) / sample_rate, bins)
    axes.fill_between(seconds, cells.amin(1).numpy(), cells.amax(1).numpy(), linewidth=0.3)
    axes.set(xlim=(0, seconds[-1]), ylim=(-1, 1), yticks=(-1, 0, 1))


def draw_mel(axes: Axes, loop: Tensor, sample_rate: int) -> None:
    """Mel spectrogram of one loop `(channels, frames)`, -80 to 0 dB."""
    level = mel_spectrogram(loop.mean(0)[None], sample_rate)[0]
    seconds = loop.shape[-1] / sample_rate
    axes.imshow(
        level.numpy(),
        origin="lower",
        aspect="auto",
        vmin=-80,
        vmax=0,
        cmap="magma",
        extent=(0, seconds, 0, 80),
    )
    axes.set(yticks=())


def loops(rows: Sequence[tuple[str, Tensor]], sample_rate: int, titles: Sequence[str] = ()) -> Figure:
    """Waveform above mel spectrogram for each loop of each row.

    Args:
        rows: (label, loops `(n, channels, frames)`); all rows with the same n.
        titles: one a column.
    """
    columns = min(MAX_COLUMNS, max(len(items) for _, items in rows))
    width, height = 2.1 * columns + 0.6, 2.1 * len(rows) + 0.5
    figure = Figure((width, height))  # margins by hand: a layout engine would take longer than the drawing
    figure.subplots_adjust(0.4 / width, 0.25 / height, 1 - 0.1 / width, 1 - 0.25 / height, 0.06, 0.12)
    grid = figure.subplots(2 * len(rows), columns, squeeze=False, height_ratios=[1, 2] * len(rows))
    for r, (label, items) in enumerate(rows):
        for c in range(columns):
            wave, mel = grid[2 * r][c], grid[2 * r + 1][c]
            if c >= len(items):
                wave.set_axis_off()
                mel.set_axis_off()
                continue
            draw_waveform(wave, items[c], sample_rate)
            draw_mel(mel, items[c], sample_rate)
            wave.tick_params(labelbottom=False, labelleft=False)
            mel.tick_params(labelsize=6, labelbottom=r == len(rows) - 1)
            mel.locator_params(axis="x", nbins=4)
            if c == 0:
                mel.set_ylabel(label, fontsize=8)
            if r == 0 and c < len(titles):
                wave.set_title(titles[c][:24], fontsize=7)
    return figure


def images(rows: Sequence[tuple[str, Tensor]], columns: int = 12) -> Figure:
    """Rows of images `(n, 3, height, width)`, each with its label."""
    columns = min(columns, max(len(items) for _, items in rows))
    height, width = rows[0][1].shape[-2:]
    figure = Figure((0.9 * columns + 0.9, 0.9 * len(rows) * height / width + 0.2), layout="constrained")
    for axes, (label, items) in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True):
        strip = torch.ones(3, height, columns * width)
        for i, item in enumerate(items[:columns]):
            strip[:, :, i * width : (i + 1) * width] = item.clamp(0, 1)
        axes.imshow(strip.permute(1, 2, 0).numpy(), interpolation="nearest")
        axes.set(xticks=(), yticks=())
        axes.set_ylabel(label, fontsize=7, rotation=0, ha="right", va="center")
    return figure


def latents(mean: Tensor, nats: Sequence[float], names: Sequence[str]) -> Figure:
    """Posterior means on their two widest directions, beside the nats that each dimension holds."""
    figure = Figure((9, 4), layout="constrained")
    scatter, bars = figure.subplots(1, 2)
    centred = mean - mean.mean(0)
    if len(mean) > 2 and mean.shape[1] > 1:
        directions = torch.linalg.svd(centred, full_matrices=False)[2][:2]
        x, y = (centred @ directions.T).T.numpy()
    else:
        x, y = centred[:, 0].numpy(), np.zeros(len(mean))
    scatter.scatter(x, y, s=12)
    if len(names) <= 30:
        for i, name in enumerate(names):
            scatter.annotate(name[:18], (x[i], y[i]), fontsize=6)
    scatter.set(title="posterior means, first two principal directions", aspect="equal")
    ordered = sorted(nats, reverse=True)
    bars.bar(range(len(ordered)), ordered)
    bars.set(
        title="nats in each latent dimension, in order", xlabel="dimension", ylabel="KL to the prior (nats)"
    )
    return figure
