"""Drum decoders without a kit: frames of a bar turned straight into sound, by an inverse STFT or by bands."""

from .model import DirectSettings, DirectVae

__all__ = ["DirectSettings", "DirectVae"]
