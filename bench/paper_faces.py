"""The paper's image net beside ours, both trained on the same few photos: figures, and a picture of samples.

    python bench/paper_faces.py PAPER_RUN CROPS_70 OUR_RUN CROPS_128 [--out PICTURE.webp]

Images and targets are made 70 × 70 and grey for both. Sharpness is the variance of the Laplacian, as a share
of the photos'. The picture shows samples of N(0, I), never a photo: the paper's net, ours as the figures see
it, and ours as it is.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from vaesynth.geometry import ImageGeometry
from vaesynth_training.data import Data
from vaesynth_training.metrics import item_metrics, sharpness
from vaesynth_training.model import Model
from vaesynth_training.run import Run

SIDE, SHOWN, SHOWN_SIDE = 70, 10, 128


def grey(x: Tensor) -> Tensor:
    """Images `(batch, 3, height, width)` as the paper has them: `(batch, 3, 70, 70)`, without colour."""
    return F.interpolate(x, size=(SIDE, SIDE), mode="area").mean(1, keepdim=True).expand(-1, 3, -1, -1)


def copies(model: Model, data: Data, split: str) -> tuple[Tensor, Tensor]:
    """The photos of a split and what posterior means decode to, both `grey`."""
    photos, decoded = [], []
    for batch in data.once(split, 8):
        photos.append(batch.x)
        decoded.append(model.decode(model.encode(batch.x).mean))
    return grey(torch.cat(photos)), grey(torch.cat(decoded))


def row(x: Tensor) -> np.ndarray:
    """Images side by side, `(128, 128 · batch, 3)` uint8."""
    values = (x.clamp(0, 1).permute(0, 2, 3, 1) * 255).round().byte().numpy()
    size = (SHOWN_SIDE, SHOWN_SIDE)
    return np.concatenate(
        [np.asarray(Image.fromarray(v).resize(size, Image.Resampling.NEAREST)) for v in values], 1
    )


@torch.no_grad()
def main() -> None:
    """Measure and print; draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("paper_run", "paper_data", "our_run", "our_data"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    torch.manual_seed(0)
    rows = []
    pairs = ((options.paper_run, options.paper_data), (options.our_run, options.our_data))
    for folder, place in pairs:
        model, data = Run.open(folder).model().eval(), Data.open((place,), "image")
        for split in ("validation", "train"):
            x, y = copies(model, data, split)
            found = {k: float(v.mean()) for k, v in item_metrics(y, x, ImageGeometry(SIDE, SIDE)).items()}
            sharp = float(sharpness(y).mean() / sharpness(x).mean())
            print(
                f"{folder.name:16} {split:10} {len(x):4} photos: PSNR {found['psnr']:.1f} dB, "
                f"SSIM {found['ssim']:.2f}, sharpness {sharp:.2f}",
                flush=True,
            )
        samples = model.decode(torch.randn(SHOWN, model.latent_dim))
        rows += [row(grey(samples))] + ([row(samples)] if folder == options.our_run else [])
    if options.out is not None:
        Image.fromarray(np.concatenate(rows, 0)).save(options.out, quality=85)


if __name__ == "__main__":
    main()
