"""What records say of hits and kits, checked before anything is made of it: they may come from elsewhere."""

from collections.abc import Mapping
from typing import Any

from vaesynth.errors import DatasetError

from .models.drums.voices import VOICES

LARGEST = 1e6
"""Numbers are smaller; NaN is none."""


def check_record(record: Mapping[str, Any], where: str) -> None:
    """Refuse a record whose `hits` or `kit_latents` cannot be; both may be missing, null or empty.

    Args:
        record: of an item.
        where: shard and key, for the message.

    Raises:
        DatasetError: names the field, its value and what was expected.
    """
    hits, kit = record.get("hits") or [], record.get("kit_latents") or []
    if not isinstance(hits, list):
        raise DatasetError(f"{where}: hits is {_shown(hits)}, expected a list")
    for i, hit in enumerate(hits):
        if not _is_hit(hit):
            raise DatasetError(
                f"{where}: hits[{i}] is {_shown(hit)}, expected a place in the bar from 0 to 1, a voice from "
                f"0 to {len(VOICES) - 1} and a velocity from 0 to 1"
            )
    if not isinstance(kit, list) or len(kit) not in (0, len(VOICES)):
        raise DatasetError(f"{where}: kit_latents is {_shown(kit)}, expected a list of {len(VOICES)} voices")
    for i, (latents, voice) in enumerate(zip(kit, VOICES, strict=False)):
        if latents in (None, []):
            continue
        size = voice.latent_dim
        if not isinstance(latents, list) or len(latents) != size or not all(map(_is_number, latents)):
            raise DatasetError(
                f"{where}: kit_latents[{i}] is {_shown(latents)}, expected null or {size} numbers "
                f"for {voice.name}"
            )


def _is_hit(hit: Any) -> bool:
    if not isinstance(hit, list) or len(hit) < 3 or not all(map(_is_number, hit[:3])):
        return False
    place, voice, velocity = hit[:3]
    return 0 <= place <= 1 and voice in range(len(VOICES)) and 0 <= velocity <= 1


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _shown(value: Any) -> str:
    return repr(value)[:80]
