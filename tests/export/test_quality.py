"""What a sheet is worth."""

from dataclasses import replace
from typing import Any

import pytest

from vaesynth_export.quality import Quality

GOOD = Quality(rho=(0.9, 0.85), spread=1.0, territory=0.97, step=2.5)


def test_a_sheet_that_reaches_all_is_good_and_more_counts_for_nothing() -> None:
    assert GOOD.good
    assert GOOD.merit == 4.0 == replace(GOOD, spread=2.0).merit


@pytest.mark.parametrize(
    "worse", [{"rho": (0.9, 0.7)}, {"spread": 0.5}, {"territory": 0.9}, {"step": 5.0}]
)
def test_whatever_falls_short_costs(worse: dict[str, Any]) -> None:
    sheet = replace(GOOD, **worse)
    assert not sheet.good
    assert 3.0 < sheet.merit < GOOD.merit
