from hypothesis import given
from hypothesis import strategies as st

from vaesynth.terminal import columns, printable, width


def test_harmless_text_stays() -> None:
    assert printable("Straße 808 – 東京 é 🥁") == "Straße 808 – 東京 é 🥁"


def test_escape_sequences_line_breaks_and_direction_marks_are_shown() -> None:
    assert printable("a\x1b[2Jb\nc\u202ed\u2028e\x9bf") == r"a\x1b[2Jb\nc\u202ed\u2028e\x9bf"


@given(st.text())
def test_what_is_printed_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    shown.encode()  # lone surrogates, as in file names that are no UTF-8, are gone


def test_width_counts_terminal_cells() -> None:
    assert [width(text) for text in ("abc", "東京", "e\u0301")] == [3, 4, 1]


def test_columns_are_aligned_and_lines_have_no_trailing_blanks() -> None:
    text = columns([("東", "x", ""), ("abc", "yy", "z")], ("a", "b", "c"), indent=" ")
    assert text.split("\n") == [" A    B   C", " 東   x", " abc  yy  z"]


def test_no_rows_give_no_text() -> None:
    assert columns([]) == ""
