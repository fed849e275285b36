"""Text for the terminal: made harmless, and set in columns."""

import unicodedata
from collections.abc import Sequence

HARMFUL = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
"""Unicode categories: control, format, surrogate, private, unassigned, line and paragraph separator."""


def printable(text: str) -> str:
    """The text on one line, each control, format or unassigned character shown as its escape.

    Names come from files that anyone can write: an escape sequence must not move the cursor, a line break
    not forge a second line, a direction mark not turn one round.
    """

    def shown(c: str) -> str:
        harmless = unicodedata.category(c) not in HARMFUL
        return c if harmless else c.encode("unicode_escape").decode()

    return "".join(map(shown, text))


def width(text: str) -> int:
    """Columns that the text takes in a terminal: East Asian wide characters two, combining marks none."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def columns(rows: Sequence[Sequence[str]], header: Sequence[str] = (), indent: str = "") -> str:
    """Rows as lines of left-aligned columns, two spaces apart, each cell made printable.

    Args:
        rows: cells, the same number in each row.
        header: titles of the columns, set in capitals.
        indent: what each line starts with.
    """
    titles = [[title.upper() for title in header]] if header else []
    lines = [[printable(cell) for cell in row] for row in (*titles, *rows)]
    widths = [max(map(width, column)) for column in zip(*lines, strict=True)]

    def aligned(line: list[str]) -> str:
        cells = [cell + " " * (w - width(cell)) for cell, w in zip(line, widths, strict=True)]
        return (indent + "  ".join(cells)).rstrip()

    return "\n".join(map(aligned, lines))


def counted(number: int, thing: str) -> str:
    """A number of things in words: `1 beat`, `4 beats`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"
