"""A decoder without a file: tones whose level follows the pad, with a macro and two groups."""

from typing import Any

import numpy as np
from loops import BEATS, FRAMES, RATE, tone

from vaesynth import metadata
from vaesynth.latent_map import Latent
from vaesynth.loop import Loop
from vaesynth.metadata import ModelMetadata


def values(**changes: Any) -> dict[str, Any]:
    """The metadata of the decoder, as in a model file."""
    return {"format": 1, "kind": "loop", "name": "tones", "sample_rate": RATE, "channels": 2,
            "frames": FRAMES, "bpm": 120, "beats": BEATS, "beats_per_bar": 4, "latent_dim": 2,
            "latent_mean": [0, 0], "latent_std": [1, 1], "latent_groups": {"left": [0, 1], "right": [1, 2]},
            "pad": {"origin": [0, 0], "x_axis": [1, 0], "y_axis": [0, 1]},
            "macros": [{"name": "louder", "direction": [1, 1], "min": -0.5, "max": 0.5, "default": 0.0}],
            "examples": [], "pair": "", "scores": {}, "trained": {}, "licence": "", "data_licence": "",
            "authors": [], **changes}


class ToneDecoder:
    """The left side's level is 0.3 + 0.1 · z₀, the right one's 0.3 + 0.1 · z₁."""

    provider = "none"
    notice: str | None = None

    def __init__(self) -> None:
        self.metadata: ModelMetadata = metadata.check(values(), "tones")
        self.decoded: list[Latent] = []

    def decode_loop(self, z: Latent, stems: bool = True) -> Loop:
        """The loop of a latent `(2,)`."""
        self.decoded.append(z)
        return Loop(tone(440, 1.0) * (0.3 + 0.1 * np.asarray(z, np.float32)), RATE, BEATS)
