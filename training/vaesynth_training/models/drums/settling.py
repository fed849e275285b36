"""What the prior is fitted to: grooves and kits as they were played, and as they were heard where too little
is known.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ...model import Posterior
from .supervision import patterns_of

ENOUGH = 1_000
"""Bars whose hits, or whose kits, are known, from which these alone are drawn."""

AT_ONCE = 1_000
"""Patterns that are read together."""

Record = Mapping[str, Any]


def grooves(
    records: Iterable[Record],
    heard: Posterior,
    heard_records: Sequence[Record],
    read: Callable[[Tensor], Posterior],
) -> tuple[Posterior, Tensor]:
    """Posteriors that grooves are drawn from, and how much each counts `(items,)`.

    Args:
        records: of bars, of which those with `hits` count.
        heard: posteriors of the grooves of some bars.
        heard_records: the records of these.
        read: patterns `(batch, voices, STEPS, 3)` → posteriors of their grooves.
    """
    patterns = (patterns_of(some) for some in _some(record for record in records if record.get("hits")))
    played = [read(some.to(heard.mean)) for some in patterns]
    return _mixed(played, heard, [not record.get("hits") for record in heard_records])


def kits(
    records: Iterable[Record], heard: Posterior, heard_records: Sequence[Record]
) -> tuple[Posterior, Tensor]:
    """As `grooves`, of kits: the known ones are those whose `kit_latents` say something of each voice.

    They get the mean variances of what was heard: within these the decoder has learnt to make one sound of a
    kit.
    """
    variance = heard.log_variance.exp().mean(0, keepdim=True)
    known = [
        torch.tensor([list(itertools.chain(*record["kit_latents"])) for record in some]).to(variance)
        for some in _some(record for record in records if _whole(record))
    ]
    told = [Posterior(mean, variance.log().expand_as(mean)) for mean in known]
    return _mixed(told, heard, [not _whole(record) for record in heard_records])


def _whole(record: Record) -> bool:
    return all(record.get("kit_latents") or [None])


def _some(records: Iterator[Record]) -> Iterator[list[Record]]:
    while some := list(itertools.islice(records, AT_ONCE)):
        yield some


def _mixed(known: list[Posterior], heard: Posterior, others: list[bool]) -> tuple[Posterior, Tensor]:
    """What is known alone where there is `ENOUGH`; else half of it, and half of what else was heard."""
    count = sum(len(part.mean) for part in known)
    rest = [Posterior(heard.mean[others], heard.log_variance[others])] if count < ENOUGH else []
    weights = [torch.full((n,), 1 / n) for n in (count, sum(others) * len(rest)) if n]
    return joined([*known, *rest]), torch.cat(weights)


def joined(parts: Sequence[Posterior]) -> Posterior:
    """Posteriors of several batches as one."""
    return Posterior(torch.cat([p.mean for p in parts]), torch.cat([p.log_variance for p in parts]))
