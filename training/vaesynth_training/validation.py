"""Validation while training goes on, with sounds and pictures."""

import math
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import Callback

from vaesynth.geometry import LoopGeometry

from . import previews
from .callbacks import Log, Trainer
from .data import Data
from .lightning_module import VaeModule
from .means import Means
from .metrics import item_metrics
from .model import Batch


class Validation(Callback):
    """Every `minutes` of training: losses and measures on unseen items, with the running mean of the weights.

    Each rank takes its share of the items. The first rank logs sounds or pictures.
    """

    def __init__(
        self, data: Data, log: Log, minutes: float, items: int, previews: int, batch_size: int
    ) -> None:
        self.data, self.journal, self.every, self._next = data, log, 60 * minutes, 60 * minutes
        self.items, self.previews, self.batch_size = items, previews, batch_size
        # Where all items are for training, they are what can be listened to.
        self.split = "validation" if data.items("validation") else "train"

    def on_train_start(self, trainer: Trainer, pl_module: lightning.LightningModule) -> None:
        """A resumed run counts from where it stands."""
        self._next = cast(VaeModule, pl_module).budget.seconds + self.every

    def on_train_batch_end(self, trainer: Trainer, pl_module: lightning.LightningModule, *_: Any) -> None:
        """Validates when it is time, and at the end."""
        module = cast(VaeModule, pl_module)
        if module.budget.seconds < self._next and not trainer.should_stop:
            return
        self._next = module.budget.seconds + self.every
        module.budget.stop()
        # The clocks of ranks part here, and whether a checkpoint is due is still to be decided on this step.
        module.synchronise()
        # Draws for validation must not change the course of training.
        with torch.random.fork_rng(), torch.no_grad(), module.mean.applied(module.model):
            torch.manual_seed(0)
            self.validate(trainer, module)
        module.budget.start()

    def validate(self, trainer: Trainer, module: VaeModule) -> None:
        """One round over (some of) the unseen items."""
        if self.split == "validation":
            means = Means()
            for batch in self.data.once(
                self.split,
                self.batch_size,
                rank=trainer.global_rank,
                world=trainer.world_size,
                limit=self.items,
            ):
                batch = module.transfer_batch_to_device(batch, module.device, 0)
                parts = {k: float(v) for k, v in module.model.losses(batch, module.budget.steps).items()}
                if all(map(math.isfinite, parts.values())):
                    decoded = module.model.decode(module.model.encode(batch.x).mean)
                    measures = item_metrics(decoded.float().cpu(), batch.x.cpu(), self.data.geometry)
                    parts |= {k: float(v.mean()) for k, v in measures.items()}
                means.add(parts, len(batch.x))
            total = means.over_ranks(trainer.world_size)
            self.journal.write(trainer, module.budget, "validation", total)
        if trainer.is_global_zero and trainer.logger is not None and self.previews:
            self._preview(module, cast(Any, trainer.logger).experiment)

    def _preview(self, module: VaeModule, board: Any) -> None:
        """Originals, reconstructions and samples of the prior to TensorBoard; loops to RUN/previews, too."""
        batch: Batch = next(iter(self.data.once(self.split, self.previews, limit=self.previews)))
        batch = module.transfer_batch_to_device(batch, module.device, 0)
        if not all(bool(torch.isfinite(v)) for v in module.model.losses(batch, module.budget.steps).values()):
            return  # nothing to be heard or seen, and models fail in ways of their own
        x = batch.x
        decoded = module.model.decode(module.model.encode(x).mean)
        samples = module.model.decode(
            torch.randn(self.previews, module.model.latent_dim, device=module.device)
        )
        step, geometry = module.budget.steps, self.data.geometry
        groups = {"original": x, "reconstruction": decoded, "prior": samples}
        for name, items in groups.items():
            items = items.float().cpu()
            if isinstance(geometry, LoopGeometry):
                for i, item in enumerate(items):
                    # TensorBoard's player is mono; two rounds, so that the seam is heard.
                    board.add_audio(f"{name}/{i}", item.mean(0).repeat(2)[None], step, geometry.sample_rate)
            else:
                board.add_images(name, items.clamp(0, 1), step)
        if isinstance(geometry, LoopGeometry):
            names = [str(record.get("name", "")) for record in batch.info]
            pairs = {"original": x, "reconstruction": decoded}
            previews.write_loops(self.journal.path.parent, names, pairs, geometry)
