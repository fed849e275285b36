"""What is known of a rendered bar and teaches the model to hear: its hits, and the latents of its kit."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from ...model import Batch, Posterior
from .encoder import Heard
from .groove import Pattern, pattern_loss, pattern_of
from .voices import KIT_DIM, VOICES, voice_slices

Records = Sequence[Mapping[str, Any]]


def with_hits(batch: Batch) -> list[int]:
    """Which items of a batch bring their hits."""
    return [i for i, record in enumerate(batch.info) if record.get("hits")]


def patterns_of(records: Records) -> Tensor:
    """The patterns that were played, `(records, voices, STEPS, 3)`."""
    return torch.stack([pattern_of(record["hits"]) for record in records])


def nats_of_hits(records: Records, heard: Heard, kept: Pattern) -> dict[str, Tensor]:
    """Negative log-likelihoods, in nats a bar, of the pattern that was played, as it was written down and as
    the groove's latents give it back (`kept`), and of its onsets.
    """
    pattern = patterns_of(records).to(heard.onsets)
    written = pattern_loss(heard.written, pattern)
    target = onset_targets([record["hits"] for record in records], heard.onsets.shape[2]).to(pattern)
    nats = functional.binary_cross_entropy_with_logits(heard.onsets, target, reduction="none")
    return {
        **{f"written_{name}": part for name, part in written.items()},
        **pattern_loss(kept, pattern),
        "onsets": 0.3 * nats.sum((1, 2)).mean(),
    }


def nats_of_kits(records: Records, kit: Posterior) -> Tensor:
    """Negative log-likelihood, in nats a bar, of the latents of the voices that are struck."""
    target = torch.zeros(len(records), KIT_DIM)
    struck = torch.zeros(len(records), KIT_DIM)
    for row, mask, record in zip(target, struck, records, strict=True):
        voices = {int(voice) for _, voice, *_ in record["hits"]}
        for voice, place in enumerate(voice_slices()):
            if voice in voices and (latents := record["kit_latents"][voice]):
                row[place], mask[place] = torch.tensor(latents), 1.0
    nats = ((kit.mean - target.to(kit.mean)).square() / kit.log_variance.exp() + kit.log_variance) / 2
    return (nats * struck.to(kit.mean)).sum(1).mean()


def onset_targets(hits: Sequence[Sequence[Sequence[float]]], places: int) -> Tensor:
    """Where each voice is struck, `(bars, voices, places)`: 1 at the place of a hit, 0.3 beside it."""
    target = torch.zeros(len(hits), len(VOICES), places)
    for row, bar in zip(target, hits, strict=True):
        for position, voice, *_ in bar:
            place = round(position * places)
            row[int(voice), place % places] = 1.0
            for side in ((place - 1) % places, (place + 1) % places):
                row[int(voice), side] = max(0.3, float(row[int(voice), side]))
    return target
