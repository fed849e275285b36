"""What the prior is fitted to: grooves as they were played, kits as they are known and as they are heard."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...model import Posterior
from .groove import STEPS
from .supervision import patterns_of
from .voices import KIT_DIM, VOICES

ENOUGH = 1_000
"""Bars whose hits are known: so many, and grooves are drawn from them alone, and before a critic."""

AT_ONCE = 1_000
"""Patterns that are read together."""

Record = Mapping[str, Any]


def played(records: Iterable[Record]) -> Tensor:
    """The patterns of the bars whose hits are known, `(items, voices, STEPS, 3)`."""
    known = (record for record in records if record.get("hits"))
    return torch.cat([torch.zeros(0, len(VOICES), STEPS, 3), *(patterns_of(some) for some in _some(known))])


def grooves(
    patterns: Tensor,
    heard: Posterior,
    heard_records: Sequence[Record],
    read: Callable[[Tensor], Posterior],
) -> tuple[Posterior, Tensor]:
    """Posteriors that grooves are drawn from, and how much each counts `(items,)`.

    They are drawn as they were played: what an ear only half makes out would be drawn as bars of half-sure
    hits, which are all alike. Where fewer than `ENOUGH` are known, half of them is as it was heard in other
    bars.

    Args:
        patterns: as they were played, see `played`.
        heard: posteriors of the grooves of some bars.
        heard_records: the records of these.
        read: patterns `(batch, voices, STEPS, 3)` → posteriors of their grooves.
    """
    known = [read(some.to(heard.mean)) for some in torch.split(patterns, AT_ONCE) if len(some)]
    few = len(patterns) < ENOUGH
    others = [few and not record.get("hits") for record in heard_records]
    return _halves(known, Posterior(heard.mean[others], heard.log_variance[others]))


def kits(records: Iterable[Record], heard: Posterior) -> tuple[Posterior, Tensor]:
    """As `grooves`, of kits: half of them known, those whose `kit_latents` say something of each voice, half
    as they were heard.

    Heard kits alone are nearer to the mean one than kits are; known ones, in the clear, do not lie where kits
    in a mix are heard to be. The known ones get the mean variances of what was heard: within these the
    decoder has learnt to make one sound of a kit.
    """
    variance = heard.log_variance.exp().mean(0, keepdim=True)
    known = [
        torch.tensor([list(itertools.chain(*record["kit_latents"])) for record in some]).to(variance)
        for some in _some(record for record in records if _whole(record))
    ]
    return _halves([Posterior(mean, variance.log().expand_as(mean)) for mean in known], heard)


def _whole(record: Record) -> bool:
    return sum(len(latents or ()) for latents in record.get("kit_latents") or ()) == KIT_DIM


def _some(records: Iterator[Record]) -> Iterator[list[Record]]:
    while some := list(itertools.islice(records, AT_ONCE)):
        yield some


def _halves(known: Sequence[Posterior], heard: Posterior) -> tuple[Posterior, Tensor]:
    """Both, and weights with which they sum to the same."""
    counts = sum(len(part.mean) for part in known), len(heard.mean)
    weights = [torch.full((n,), 1 / n) for n in counts if n]
    return joined([*known, heard]), torch.cat(weights)


def joined(parts: Sequence[Posterior]) -> Posterior:
    """Posteriors of several batches as one."""
    return Posterior(torch.cat([p.mean for p in parts]), torch.cat([p.log_variance for p in parts]))
