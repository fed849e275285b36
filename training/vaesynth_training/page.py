"""A listening page: one HTML file with players or pictures, and the figures of an evaluation."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color:
#222; } table { border-collapse: collapse; } td, th { padding: .2rem .6rem .2rem 0; text-align: left;
vertical-align: middle; } audio { width: 14rem; height: 2rem; } img { max-width: 100%; } pre { background:
#f4f4f4; padding: 1rem; overflow: auto; }
"""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells of `rows` are HTML, those of `head` plain text."""
    top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><tr>{top}</tr>\n{body}</table>"


def player(file: str) -> str:
    """A looping audio player."""
    return f'<audio controls loop preload="none" src="{html.escape(file, quote=True)}"></audio>'


def picture(file: str, text: str) -> str:
    """An image with its description."""
    return f'<img src="{html.escape(file, quote=True)}" alt="{html.escape(text, quote=True)}">'


def page(title: str, sections: Sequence[tuple[str, str]], figures: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        title: its heading.
        sections: (heading, HTML).
        figures: shown as JSON at the end.
    """
    parts = "".join(f"<h2>{html.escape(heading)}</h2>\n{body}\n" for heading, body in sections)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{html.escape(title)}</h1>\n{parts}<h2>Figures</h2>\n"
        f"<pre>{html.escape(json.dumps(figures, indent=1, ensure_ascii=False))}</pre>\n</body></html>\n"
    )
