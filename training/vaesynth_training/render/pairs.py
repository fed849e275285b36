"""What is rendered: quads of two grooves on two kits, each drawn from a seed and its own number alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.random import Generator

from vaesynth.errors import DatasetError
from vaesynth.geometry import NATIVE_LOOP
from vaesynth.loop import Audio

from .bar import render_bar
from .draw import Mixture, draw_instance
from .grooves import Groove
from .instance import KitInstance
from .kits import Kit
from .patterns import draw_pattern
from .variations import quantised, revoiced

SPLITS = ("train", "validation")
STYLES = ("human", "quantised", "programmed")
QUAD = 4
"""Items of a quad: groove 1 on kit 1, groove 1 on kit 2, groove 2 on kit 1, groove 2 on kit 2."""
OWN_LICENCE = "CC0-1.0"
"""Of programmed patterns."""


@dataclass(frozen=True)
class Recipe:
    """What a rendered set is a mixture of.

    Attributes:
        seed: of everything.
        styles: style → share of grooves.
        fills: share of fills among what humans played.
        electronic: style → chance of a kit of drum machine sounds.
        revoice: style → probability of each change of voices.
        kits: shares of real, hybrid and clean kits.
        synthesised: number of synthesised drum machine kits, for training only.
    """

    seed: int = 0
    styles: Mapping[str, float] = field(
        default_factory=lambda: {"human": 0.5, "quantised": 0.15, "programmed": 0.35}
    )
    fills: float = 0.08
    electronic: Mapping[str, float] = field(
        default_factory=lambda: {"human": 0.25, "quantised": 0.5, "programmed": 0.75}
    )
    revoice: Mapping[str, float] = field(
        default_factory=lambda: {"human": 0.07, "quantised": 0.15, "programmed": 0.05}
    )
    kits: Mixture = field(default_factory=Mixture)
    synthesised: int = 24

    def as_json(self) -> dict[str, Any]:
        """Plain values, for the data set's own description."""
        return asdict(self)


@dataclass(frozen=True)
class Item:
    """One bar to render: its number in the split, quad, groove and kit."""

    index: int
    quad: int
    split: str
    groove: Groove
    kit: KitInstance

    def render(self) -> Audio:
        """The bar, `(96000, 2)` float32, peak -1 dBFS."""
        return render_bar(self.groove.hits, self.kit)

    def record(self) -> dict[str, Any]:
        """Its JSON record: what sounds when, and whom to credit."""
        hits = [hit for hit in self.groove.hits if hit.note in self.kit.slots]
        recordings = self.kit.credits({hit.note for hit in hits})
        licences = {self.groove.licence, *(credit["licence"] for credit in recordings)}
        return {
            "name": f"{self.groove.genre} {self.groove.kind} on {self.kit.id}",
            "source": "rendered",
            "licence": " AND ".join(sorted(licences)),
            "split": self.split,
            "tempo": NATIVE_LOOP.bpm,
            "quad": self.quad,
            "style": self.groove.style,
            "genre": self.groove.genre,
            "groove_kind": self.groove.kind,
            "groove": self.groove.id,
            "groove_file": self.groove.file,
            "groove_source": self.groove.source,
            "groove_licence": self.groove.licence,
            "kit": self.kit.id,
            "kit_kind": self.kit.kind,
            "electronic": self.kit.electronic,
            "kits": recordings,
            "hits": [[round(hit.position, 6), hit.voice, round(hit.velocity, 4)] for hit in hits],
            "notes": [hit.note for hit in hits],
        }


class Plan:
    """Every item of a rendered set, any quad at once: the same whoever renders it, and in whatever order.

    Args:
        kits: all kits.
        grooves: all grooves; only those of an item's split are used for it.
        validation_kits: names of kits that only validation items are played on.
        recipe: the mixture.

    Raises:
        DatasetError: a held-out kit does not exist.
    """

    def __init__(
        self, kits: Sequence[Kit], grooves: Sequence[Groove], validation_kits: Sequence[str], recipe: Recipe
    ) -> None:
        if unknown := sorted(set(validation_kits) - {kit.name for kit in kits}):
            raise DatasetError(
                f"the validation kit {unknown[0]!r} is none of the kits in the one-shots' table"
            )
        self.recipe = recipe
        self._kits = {
            split: [kit for kit in kits if (kit.name in validation_kits) == (split == "validation")]
            for split in SPLITS
        }
        self._pools = {
            (split, kind): _Pool(grooves, split, kind) for split in SPLITS for kind in ("beat", "fill")
        }

    def check(self, split: str) -> None:
        """Whether the split can be rendered.

        Raises:
            DatasetError: it has no playable kit or no beat.
        """
        if not any(kit.playable for kit in self._kits[split]):
            raise DatasetError(f"the {split} split has no kit with a kick, a snare and a closed hat")
        needs_midi = sum(share for style, share in self.recipe.styles.items() if style != "programmed") > 0
        if needs_midi and not self._pools[split, "beat"]:
            raise DatasetError(f"the {split} split has no beat among the grooves")

    def quad(self, split: str, quad: int) -> Iterator[Item]:
        """The four items of a quad, numbered from 0."""
        seed = (self.recipe.seed, SPLITS.index(split), quad)
        rng = np.random.default_rng(list(seed))
        grooves = [self._groove(rng, split, f"{'-'.join(map(str, seed))}-{i}") for i in range(2)]
        kits = [
            draw_instance(
                self._kits[split],
                (*seed, which),
                self.recipe.electronic[grooves[which].style],
                self.recipe.kits,
            )
            for which in range(2)
        ]
        for i in range(QUAD):
            yield Item(quad * QUAD + i, quad, split, grooves[i // 2], kits[i % 2])

    def _groove(self, rng: Generator, split: str, seed: str) -> Groove:
        shares = np.array([self.recipe.styles.get(style, 0.0) for style in STYLES])
        style = STYLES[int(rng.choice(len(STYLES), p=shares / shares.sum()))]
        if style == "programmed":
            genre, hits = draw_pattern(rng)
            identity = f"programmed/{genre}/{seed}"
            groove = Groove(identity, style, genre, "beat", split, "", OWN_LICENCE, "vaesynth patterns", hits)
        else:
            fills = self._pools[split, "fill"]
            pool = fills if fills and rng.random() < self.recipe.fills else self._pools[split, "beat"]
            groove = pool.draw(rng)
            if style == "quantised":
                groove = quantised(groove, rng, seed)
        return revoiced(groove, rng, self.recipe.revoice[style], seed)


class _Pool:
    """Grooves of one split and kind; a take of a hundred similar bars does not drown a short one."""

    def __init__(self, grooves: Sequence[Groove], split: str, kind: str) -> None:
        files: dict[str, list[Groove]] = {}
        for groove in grooves:
            if groove.split == split and groove.kind == kind:
                files.setdefault(groove.file, []).append(groove)
        self._files = list(files.values())
        weights = np.sqrt([len(bars) for bars in self._files])
        self._weights = weights / weights.sum() if self._files else weights

    def __bool__(self) -> bool:
        return bool(self._files)

    def draw(self, rng: Generator) -> Groove:
        bars = self._files[int(rng.choice(len(self._files), p=self._weights))]
        return bars[int(rng.integers(len(bars)))]
