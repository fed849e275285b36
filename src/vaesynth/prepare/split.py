"""Which files are kept for validation: whole families, so that no file has its kin in the other split."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from ..errors import DatasetError, SettingError
from .sources import Source, matches


def assign_splits(sources: Sequence[Source], validation: Sequence[str] = ()) -> dict[str, str]:
    """The split of each file.

    Args:
        sources: the files.
        validation: nothing: the column `split` of the table decides, and `train` where there is none;
            one number above 0 and below 1: about that share of the files, by families in an order that
            depends only on their names; else names or patterns of sources or files.

    Returns:
        File → `train` or `validation`.

    Raises:
        SettingError: a pattern matches nothing, or nothing would be left for training.
        DatasetError: the table names another split.
    """
    if not validation:
        splits = {entry.file: entry.table.get("split") or "train" for entry in sources}
        for file, split in splits.items():
            if split not in ("train", "validation"):
                raise DatasetError(f"{file}: split is {split!r} in the table, expected train or validation")
        return splits
    share = _share(validation)
    if share is None:
        chosen: set[str] = set()
        for pattern in validation:
            matched = {entry.file for entry in sources if matches(entry, pattern)}
            if not matched:
                raise SettingError(f"--validation {pattern}: matches no file, expected a file or source name")
            chosen |= matched
    else:
        chosen = _by_share(sources, share)
    if len(chosen) == len(sources):
        raise SettingError(f"--validation {' '.join(validation)}: takes all {len(sources)} files, "
                           "expected some to be left for training")
    return {entry.file: "validation" if entry.file in chosen else "train" for entry in sources}


def family(entry: Source) -> str:
    """Name of the kin of a file: its `subject` where the table has one, else its name without numbering.

    `ska ut.wav` and `ska ut2.wav` are one family, and so are `beat 01 90 BPM.wav` and `beat 02 95 BPM.wav`.
    """
    if entry.table.get("subject"):
        return f"{entry.source}\n{entry.table['subject']}"
    path = PurePosixPath(entry.file)
    stem = re.sub(r"\d+\s*bpm|bpm\s*\d+", "", path.stem.casefold())
    return f"{path.parent}/{re.sub(r'[^a-z]+', ' ', stem).strip() or path.stem}"


def _share(validation: Sequence[str]) -> float | None:
    try:
        share = float(validation[0]) if len(validation) == 1 else None
    except ValueError:
        return None
    if share is not None and not 0 < share < 1:
        raise SettingError(f"--validation {validation[0]}: is no share, expected one above 0 and below 1")
    return share


def _by_share(sources: Sequence[Source], share: float) -> set[str]:
    families: dict[str, list[str]] = defaultdict(list)
    for entry in sources:
        families[family(entry)].append(entry.file)
    for name, files in list(families.items()):
        # More than half of a folder under one name is a naming scheme (img_0001 …), no family.
        if len(files) > len(sources) / 2 and "\n" not in name:
            families |= {file: [file] for file in families.pop(name)}
    if len(families) < 2:
        raise SettingError(f"--validation {share:g}: there is one family of files, expected at least two")
    # Hashed, so that the order has nothing to do with the names, and yet is the same on every machine.
    order = sorted(families, key=lambda name: hashlib.sha256(name.encode()).digest())
    wanted = max(1, round(share * len(sources)))
    chosen: set[str] = set()
    for name in order[:-1]:
        if chosen and len(chosen) + len(families[name]) / 2 > wanted:
            continue
        chosen.update(families[name])
        if len(chosen) >= wanted:
            break
    return chosen
