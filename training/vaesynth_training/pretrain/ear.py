"""The encoder: it learns to hear what the two halves' own encoders know, on bars rendered for the purpose.

Regression on known posteriors needs neither synthesis nor spectra of the decoded bar, so a step costs a
fraction of one through the sound; training through the sound comes after, on all bars.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..ema import ExponentialMean
from ..model import Posterior
from ..models.drums.groove import pattern_of
from ..models.drums.model import DrumVae, onset_targets
from ..models.drums.voices import VOICES, voice_slices
from ..render.bar import render_bar
from ..render.pairs import Item, Plan
from ..render.voices import Hit
from .kits import Shots

GrooveTeacher = Callable[[Tensor], Posterior]
"""Patterns `(batch, voices, STEPS, 3)` → posterior of the groove."""

KitTeacher = Callable[[Sequence[Shots]], Posterior]
"""Kits → posterior of the kit group."""


@dataclass(frozen=True)
class Lesson:
    """A batch of bars with what is to be heard in them.

    Attributes:
        audio: `(batch, 2, 96000)`.
        hits: of each bar.
        shots: of each bar's kit.
    """

    audio: Tensor
    hits: Sequence[Sequence[Hit]]
    shots: Sequence[Shots]


def lessons(plan: Plan, batch: int, seed: int, pool: int = 12) -> Iterator[Lesson]:
    """Endless batches of bars: any groove on any kit of a pool, slowly renewed since a fresh kit is dear.

    Args:
        plan: draws grooves and kits.
        batch: bars a lesson.
        seed: of grooves and kits.
        pool: kits and grooves at hand.
    """
    rng = np.random.default_rng(seed)
    number = seed * 1_000_003
    items: list[Item] = []
    while True:
        while len(items) < pool or rng.random() < 0.5:
            items.extend(list(plan.quad("train", number))[::3])  # both grooves and both kits of a quad
            number += 1
        items = items[-pool:]
        audio: list[Tensor] = []
        hits: list[Sequence[Hit]] = []
        shots: list[Shots] = []
        while len(audio) < batch:
            groove, kit = (items[int(i)] for i in rng.integers(len(items), size=2))
            try:
                bar = render_bar(groove.groove.hits, kit.kit)
            except ValueError:  # nothing of this groove sounds on that kit
                continue
            audio.append(torch.from_numpy(np.ascontiguousarray(bar.T)))
            hits.append(groove.groove.hits)
            shots.append(kit.kit.one_shots(groove.groove.hits))
        yield Lesson(torch.stack(audio), hits, shots)


def fit_encoder(
    model: DrumVae,
    teach: Iterator[Lesson],
    grooves: GrooveTeacher,
    kits: KitTeacher,
    minutes: float,
    log: Callable[[str], None],
    learning_rate: float = 8e-4,
) -> None:
    """Train the model's encoder to give the teachers' posteriors; it ends with the mean of its weights."""
    encoder = model.encoder
    encoder.train()
    optimiser = torch.optim.AdamW(
        encoder.parameters(), lr=learning_rate, weight_decay=1e-3, betas=(0.9, 0.98)
    )
    mean = ExponentialMean(encoder, 0.997)
    begin, step, heard = time.monotonic(), 0, np.zeros(4)
    while (spent := (time.monotonic() - begin) / 60) < minutes:
        optimiser.param_groups[0]["lr"] = (
            learning_rate * min(1.0, (step + 1) / 60) * max(0.05, 1 - spent / minutes)
        )
        loss, found = _loss(model, next(teach), grooves, kits)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(encoder.parameters(), 5.0)
        if torch.isfinite(norm):
            optimiser.step()
        step, heard = step + 1, 0.97 * heard + 0.03 * found
        mean.update(encoder)
        if step % 25 == 0:
            groove, kit, onsets, hits = heard / (1 - 0.97**step)
            log(
                f"encoder: {spent:.1f} of {minutes:g} minutes, step {step}, unexplained groove {groove:.3f}, "
                f"kit {kit:.3f}, onsets {onsets:.1f} nats, hits found {hits:.3f}"
            )
    encoder.load_state_dict(mean.state)


def _loss(
    model: DrumVae, lesson: Lesson, grooves: GrooveTeacher, kits: KitTeacher
) -> tuple[Tensor, np.ndarray[tuple[int], np.dtype[np.float64]]]:
    mean, log_variance, onsets = model.encoder(lesson.audio)
    pattern = torch.stack([pattern_of(h) for h in lesson.hits])
    with torch.no_grad():
        groove, kit = grooves(pattern), kits(lesson.shots)
        target = torch.cat([groove.mean, kit.mean], 1)
        spread = torch.cat([groove.log_variance, kit.log_variance], 1)
        heard = _audible(pattern, groove.mean.shape[1])
        # What a bar does not play says nothing of the kit: there the posterior is the prior.
        target, spread = target * heard, spread * heard
    # Expected negative log-likelihood of the teacher's draws under the student's posterior.
    distance = (mean - target).square()
    nats = 0.5 * ((distance + spread.exp()) / log_variance.exp() + log_variance)
    weight = heard + 0.1 * (1 - heard)
    wanted = onset_targets(lesson.hits, onsets.shape[2])
    onset = (
        nn.functional.binary_cross_entropy_with_logits(onsets, wanted, reduction="none").sum((1, 2)).mean()
    )
    loss = 0.02 * (weight * nats).sum(1).mean() + 0.1 * (weight * distance).sum(1).mean() + 0.01 * onset
    size = groove.mean.shape[1]
    with torch.no_grad():
        logit, _, _ = model.groove_decoder.pattern(mean[:, :size])
        found, true = (logit > 0).float(), pattern[..., 0]
        f_measure = 2 * (found * true).sum() / (found.sum() + true.sum()).clamp_min(1)
        part = [
            float((heard * distance)[:, s].sum() / (heard * target.square())[:, s].sum().clamp_min(1e-6))
            for s in (slice(0, size), slice(size, None))
        ]
    return loss, np.array([*part, float(onset.detach()), float(f_measure)])


def _audible(pattern: Tensor, groove_dim: int) -> Tensor:
    """1 for latents that the bar lets hear, `(batch, groove_dim + kit_dim)`."""
    played = (pattern[..., 0].sum(2) > 0).float()
    parts = [torch.ones(len(pattern), groove_dim)]
    for i, (voice, _) in enumerate(zip(VOICES, voice_slices(), strict=True)):
        parts.append(played[:, i : i + 1].expand(-1, voice.latent_dim))
    return torch.cat(parts, 1)
