"""The drum model: kit × groove. A kit of synthesised one-shots is placed by the hits of a groove."""

from .model import DrumSettings, DrumVae

__all__ = ["DrumSettings", "DrumVae"]
