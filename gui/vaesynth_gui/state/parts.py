# SPDX-License-Identifier: GPL-3.0-or-later
"""A session taken apart, so that undo sets back one macro or one sound setting and leaves the others."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from vaesynth.session import Session
from vaesynth.shaping import Shaping

from .history import ABSENT, Parts

KEPT_BY_UNDO = ("model", "playing", "metronome", "path_playing", "chaining", "closed")
"""Undo leaves these alone: it goes back in what was set, not in whether it sounds."""


def parts_of(session: Session) -> Parts:
    """All that undo can set: the fields as (name,), what macros, snapshots, corners and shaping hold as
    (name, key)."""
    parts: dict[tuple[Any, ...], Any] = {}
    for name, value in vars(session).items():
        if name in KEPT_BY_UNDO:
            continue
        inner = vars(value) if isinstance(value, Shaping) else value
        if isinstance(inner, Mapping):
            parts.update({(name, key): v for key, v in inner.items()})
        else:
            parts[name,] = value
    return parts


def with_parts(session: Session, parts: Parts) -> Session:
    """The session with these parts instead of its own; `ABSENT` ones are taken out."""
    changes: dict[str, Any] = {}
    for (name, *key), value in parts.items():
        if not key:
            changes[name] = value
            continue
        whole = changes.get(name, getattr(session, name))
        if isinstance(whole, Shaping):
            changes[name] = replace(whole, **{key[0]: value})
        else:
            changes[name] = {k: v for k, v in {**whole, key[0]: value}.items() if v is not ABSENT}
    return replace(session, **changes)
