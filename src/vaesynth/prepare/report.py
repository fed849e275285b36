"""What became of each file: the table that is printed and kept as `table.csv`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..dataset import DatasetInfo
from ..terminal import columns, printable

TAKEN, REFUSED, LEFT_OUT = "taken", "refused", "left out"


@dataclass(frozen=True)
class Outcome:
    """What became of one file.

    Attributes:
        file: its name relative to the prepared folder.
        status: `taken`, `refused` (it cannot be used) or `left out` (by the options or its kind).
        items: how many items it gave.
        reason: why it was not taken, or what else one should know of it.
        facts: further columns of `table.csv`.
    """

    file: str
    status: str
    items: int = 0
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """The outcome of a whole folder and, where a data set was written, what it is.

    Attributes:
        outcomes: of each file.
        info: of the data set.
        remark: what else one should know of the options.
    """

    outcomes: Sequence[Outcome]
    info: DatasetInfo | None = None
    remark: str = ""

    def count(self, status: str) -> int:
        """Number of files with this status."""
        return sum(outcome.status == status for outcome in self.outcomes)

    def rows(self, fact_columns: Sequence[str]) -> list[dict[str, Any]]:
        """Rows of `table.csv`: file, status, items, the facts, reason."""
        return [{"file": o.file, "status": o.status, "items": o.items,
                 **{name: o.facts.get(name, "") for name in fact_columns}, "reason": o.reason}
                for o in self.outcomes]

    def to_text(self, fact_columns: Sequence[str], most_taken: int = 200, most_left_out: int = 10) -> str:
        """The table for people; long lists of files without trouble are cut short, refusals never are."""
        shown: list[list[str]] = []
        cut = {TAKEN: most_taken, LEFT_OUT: most_left_out}
        seen = dict.fromkeys((TAKEN, REFUSED, LEFT_OUT), 0)
        for o in sorted(self.outcomes, key=lambda o: (TAKEN, REFUSED, LEFT_OUT).index(o.status)):
            seen[o.status] += 1
            if seen[o.status] <= cut.get(o.status, len(self.outcomes)):
                facts = [_text(o.facts.get(name, "")) for name in fact_columns]
                shown.append([_short(o.file), o.status, str(o.items) if o.items else "", *facts, o.reason])
        lines = [columns(shown, ("file", "status", "items", *fact_columns, "remark"))]
        for status, most in cut.items():
            if seen[status] > most:
                lines.append(f"… and {seen[status] - most} more {status}")
        return "\n".join(lines)

    def summary(self) -> str:
        """One line: how many files were taken, refused and left out, and what they gave."""
        counts = [f"{self.count(TAKEN)} of {len(self.outcomes)} files taken"]
        counts += [f"{self.count(status)} {status}" for status in (REFUSED, LEFT_OUT) if self.count(status)]
        text = ", ".join(counts)
        if self.info is not None:
            items = ", ".join(f"{n} {split}" for split, n in self.info.items.items() if n)
            text += f": {items} items in {printable(str(self.info.folder))}"
        return text


def _short(name: str, most: int = 60) -> str:
    return name if len(name) <= most else name[:most // 2] + "…" + name[1 - most // 2:]


def _text(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
