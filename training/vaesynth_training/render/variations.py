"""What turns one groove into another: moved to the grid, or played on other drums."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.random import Generator

from ..voices import HAT_CLOSED, RIM_CLAP, SNARE, TOM
from .grooves import Groove
from .voices import PERC_NOTES, Hit

CLAP, RIM, HAT, OPEN = 39, 37, 42, 46
CRASHES = (49, 52, 55, 57)
RIDES = (51, 53, 59)
GRIDS = (16, 24)
"""Steps a bar: 16ths, or 16th triplets where they fit the playing better."""


def quantised(groove: Groove, rng: Generator, seed: str) -> Groove:
    """The groove as a sequencer would hold it: on the grid, dynamics partly flattened, ghosts perhaps gone.

    Args:
        groove: played by a human.
        rng: of the choices.
        seed: names the choices in the new groove's id.
    """
    hits = groove.hits
    grid = best_grid([hit.position for hit in hits])
    flat = float(rng.uniform(0.3, 1.0))
    loudest = max(hit.velocity for hit in hits)
    keep_ghosts = bool(rng.random() < 0.6)
    swing = float(rng.uniform(0.1, 0.33)) / 16 if grid == 16 and rng.random() < 0.2 else 0.0
    best: dict[tuple[int, int], Hit] = {}
    for hit in hits:
        if hit.velocity < 0.25 * loudest and not keep_ghosts:
            continue
        step = round(hit.position * grid) % grid
        velocity = hit.velocity + flat * ((0.85 if hit.velocity > 0.45 * loudest else 0.5) - hit.velocity)
        moved = Hit.of_note(step / grid + (swing if step % 2 else 0.0), hit.note, velocity)
        key = (step, hit.note)
        if key not in best or best[key].velocity < velocity:
            best[key] = moved
    kept = tuple(sorted(best.values()))
    return replace(groove, id=f"{groove.id}+q{seed}", style="quantised", hits=kept)


def best_grid(positions: Iterable[float]) -> int:
    """Steps a bar of the grid that the positions (in bars) fit best, where a finer one must earn it."""
    at = np.array(list(positions))
    errors = [float(np.abs(at * grid - np.round(at * grid)).mean()) for grid in GRIDS]
    return GRIDS[1] if errors[1] < 0.6 * errors[0] else GRIDS[0]


def revoiced(groove: Groove, rng: Generator, probability: float, seed: str) -> Groove:
    """The groove with some voices moved to others, claps beside the snare, or a shaker on top.

    Human drummers play no claps and no percussion; without this those voices would not be heard with them.

    Args:
        groove: any groove.
        rng: of the choices.
        probability: of each change.
        seed: names the choices in the new groove's id.
    """
    hits = list(groove.hits)
    changes = (
        _rim_to_percussion,
        _toms_to_percussion,
        _ride_to_hat,
        _snare_to_clap,
        _clap_on_snare,
        _shaker,
        _without_crash,
        _hat_opened,
    )
    chosen = rng.random(len(changes)) < probability
    for change, wanted in zip(changes, chosen, strict=True):
        if wanted:
            hits = change(hits, rng)
    if hits == list(groove.hits) or len(hits) < 4:
        return groove
    return replace(groove, id=f"{groove.id}+v{seed}", hits=tuple(sorted(hits)))


def _to(hit: Hit, note: int) -> Hit:
    return Hit.of_note(hit.position, note, hit.velocity)


def _rim_to_percussion(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    note = PERC_NOTES[int(rng.integers(len(PERC_NOTES)))]
    return [_to(hit, note) if hit.voice == RIM_CLAP else hit for hit in hits]


def _toms_to_percussion(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    shift = int(rng.integers(len(PERC_NOTES)))
    return [
        _to(hit, PERC_NOTES[(hit.note + shift) % len(PERC_NOTES)]) if hit.voice == TOM else hit
        for hit in hits
    ]


def _ride_to_hat(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    note = HAT if rng.random() < 0.6 else PERC_NOTES[3]
    return [_to(hit, note) if hit.note in RIDES else hit for hit in hits]


def _snare_to_clap(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    note = CLAP if rng.random() < 0.7 else RIM
    return [_to(hit, note) if hit.voice == SNARE and hit.velocity > 0.35 else hit for hit in hits]


def _clap_on_snare(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    level = float(rng.uniform(0.6, 1.0))
    loud = [hit for hit in hits if hit.voice == SNARE and hit.velocity > 0.5]
    return [*hits, *(Hit.of_note(hit.position, CLAP, hit.velocity * level) for hit in loud)]


def _shaker(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    steps = 16 if rng.random() < 0.6 else 8
    velocity, accent = float(rng.uniform(0.35, 0.7)), float(rng.uniform(0.05, 0.25))
    note = PERC_NOTES[int(rng.integers(len(PERC_NOTES)))]
    softer = [accent if step % (steps // 4) else 0.0 for step in range(steps)]
    return [*hits, *(Hit.of_note(step / steps, note, velocity - less) for step, less in enumerate(softer))]


def _without_crash(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    return [hit for hit in hits if hit.note not in CRASHES]


def _hat_opened(hits: Sequence[Hit], rng: Generator) -> list[Hit]:
    """The closed hats on the offbeats open, as in disco."""
    return [
        _to(hit, OPEN) if hit.voice == HAT_CLOSED and round(hit.position * 16) % 4 == 2 else hit
        for hit in hits
    ]
