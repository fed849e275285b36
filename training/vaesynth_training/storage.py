"""Where data sets lie: a local folder, or a URL of any storage that fsspec knows.

`s3://bucket/set`, `gs://…`, `https://…`, `memory://…`; `simplecache::s3://bucket/set` keeps a local copy of
each shard that was read. Storage other than local folders, memory and HTTP needs its package (s3fs, gcsfs …).
"""

import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from vaesynth.dataset import DatasetInfo
from vaesynth.dataset.info import INFO_FILE, MAX_INFO_BYTES
from vaesynth.errors import DatasetError
from vaesynth.geometry import ImageGeometry, LoopGeometry

Place = Path | str
"""A local folder, or a URL as text."""


@dataclass(frozen=True)
class Shard:
    """A file of items.

    Attributes:
        path: path or URL.
        items: how many the data set's description announces; None: it is not known.
    """

    path: str
    items: int | None = None


@dataclass(frozen=True)
class Source:
    """One data set, wherever it lies.

    Attributes:
        place: its folder or URL.
        info: its description.
    """

    place: str
    info: DatasetInfo

    @classmethod
    def open(cls, place: Place) -> "Source":
        """Read and check a data set's description.

        Raises:
            DatasetError: there is no data set, it is broken, or the storage cannot be reached.
        """
        if not is_url(place):
            return cls(str(place), DatasetInfo.open(place))
        url = str(place).rstrip("/")
        with told(f"{url}/{INFO_FILE}", "a data set"), open_file(f"{url}/{INFO_FILE}") as file:
            content = file.read(MAX_INFO_BYTES + 1)
        if len(content) > MAX_INFO_BYTES:
            raise DatasetError(f"{url}/{INFO_FILE}: is too long, expected at most {MAX_INFO_BYTES} bytes")
        return cls(url, DatasetInfo.from_json(content.decode("utf-8", "replace"), url))

    @property
    def name(self) -> str:
        """The last part of its place, without the path or the storage's name."""
        return self.place.rsplit("/", 1)[-1] if is_url(self.place) else Path(self.place).resolve().name

    @property
    def kind(self) -> str:
        """`loop` or `image`."""
        return self.info.kind

    @property
    def geometry(self) -> LoopGeometry | ImageGeometry:
        """Of every item."""
        return self.info.geometry

    @property
    def items(self) -> Mapping[str, int]:
        """Split → number of items."""
        return self.info.items

    def shards(self, split: str) -> list[Shard]:
        """A split's shards, in order."""
        shards = (shard for shard in self.info.shards if shard.split == split)
        return [Shard(f"{self.place}/{shard.file}", shard.items) for shard in shards]


def is_url(place: Place) -> bool:
    """Whether a place is a URL; `Path` would fold its slashes, so URLs stay text."""
    return isinstance(place, str) and "://" in place


def open_file(path: str) -> IO[bytes]:
    """A file or an object as a stream of bytes. What is raised depends on the storage: see `told`."""
    if not is_url(path):
        return open(path, "rb")
    import fsspec

    return cast(IO[bytes], fsspec.open(path, "rb").open())


@contextmanager
def told(what: str, expected: str) -> Iterator[None]:
    """Whatever goes wrong in reading `what`, as a `DatasetError` of one sentence.

    Each storage raises errors of its own library (botocore's, aiohttp's …), with no common parent.
    """
    try:
        yield
    except DatasetError:
        raise
    except Exception as e:
        if not is_url(what) and not isinstance(e, (OSError, EOFError, ValueError, tarfile.TarError)):
            raise
        raise DatasetError(f"{what} cannot be read ({_reason(e)}), expected {expected}") from e


def _reason(error: Any) -> str:
    text = getattr(error, "strerror", None) or " ".join(str(error).split())
    return str(text)[:200] or type(error).__name__
