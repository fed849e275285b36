"""Ranges of settings, which a dataclass checks in `__post_init__`; `configuration` adds where they stand."""

import math
from typing import Any


def require_within(settings: Any, low: float, high: float, *names: str) -> None:
    """Check that fields are finite numbers from `low` to `high`, and tuples one or more of such.

    Raises:
        ValueError: one is not; names it, its value and the range.
    """
    expected = f"{low:g} to {high:g}" if math.isfinite(high) else f"a finite number, at least {low:g}"
    for name in names:
        numbers = _numbers(settings, name)
        if not numbers or not all(low <= number <= high and math.isfinite(number) for number in numbers):
            raise ValueError(f"{name} is {getattr(settings, name)}, expected {expected}")


def require_positive(settings: Any, *names: str) -> None:
    """As `require_within`, of numbers above 0."""
    for name in names:
        if not all(0 < number < math.inf for number in _numbers(settings, name)):
            raise ValueError(f"{name} is {getattr(settings, name)}, expected a finite number, more than 0")


def _numbers(settings: Any, name: str) -> tuple[float, ...]:
    value = getattr(settings, name)
    return value if isinstance(value, tuple) else (value,)
