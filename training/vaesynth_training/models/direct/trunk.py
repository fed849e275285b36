"""What both heads share: a bar as frames, read from audio and written from latents, circular in time."""

from torch import Tensor, nn
from torch.nn import functional

from ...losses.stft import circular_pad
from ..drums.encoder import FRAMES, Block, Spectra

BAR_FRAMES = 125
"""Frames of a bar that the decoder works on: 16 ms each."""

CELLS = 32
"""Places of a bar that the encoder sums up."""


class FrameEncoder(nn.Module):
    """Audio `(batch, 2, 96000)` → mean and log-variance, each `(batch, latent_dim)`.

    Spectra are summed up over 32 places of the bar, of which a dense layer reads the latents: what is played
    when is what a global latent has to say.
    """

    def __init__(self, latent_dim: int, channels: int = 96, dilations: tuple[int, ...] = (1, 3, 9)) -> None:
        super().__init__()
        self.spectra = Spectra()
        self.entry = nn.Conv1d(self.spectra.channels, channels, 6, stride=4)
        self.blocks = nn.Sequential(*(Block(channels, d) for d in dilations))
        self.cells = nn.Conv1d(channels, channels, 5, stride=FRAMES // 4 // CELLS)
        last = nn.Linear(256, 2 * latent_dim)
        self.sum_up = nn.Sequential(nn.Linear(CELLS * channels, 256), nn.SiLU(), last)
        # Small deviations at first: a decoder that hears noise for latents learns to do without them.
        nn.init.zeros_(last.weight[latent_dim:])
        nn.init.constant_(last.bias[latent_dim:], -4.0)

    def forward(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """The posterior's parameters."""
        x = self.blocks(self.entry(circular_pad(self.spectra(audio), 1, 1)))
        cells = functional.gelu(self.cells(circular_pad(x, 1, 1)), approximate="tanh")
        mean, log_variance = self.sum_up(cells.flatten(1)).chunk(2, 1)
        return mean, log_variance.clamp(-10, 2)


class FrameDecoder(nn.Module):
    """Latents → frames `(batch, channels, BAR_FRAMES)`; after the first layers all is ConvNeXt blocks.

    Every frame has weights of its own in the first layers, as the latents are of the whole bar; the blocks,
    whose weights are those of all frames, do the rest.
    """

    def __init__(
        self, latent_dim: int, channels: int, entry: int = 64, dilations: tuple[int, ...] = (1, 2, 4, 8, 1, 2)
    ) -> None:
        super().__init__()
        self.entry = entry
        self.read = nn.Sequential(nn.Linear(latent_dim, 256), nn.SiLU(), nn.Linear(256, entry * BAR_FRAMES))
        self.straight = nn.Linear(latent_dim, entry * BAR_FRAMES, bias=False)
        self.widen = nn.Conv1d(entry, channels, 1)
        self.blocks = nn.Sequential(*(Block(channels, d) for d in dilations))
        self.norm = nn.LayerNorm(channels)

    def forward(self, z: Tensor) -> Tensor:
        """Frames of `z` `(batch, latent_dim)`."""
        frames = (self.read(z) + self.straight(z)).reshape(-1, self.entry, BAR_FRAMES)
        x = self.blocks(self.widen(frames))
        normed: Tensor = self.norm(x.transpose(1, 2)).transpose(1, 2)
        return normed
