"""Make docs/listening anew: a page on which the bundled drum instrument can be heard.

    python docs/make_listening_page.py [--model FILE] [--data DATASET]

Without DATASET the page has no reconstructions. With it, they are of its validation items, which the model
must not have learnt from, and only of such whose licence lets them be shown (CC0 and CC BY), one a source;
each is credited. Decoding takes ONNX Runtime alone. Nothing is written where the page would be too large.
"""

import argparse
import html
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from vaesynth import models
from vaesynth.dataset import read_items
from vaesynth.decoder import Decoder
from vaesynth.encoder import Encoder
from vaesynth.errors import SettingError, VaesynthError
from vaesynth.loop import Loop
from vaesynth_training.page import page, player, table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "listening"
MOST_BYTES = 1_000_000
COMPRESSION = 0.8
FREE = ("CC0", "CC-BY-3", "CC-BY-4")
SEED, RECONSTRUCTED, GENERATED, STEPS = 1, 4, 6, 5

Latent = npt.NDArray[np.float32]


class Sounds:
    """Loops decoded and kept as OGG files, until they are written."""

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder
        self.files: dict[str, bytes] = {}

    def keep(self, name: str, *loops: Loop) -> str:
        """The player of some loops, one after another."""
        content = io.BytesIO()
        audio = np.concatenate([loop.audio for loop in loops])
        soundfile.write(content, audio, loops[0].sample_rate, format="OGG", subtype="VORBIS",
                        compression_level=COMPRESSION)
        self.files[f"{name}.ogg"] = content.getvalue()
        return player(f"{name}.ogg")

    def decode(self, name: str, *latents: Latent) -> str:
        """The player of some latents' loops, one after another."""
        return self.keep(name, *(self.decoder.decode_loop(z, stems=False) for z in latents))


def unseen(folder: Path, decoder: Decoder) -> Iterator[tuple[Loop, dict[str, Any]]]:
    """Validation items that may be shown, one a source."""
    sources, geometry = set(), decoder.metadata.loop
    for audio, record in read_items(folder, "validation"):
        source, licence = str(record.get("source")), str(record.get("licence"))
        if source not in sources and licence.startswith(FREE) and " AND " not in licence:
            sources.add(source)
            loop = Loop(np.asarray(audio, np.float32), geometry.sample_rate, geometry.beats)
            yield loop, record


def reconstructed(sounds: Sounds, encoder: Encoder, data: Path) -> str:
    """Bars that the model never met, and what is left of them."""
    rows = []
    for i, (loop, record) in zip(range(RECONSTRUCTED), unseen(data, sounds.decoder), strict=False):
        mean, _ = encoder.encode_loop(loop)
        credit = f"{record['name']}: {record['source']}, {record['licence']}"
        rows.append([html.escape(credit), sounds.keep(f"real-{i}", loop),
                     sounds.decode(f"reconstructed-{i}", mean)])
    return table(["loop", "real", "encoded and decoded"], rows)


def generated(sounds: Sounds, draws: Latent) -> str:
    """Draws of the prior."""
    rows = [[str(i + 1), sounds.decode(f"generated-{i}", z)] for i, z in enumerate(draws)]
    return table(["draw of N(0, I)", ""], rows)


def pad(sounds: Sounds) -> str:
    """Nine points of the pad, as they lie there."""
    metadata = sounds.decoder.metadata
    x_label, y_label = (str(metadata.values["pad"].get(f"{axis}_label", axis)) for axis in "xy")
    points = [[metadata.pad.point(x, y) for x in (-0.8, 0.0, 0.8)] for y in (0.8, 0.0, -0.8)]
    rows = [[html.escape(f"{y_label} {sign}")]
            + [sounds.decode(f"pad-{r}-{c}", z) for c, z in enumerate(row)]
            for r, (sign, row) in enumerate(zip("+·−", points, strict=True))]
    return table(["", *(f"{x_label} {sign}" for sign in "−·+")], rows)


def swapped(sounds: Sounds, draws: Latent) -> str:
    """Each groove on each kit."""
    start, stop = sounds.decoder.metadata.latent_groups["kit"]
    rows = []
    for g, groove in enumerate(draws):
        cells = []
        for k, kit in enumerate(draws):
            z = groove.copy()
            z[start:stop] = kit[start:stop]
            cells.append(sounds.decode(f"groove-{g}-kit-{k}", z))
        rows.append([f"groove {g + 1}", *cells])
    return table(["", *(f"kit {k + 1}" for k in range(len(draws)))], rows)


def interpolated(sounds: Sounds, a: Latent, b: Latent) -> str:
    """The way from one draw to another, straight and on the arc."""
    angle = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
    steps = np.linspace(0, 1, STEPS)
    straight = [((1 - t) * a + t * b).astype(np.float32) for t in steps]
    arc = [((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)).astype(np.float32)
           for t in steps]
    return table([f"{STEPS} bars", ""], [["straight (lerp)", sounds.decode("lerp", *straight)],
                                         ["on the arc (slerp)", sounds.decode("slerp", *arc)]])


def write(files: dict[str, bytes]) -> None:
    """Replace the folder of the page.

    Raises:
        SettingError: it would be too large.
    """
    size = sum(map(len, files.values()))
    if size > MOST_BYTES:
        raise SettingError(f"the page has {size:,} bytes, expected at most {MOST_BYTES:,}")
    with tempfile.TemporaryDirectory(dir=PAGE.parent) as part:
        for name, content in files.items():
            Path(part, name).write_bytes(content)
        shutil.rmtree(PAGE, ignore_errors=True)
        shutil.copytree(part, PAGE)
    print(f"{PAGE}: {len(files) - 1} sounds, {size:,} bytes")


def main() -> int:
    """Make the page; returns 0, or 2 after a mistake."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--model", type=Path, default=models.bundled("loop"), help="decoder (default: drums)")
    parser.add_argument("--data", type=Path, metavar="DATASET", help="data set with unseen loops")
    options = parser.parse_args()
    try:
        sounds = Sounds(Decoder.open(options.model, kind="loop"))
        metadata = sounds.decoder.metadata
        random = np.random.default_rng(SEED)
        draws = random.standard_normal((GENERATED, metadata.latent_dim)).astype(np.float32)
        sections = []
        if options.data is not None:
            path = models.encoder_of(options.model)
            if path is None:
                raise SettingError(f"{options.model} has no encoder beside it, expected one for --data")
            sections.append(("Loops that it never met", reconstructed(sounds, Encoder.open(path, metadata),
                                                                      options.data)))
        sections += [("Generated", generated(sounds, draws)), ("Nine points of the pad", pad(sounds))]
        if "kit" in metadata.latent_groups:
            sections.append(("The same groove on another kit", swapped(sounds, draws[:3])))
        sections.append(("From one loop to another", interpolated(sounds, draws[0], draws[1])))
        trained = metadata.values.get("trained") or {}
        figures = {name: metadata.values.get(name) for name in ("name", "licence", "scores")}
        figures["trained"] = {name: trained.get(name) for name in ("steps", "minutes", "code_version")}
        text = page(f"{metadata.name}: a page to listen to", sections, figures)
        write({"index.html": text.encode(), **sounds.files})
    except VaesynthError as e:
        print(f"make_listening_page: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
