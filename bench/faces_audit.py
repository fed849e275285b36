"""Does a face decoder repeat its training faces? The nearest training face of many generated ones.

    python bench/faces_audit.py DECODER.onnx --data DATASET [--encoder ENCODER.onnx] [--items 1000]
                                [--out PICTURE.png] [--json FILE]

Faces are compared at 32 × 32 pixels, as they are and mirrored, each with its mean and contrast taken away, by
root mean square difference: that shows copies of whole photos. A generated face counts as a near-copy where
it is nearer to a training face than any unseen face of the validation split is to its own nearest one. The
control decodes the posterior means of training faces: these are copies by intent, and should be found. The
picture shows the closest pairs, each generated face above its nearest training face.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from vaesynth.dataset import DatasetInfo, read_items
from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.errors import VaesynthError

Pixels = npt.NDArray[np.uint8]
SIDE = 32
SHOWN = 16


def look(picture: Pixels) -> npt.NDArray[np.float32]:
    """What is compared, `(3 · 32 · 32,)`: zero mean and unit deviation."""
    small = Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(small, np.float32).ravel()
    return (values - values.mean()) / (values.std() + 1.0)


def looks(pictures: Iterable[Pixels]) -> npt.NDArray[np.float32]:
    """`look` of several, `(pictures, values)`."""
    return np.stack([look(p) for p in pictures])


def nearest(
    a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Root mean square difference of each row of `a` to its nearest row of `b`, and which one that is."""
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    index = squares.argmin(1)
    return np.sqrt(np.maximum(squares[np.arange(len(a)), index], 0) / a.shape[1]).astype(np.float64), index


def main() -> int:
    """Audit one decoder; the exit status is 1 where it made a near-copy."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("decoder", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the data set that it was trained on")
    parser.add_argument("--encoder", type=Path, help="its encoder, for the control")
    parser.add_argument("--items", type=int, default=1000, help="generated faces (default: 1000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="picture of the closest pairs")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    decoder = Decoder.open(options.decoder)
    DatasetInfo.open(options.data)
    train = [array for array, _ in read_items(options.data, "train")]
    unseen = [array for array, _ in read_items(options.data, "validation")]
    rng = np.random.default_rng(options.seed)
    draws = rng.standard_normal((options.items, decoder.metadata.latent_dim)).astype(np.float32)
    generated = [decoder.decode_image(z) for z in draws]
    both = looks([*train, *(np.ascontiguousarray(t[:, ::-1]) for t in train)])
    distance, index = nearest(looks(generated), both)
    reference = nearest(looks(unseen), both)[0]
    limit = float(reference.min())
    report = {
        "generated": len(generated),
        "training faces": len(train),
        "distance of generated ones, least / median": [
            round(float(f(distance)), 3) for f in (np.min, np.median)
        ],
        "distance of unseen faces, least / median": [
            round(float(f(reference)), 3) for f in (np.min, np.median)
        ],
        "near-copies": int((distance < limit).sum()),
    }
    if options.encoder is not None:
        encoder = Encoder.open(options.encoder, decoder.metadata)
        copies = [decoder.decode_image(encoder.encode_image(t)[0]) for t in train[:100]]
        found = nearest(looks(copies), both)[0] < limit
        report["control: decoded training faces found"] = f"{int(found.sum())} of {len(copies)}"
    for name, value in report.items():
        print(f"{name:48s} {value}")
    if options.out is not None:
        closest = np.argsort(distance)[:SHOWN]
        pairs = []
        for i in closest:
            own = train[index[i] % len(train)]
            pairs.append(np.concatenate([generated[i], own if index[i] < len(train) else own[:, ::-1]], 0))
        rows = [np.concatenate(pairs[k : k + 8], 1) for k in range(0, len(pairs), 8)]
        Image.fromarray(np.concatenate(rows, 0)).save(options.out)
    if options.json is not None:
        options.json.write_text(json.dumps(report, indent=1) + "\n")
    return int(report["near-copies"] != 0)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except VaesynthError as e:
        print(f"faces_audit: {e}", file=sys.stderr)
        sys.exit(2)
