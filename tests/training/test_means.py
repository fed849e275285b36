"""Means of what is logged."""

from typing import Any

import pytest

from vaesynth_training import means
from vaesynth_training.means import Means


def test_a_part_that_some_batches_lack_is_the_mean_over_the_others() -> None:
    found = Means()
    found.add({"loss": 1.0, "hits": 5.0}, 2)
    found.add({"loss": 4.0}, 1)
    assert found.over_ranks(1) == {"loss": 2.0, "hits": 5.0}


def test_ranks_count_by_what_they_have(monkeypatch: pytest.MonkeyPatch) -> None:
    ranks = [Means() for _ in range(3)]
    ranks[0].add({"loss": 1.0}, 2)
    ranks[1].add({"loss": 4.0, "hits": 6.0}, 1)

    def gather(into: list[Any], _: object) -> None:
        into[:] = [(rank._sums, rank._counts) for rank in ranks]

    monkeypatch.setattr(means.dist, "all_gather_object", gather)
    assert ranks[0].over_ranks(3) == {"loss": 2.0, "hits": 6.0}
    assert Means().over_ranks(1) == {}
