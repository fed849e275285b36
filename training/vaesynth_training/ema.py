"""The running mean of a model's weights, which is what gets evaluated and exported."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class ExponentialMean:
    """Exponential moving average of the floating-point entries of a model's state; the others are copied.

    The decay warms up, min(decay, (1 + t) / (10 + t)), so that a short run is not held back by its first
    weights.

    Args:
        model: whose state is averaged.
        decay: share of the old mean that is kept each step; 0 follows the weights.
        skip: prefixes of state entries that are left out (the discriminator's).
    """

    def __init__(self, model: nn.Module, decay: float, skip: tuple[str, ...] = ()) -> None:
        self.decay, self.skip, self.updates = decay, skip, 0
        self.state = {k: v.detach().clone() for k, v in self._entries(model).items()}

    def _entries(self, model: nn.Module) -> dict[str, Tensor]:
        return {k: v for k, v in model.state_dict().items() if not k.startswith(self.skip or ("\0",))}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take in the weights of one more step."""
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates)) if self.decay else 0.0
        self.updates += 1
        entries = self._entries(model)
        averaged = [k for k, v in entries.items() if v.is_floating_point()]
        torch._foreach_lerp_([self.state[k] for k in averaged], [entries[k] for k in averaged], 1 - keep)
        for k in entries.keys() - set(averaged):
            self.state[k].copy_(entries[k])

    @contextmanager
    def applied(self, model: nn.Module) -> Iterator[None]:
        """The model holds the mean, in evaluation mode, inside the `with`; then its own weights again."""
        own, training = {k: v.clone() for k, v in self._entries(model).items()}, model.training
        model.load_state_dict(self.state, strict=not self.skip)
        model.eval()
        try:
            yield
        finally:
            model.load_state_dict(own, strict=not self.skip)
            model.train(training)

    def to(self, device: torch.device) -> None:
        """Move the mean to the device of the model."""
        self.state = {k: v.to(device) for k, v in self.state.items()}

    def state_dict(self) -> dict[str, Tensor | int]:
        """For a checkpoint; `load_state_dict` takes it back."""
        return {"updates": self.updates, **{f"state.{k}": v for k, v in self.state.items()}}

    def load_state_dict(self, values: Mapping[str, Tensor | int]) -> None:
        """The inverse of `state_dict`; entries take their saved sizes: a memory has no fixed one."""
        self.updates = int(values["updates"])
        for key, tensor in self.state.items():
            saved = values[f"state.{key}"]
            assert isinstance(saved, Tensor)
            self.state[key] = tensor.resize_(saved.shape).copy_(saved)
