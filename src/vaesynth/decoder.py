"""One instrument: z → loop or image, through an ONNX graph that is checked before and after it runs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from . import metadata as format1
from . import onnx_file, providers
from .errors import ModelError
from .geometry import ImageGeometry, LoopGeometry
from .loop import Loop
from .metadata import ModelMetadata
from .onnx_file import FLOAT, OnnxFile, TensorInfo

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Decoder:
    """An open decoder file.

    Attributes:
        path: the file.
        metadata: what it says of itself, checked.
        file: what its graph looks like, without its bytes.
        notice: one sentence where another provider is in use than was asked for, else None.
    """

    path: Path
    metadata: ModelMetadata
    file: OnnxFile
    session: providers.Session

    @classmethod
    def open(cls, path: Path, provider: str | None = None, kind: str | None = None) -> Decoder:
        """Open a decoder file, compare its graph with its metadata, and decode once.

        Args:
            path: the ONNX file.
            provider: see `providers.open_graph`.
            kind: `loop` or `image`, where only such a model is of use.

        Raises:
            ModelError: the file breaks the contract, or is of another kind; names file, field, value and what
                was expected.
            SettingError: there is no provider of that name.
        """
        path = Path(path)
        return cls.of(onnx_file.read(path), path, provider, kind)

    @classmethod
    def of(cls, file: OnnxFile, path: Path, provider: str | None = None, kind: str | None = None) -> Decoder:
        """As `open`, for a file that has been read from `path` already."""
        metadata = read_metadata(file)
        if kind not in (None, metadata.kind):
            raise ModelError(f"{file.where}: kind is {metadata.kind}, expected a model of kind {kind}")
        check_graph(file, metadata)
        session = providers.open_graph(file.data, file.where, provider)
        decoder = cls(path, metadata, file.described(), session)
        origin = metadata.pad.point(0, 0)
        try:
            decoder._run(origin[None], first=True)
        except ModelError as e:
            if session.provider == "cpu":
                raise
            # A provider may accept a graph and fail at its first run.
            notice = f"Provider {session.provider} failed at its first decode; using cpu."
            on_cpu = providers.open_graph(file.data, file.where, "cpu")
            decoder = cls(path, metadata, file.described(), providers.Session(on_cpu.session, "cpu", notice))
            try:
                decoder._run(origin[None], first=True)
            except ModelError:
                raise e from None
        return decoder

    @property
    def provider(self) -> str:
        """Short name of the provider in use: cuda, coreml, directml or cpu."""
        return self.session.provider

    @property
    def notice(self) -> str | None:
        """One sentence where another provider is in use than the one tried first."""
        return self.session.notice

    @property
    def has_stems(self) -> bool:
        """Whether the graph gives stems beside the mix."""
        return self.file.output("stems") is not None

    def decode(self, z: npt.ArrayLike) -> Array:
        """Raw output of the graph for a batch of latents.

        Args:
            z: latents `(batch, latent_dim)`.

        Returns:
            float32 `(batch, channels, frames)` or `(batch, 3, height, width)`, finite but not clipped.

        Raises:
            ModelError: the graph fails, or gives other shapes or values than it declares.
        """
        latents = np.ascontiguousarray(z, np.float32)
        if latents.ndim != 2 or latents.shape[1] != self.metadata.latent_dim:
            raise ModelError(
                f"{self.path.name}: z has shape {latents.shape}, expected (batch, {self.metadata.latent_dim})"
            )
        return self._run(latents)[0]

    def decode_stems(self, z: npt.ArrayLike) -> Array:
        """Stems float32 `(batch, voices, channels, frames)` of latents `(batch, latent_dim)`.

        Raises:
            ModelError: the model has no stems, or as `decode`.
        """
        if not self.has_stems:
            raise ModelError(f"{self.path.name}: output stems is missing, expected a model with stems")
        return self._run(np.ascontiguousarray(z, np.float32))[1]

    def decode_loop(self, z: npt.ArrayLike, stems: bool = True) -> Loop:
        """The loop of one latent `(latent_dim,)`: finite, clipped to [-1, 1], with stems if it has any.

        Args:
            z: the latent.
            stems: False leaves them out, which takes less time.

        Raises:
            ModelError: the model decodes images, the graph fails, or gives values that are not finite.
        """
        geometry = self.metadata.loop
        arrays = self._run(np.asarray(z, np.float32).reshape(1, -1), None if stems else 1)
        channels = arrays[0][0]
        audio = np.empty((channels.shape[1], len(channels)), np.float32)
        for column, channel in zip(audio.T, channels, strict=True):  # four times as fast as all at once
            np.clip(channel, -1, 1, out=column)
        parts = np.ascontiguousarray(arrays[1][0].transpose(0, 2, 1)) if len(arrays) > 1 else None
        for array in (audio, parts):
            if array is not None:
                array.flags.writeable = False  # so that Loop need not copy
        return Loop(audio, geometry.sample_rate, geometry.beats, geometry.beats_per_bar, parts)

    def decode_image(self, z: npt.ArrayLike) -> npt.NDArray[np.uint8]:
        """The image of one latent `(latent_dim,)` as RGB uint8 `(height, width, 3)`.

        Raises:
            ModelError: the model decodes loops, the graph fails, or gives values that are not finite.
        """
        if self.metadata.kind != "image":
            raise ModelError(f"{self.path.name}: kind is loop, expected a model of kind image")
        image = self._run(np.asarray(z, np.float32).reshape(1, -1))[0][0]
        pixels = np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
        return np.ascontiguousarray(pixels.transpose(1, 2, 0))

    def give_back(self) -> None:
        """Give what runs of any decoder took, and none needs now, back to the system; takes a decode's time,
        and some more from the next decode.

        Raises:
            ModelError: the graph fails.
        """
        self._run(self.metadata.pad.point(0, 0)[None], 1, first=True)

    def _run(self, z: Array, count: int | None = None, first: bool = False) -> list[Array]:
        """Outputs for latents `(batch, latent_dim)`: the audio or image, then the stems if there are any.

        `count` is how many of them, None for all; `first` as for `Session.run`.
        """
        wanted = expected_outputs(self.metadata)
        names = [name for name in wanted if self.file.output(name) is not None][:count]
        try:
            arrays = self.session.run(names, {self.file.inputs[0].name: z}, first)
        except Exception as e:
            raise ModelError(
                f"{self.path.name}: decoding failed ({providers.reason(e)}), expected {names[0]} for z"
            ) from e
        for name, array in zip(names, arrays, strict=True):
            shape = (len(z), *wanted[name])
            if array.shape != shape:
                raise ModelError(f"{self.path.name}: {name} comes out as {array.shape}, expected {shape}")
            if not np.isfinite(array).all():
                raise ModelError(f"{self.path.name}: {name} holds NaN or infinity, expected finite values")
        return arrays


def read_metadata(file: OnnxFile) -> ModelMetadata:
    """The checked metadata of a format-1 file.

    Raises:
        ModelError: there is none, or it breaks the contract.
    """
    text = file.metadata.get(format1.KEY)
    if text is None:
        raise ModelError(
            f"{file.where}: metadata {format1.KEY!r} is missing, expected a model file of "
            f"format {format1.FORMAT} (a decoder of another tool needs --sample-rate and --beats)"
        )
    return format1.parse(text, file.where)


def expected_outputs(metadata: ModelMetadata) -> dict[str, tuple[int, ...]]:
    """Output name → shape of one item, by the metadata; stems are optional."""
    if isinstance(metadata.geometry, ImageGeometry):
        return {"image": (3, metadata.geometry.height, metadata.geometry.width)}
    g: LoopGeometry = metadata.geometry
    shapes: dict[str, tuple[int, ...]] = {"audio": (g.channels, g.frames)}
    if metadata.voices:
        shapes["stems"] = (len(metadata.voices), g.channels, g.frames)
    return shapes


def check_graph(file: OnnxFile, metadata: ModelMetadata) -> None:
    """Compare a decoder's graph with its metadata.

    Raises:
        ModelError: an input or output is missing or other than declared.
    """
    if len(file.inputs) != 1 or file.inputs[0].name != "z":
        names = ", ".join(i.name[:40] for i in file.inputs) or "none"
        raise ModelError(f"{file.where}: graph inputs are {names}, expected z alone")
    check_tensor(file, file.inputs[0], (metadata.latent_dim,))
    for name, shape in expected_outputs(metadata).items():
        output = file.output(name)
        if output is None:
            names = ", ".join(o.name[:40] for o in file.outputs) or "none"
            raise ModelError(f"{file.where}: graph outputs are {names}, expected {name} among them")
        check_tensor(file, output, shape)
    if file.output("stems") is not None and metadata.kind == "loop" and not metadata.voices:
        raise ModelError(f"{file.where}: voices is missing, expected a name for each of the graph's stems")


def check_tensor(file: OnnxFile, tensor: TensorInfo, shape: tuple[int, ...]) -> None:
    """Check that a graph input or output is float32 `[batch, *shape]`, batch dynamic.

    Raises:
        ModelError: it is something else.
    """
    declared = tensor.shape
    if (tensor.dtype, declared) != (FLOAT, (None, *shape)):
        expected = TensorInfo(tensor.name, FLOAT, (None, *shape))
        raise ModelError(f"{file.where}: {tensor.name} is {tensor}, expected {expected} by the metadata")
