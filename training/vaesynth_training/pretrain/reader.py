"""The latents of kits whose one-shots are known: what the drum model learns to hear in whole bars."""

from pathlib import Path

import safetensors.torch
import torch

from vaesynth.errors import SettingError, in_words

from ..models.drums.voices import VOICES
from .kits import OneShotEncoder, Shots, stack

READER = "one_shots.safetensors"
"""File of a pretrained run with the weights of its encoder of one-shots."""

KitLatents = list[list[float] | None]
"""For each voice its latents; None where the kit lacks it."""


class KitReader:
    """Kits of one-shots → their latents, as a pretrained run's encoder of one-shots tells them.

    Args:
        run: folder that `pretrain` wrote.

    Raises:
        SettingError: it has no such encoder, or one of other voices.
    """

    def __init__(self, run: Path) -> None:
        path = run / READER
        self.encoder = OneShotEncoder()
        try:
            self.encoder.load_state_dict(safetensors.torch.load_file(path))
        except (OSError, safetensors.SafetensorError) as e:
            raise SettingError(f"{path} cannot be read ({in_words(e)}), expected what pretrain writes") from e
        except RuntimeError as e:
            raise SettingError(f"{path} is of another drum model, expected one of these voices") from e
        self.encoder.eval()

    def __call__(self, shots: Shots) -> KitLatents:
        """The posterior's mean of each voice of a kit."""
        latents: KitLatents = []
        with torch.no_grad():
            for voice in range(len(VOICES)):
                x, present = stack([shots], voice)
                mean = self.encoder(voice, x).mean[0]
                latents.append([round(float(v), 3) for v in mean] if present[0] else None)
        return latents
