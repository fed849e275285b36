"""A folder of pictures → a data set of images."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from ..dataset import DatasetWriter, make_key
from ..dataset.writer import check_target
from ..errors import DatasetError, ImageFileError
from ..geometry import NATIVE_IMAGE, ImageGeometry
from .image import SUFFIXES, Frame, centre_crop, prepare_image
from .report import LEFT_OUT, REFUSED, TAKEN, Outcome, Report
from .sources import Choice, select
from .split import assign_splits

TABLE = "faces.csv"
FACTS = ("split", "source", "licence", "sha256")
SHARD_ITEMS = 1024

Progress = Callable[[int, int, str], None]
"""Called before each file with its number from 0, the number of files, and its name."""


def prepare_faces(folder: Path, out: Path, geometry: ImageGeometry = NATIVE_IMAGE, *, grey: bool = False,
                  frame: Frame = centre_crop, choice: Choice | None = None, validation: Sequence[str] = (),
                  overwrite: bool = False, progress: Progress | None = None) -> Report:
    """Prepare every picture of a folder.

    Args:
        folder: searched with its subfolders for JPEG, PNG and WebP files.
        out: the data set to write.
        geometry: of every image.
        grey: luma in all three channels.
        frame: how a picture is brought to the geometry.
        choice: which files to use.
        validation: see `assign_splits`.
        overwrite: replace the data set `out`.
        progress: told of each file.

    Raises:
        DatasetError: no picture can be used.
        OutputError: `out` cannot be written.
        SettingError: an option does not fit.
    """
    check_target(out, overwrite)
    selection = select(folder, SUFFIXES, TABLE, choice or Choice())
    splits = assign_splits(selection.sources, validation)
    outcomes: list[Outcome] = []
    seen: dict[str, str] = {}
    about = {"made_by": "vaesynth prepare --faces", "grey": grey,
             "frame": getattr(frame, "__name__", str(frame))}
    with DatasetWriter(out, "image", geometry, SHARD_ITEMS, overwrite, about) as writer:
        for number, entry in enumerate(selection.sources):
            if progress is not None:
                progress(number, len(selection.sources), entry.file)
            try:
                image = prepare_image(entry.path, geometry, grey, frame)
            except ImageFileError as e:
                outcomes.append(Outcome(entry.file, REFUSED, reason=str(e).removeprefix(f"{entry.path}: ")))
                continue
            digest = hashlib.sha256(entry.path.read_bytes()).hexdigest()
            if digest in seen:
                reason = f"has the same content as {seen[digest]}"
                outcomes.append(Outcome(entry.file, REFUSED, reason=reason))
                continue
            seen[digest] = entry.file
            record = {"name": entry.path.stem, "file": entry.file, "sha256": digest, "source": entry.source,
                      "licence": entry.licence, "split": splits[entry.file], "table": dict(entry.table)}
            writer.add(make_key(number, entry.path.stem), image, record)
            outcomes.append(Outcome(entry.file, TAKEN, 1, facts=record))
        outcomes += [Outcome(file, LEFT_OUT, reason=reason) for file, reason in selection.left_out]
        report = Report(outcomes)
        if not seen:
            raise DatasetError(f"{folder}: none of its {len(selection.sources)} pictures can be used; "
                               f"the first, {outcomes[0].file}, {outcomes[0].reason}")
        writer.write_table(report.rows(FACTS))
        info = writer.close()
    return Report(outcomes, info)
