"""vaesynth: the latent drum instrument. The core needs neither torch nor Qt."""

__version__ = "0.1.0"
