"""The other half of an instrument: loop or image → posterior mean and log variance."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from . import onnx_file, providers
from .decoder import check_tensor, expected_outputs, read_metadata
from .errors import ModelError
from .latent_map import Latent
from .loop import Loop
from .metadata import ModelMetadata
from .onnx_file import OnnxFile


@dataclass(frozen=True, eq=False)
class Encoder:
    """An open encoder file: its metadata and its session."""

    path: Path
    metadata: ModelMetadata
    file: OnnxFile
    session: providers.Session

    @classmethod
    def open(cls, path: Path, decoder: ModelMetadata | None = None, provider: str | None = None) -> Encoder:
        """Open an encoder file.

        Args:
            path: the ONNX file.
            decoder: metadata of the decoder that it shall belong to; None: any.
            provider: see `providers.open_graph`.

        Raises:
            ModelError: the file breaks the contract or belongs to another decoder.
            SettingError: there is no provider of that name.
        """
        path = Path(path)
        file = onnx_file.read(path)
        metadata = read_metadata(file)
        check_pair(file.where, metadata, decoder)
        _check_graph(file, metadata)
        session = providers.open_graph(file.data, file.where, provider)
        return cls(path, metadata, file.described(), session)

    def encode_loop(self, loop: Loop) -> tuple[Latent, Latent]:
        """Posterior mean and log variance, each `(latent_dim,)`, of a loop at the model's native geometry.

        Mono is spread to stereo and stereo mixed to mono, as the model wants it.

        Raises:
            ModelError: the model encodes images, or the loop has another rate or length.
        """
        g = self.metadata.loop
        if (loop.sample_rate, loop.frames) != (g.sample_rate, g.frames):
            raise ModelError(
                f"{self.path.name}: the loop has {loop.frames} frames at {loop.sample_rate} Hz, "
                f"expected {g.frames} at {g.sample_rate} Hz"
            )
        audio = loop.audio.T
        if len(audio) != g.channels:
            audio = audio.mean(0, keepdims=True) if g.channels == 1 else np.repeat(audio[:1], g.channels, 0)
        return self._run(audio)

    def encode_image(self, image: npt.NDArray[np.uint8]) -> tuple[Latent, Latent]:
        """Posterior mean and log variance, each `(latent_dim,)`, of an RGB uint8 image `(height, width, 3)`.

        Raises:
            ModelError: the model encodes loops, or the image has another size.
        """
        if self.metadata.kind != "image":
            raise ModelError(f"{self.path.name}: kind is loop, expected a model of kind image")
        size = (self.metadata.values["height"], self.metadata.values["width"], 3)
        if image.shape != size or image.dtype != np.uint8:
            raise ModelError(
                f"{self.path.name}: the image is {image.dtype} {image.shape}, expected uint8 {size}"
            )
        return self._run(image.transpose(2, 0, 1).astype(np.float32) / np.float32(255))

    def _run(self, x: npt.NDArray[np.float32]) -> tuple[Latent, Latent]:
        inputs = {self.file.inputs[0].name: np.ascontiguousarray(x[None], np.float32)}
        try:
            arrays = self.session.run(["mean", "log_variance"], inputs)
        except Exception as e:
            raise ModelError(
                f"{self.path.name}: encoding failed ({providers.reason(e)}), expected mean and log_variance"
            ) from e
        for name, array in zip(("mean", "log_variance"), arrays, strict=True):
            shape = (1, self.metadata.latent_dim)
            if array.shape != shape:
                raise ModelError(f"{self.path.name}: {name} comes out as {array.shape}, expected {shape}")
            if not np.isfinite(array).all():
                raise ModelError(f"{self.path.name}: {name} holds NaN or infinity, expected finite values")
        return arrays[0][0], arrays[1][0]


def check_pair(where: str, encoder: ModelMetadata, decoder: ModelMetadata | None) -> None:
    """Check that an encoder belongs to a decoder.

    Raises:
        ModelError: `pair`, `kind`, geometry or `latent_dim` differ.
    """
    if decoder is None:
        return
    for name in ("pair", "kind", "latent_dim"):
        mine, theirs = encoder.values.get(name), decoder.values.get(name)
        if mine != theirs:
            raise ModelError(
                f"{where}: {name} is {mine!r}, expected {theirs!r} as in the decoder {decoder.name!r}"
            )
    if encoder.geometry != decoder.geometry:
        raise ModelError(
            f"{where}: geometry is {encoder.geometry}, "
            f"expected {decoder.geometry} as in the decoder {decoder.name!r}"
        )


def _check_graph(file: OnnxFile, metadata: ModelMetadata) -> None:
    """Compare an encoder's graph with its metadata."""
    name, shape = next(iter(expected_outputs(metadata).items()))
    if [i.name for i in file.inputs] != [name]:
        names = ", ".join(i.name[:40] for i in file.inputs) or "none"
        raise ModelError(f"{file.where}: graph inputs are {names}, expected {name} alone, as an encoder has")
    check_tensor(file, file.inputs[0], shape)
    for output in ("mean", "log_variance"):
        tensor = file.output(output)
        if tensor is None:
            raise ModelError(f"{file.where}: output {output} is missing, expected mean and log_variance")
        check_tensor(file, tensor, (metadata.latent_dim,))
