"""The rendering work, shared by any number of processes with the same result."""

import itertools
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from vaesynth.dataset import encode_item
from vaesynth.geometry import NATIVE_LOOP

from ..pretrain.reader import KitReader
from .grooves import load_grooves
from .kits import load_kits
from .pairs import Plan, Recipe
from .synthesis import synth_kits

Encoded = tuple[str, bytes, dict[str, Any]]
"""Key, FLAC bytes and record of an item."""
Job = tuple[str, int, int]
"""Split, number of the quad, and the split's number of items, which the last quad may pass."""


@dataclass(frozen=True)
class Inputs:
    """Where a plan comes from: small enough to hand to another process, unlike the plan.

    Attributes:
        reader: pretrained run that tells the latents of the bars' kits; None: records are without.
    """

    oneshots: tuple[Path, ...]
    grooves: Path
    cache: Path | None
    validation_kits: tuple[str, ...]
    recipe: Recipe
    reader: Path | None = None

    def plan(self) -> Plan:
        """Load the kits and grooves.

        Raises:
            VaesynthError: they cannot be used.
        """
        recorded = itertools.chain(*(load_kits(folder, self.cache) for folder in self.oneshots))
        kits = [*recorded, *synth_kits(self.recipe.synthesised)]
        return Plan(kits, load_grooves(self.grooves, self.cache), self.validation_kits, self.recipe)

    def kit_reader(self) -> KitReader | None:
        """The reader of kits, if there is one.

        Raises:
            SettingError: the run has none.
        """
        return KitReader(self.reader) if self.reader else None


def render_quad(
    plan: Plan, split: str, quad: int, count: int, reader: KitReader | None = None
) -> list[Encoded]:
    """The items of a quad whose number is below `count`, rendered and encoded."""
    done = []
    for item in plan.quad(split, quad):
        if item.index < count:
            record = item.record()
            if reader:
                record["kit_latents"] = reader(item.kit.one_shots(item.groove.hits))
            payload = encode_item(item.render(), NATIVE_LOOP)
            done.append((f"{split}-{item.index:07d}", payload, record))
    return done


def rendered(inputs: Inputs, plan: Plan, jobs: Sequence[Job], workers: int) -> Iterator[list[Encoded]]:
    """Rendered quads in the order of the jobs, however many processes share the work."""
    if workers == 1:
        reader = inputs.kit_reader()
        for job in jobs:
            yield render_quad(plan, *job, reader)
        return
    # Spawned, because a process with threads cannot be forked safely. Only a few quads are under way at once,
    # so that memory stays flat however large the set.
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (inputs,)) as pool:
        waiting: deque[Future[list[Encoded]]] = deque()
        for job in jobs:
            waiting.append(pool.submit(_work, job))
            if len(waiting) >= 4 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_worker: tuple[Plan, KitReader | None] | None = None
"""What a worker process works with, loaded once."""


def _start_worker(inputs: Inputs) -> None:
    global _worker
    _worker = inputs.plan(), inputs.kit_reader()


def _work(job: Job) -> list[Encoded]:
    assert _worker is not None, "a worker starts with _start_worker"
    plan, reader = _worker
    return render_quad(plan, *job, reader)
