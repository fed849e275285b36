"""Text for the terminal: made harmless, and set in columns."""

import unicodedata
from collections.abc import Sequence


def printable(text: str) -> str:
    """The text on one line, each control, format or unassigned character shown as its escape.

    Names come from files that anyone can write: an escape sequence must not move the cursor, a line break not forge a
    second line, a direction mark not turn one round.
    """
    return "".join(
        c if unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029" else c.encode("unicode_escape").decode()
        for c in text
    )


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
    lines = [[printable(cell) for cell in row] for row in ([[h.upper() for h in header]] if header else []) + list(rows)]
    if not lines:
        return ""
    widths = [max(width(line[i]) for line in lines) for i in range(len(lines[0]))]
    return "\n".join(
        (indent + "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(line, widths, strict=True))).rstrip()
        for line in lines
    )
