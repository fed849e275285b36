"""The kit half: a VAE of one-shots, each in the clear, a voice at a time."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from ..ema import ExponentialMean
from ..losses.stft import FFT_SIZES, modulus
from ..model import Posterior
from ..models.drums.encoder import mel_matrix
from ..models.drums.kit import KitDecoder
from ..models.drums.synth import KNOT_MS
from ..models.drums.voices import HOP, VOICES
from ..schedule import falling

Shots = Sequence[npt.NDArray[np.float32]]
"""One-shots of a kit, one `(frames, 2)` a voice; an empty one where the kit lacks the voice."""

FLOOR = 1e-4

IMPORTANCE = (3.0, 2.0, 1.0, 1.0, 0.8, 1.0, 0.7, 1.5)
"""Shares of the voices in the time: as far as a bar with one wrong one-shot is from the true one, about."""

BATCH = 32
RATE = 6e-4


def magnitudes(x: Tensor, n_fft: int, hop: int | None = None) -> Tensor:
    """Magnitudes `(batch, bins, windows)` of one-shots `(batch, frames)`; a sine of full scale reads 1."""
    window = torch.hann_window(n_fft)
    spectra = torch.stft(x, n_fft, hop or n_fft // 4, window=window, return_complex=True)
    return modulus(spectra, 1e-7 * n_fft / 4) * (4 / n_fft)


def distance(decoded: Tensor, target: Tensor, fft_sizes: Sequence[int] = FFT_SIZES) -> Tensor:
    """As `MultiResolutionSTFT`, of sounds that begin and end: `(batch,)`."""
    total = torch.zeros(len(target))
    for n in fft_sizes:
        a, b = magnitudes(decoded, n), magnitudes(target, n)
        convergence = (a - b).square().sum((1, 2)).sqrt() / b.square().sum((1, 2)).sqrt().clamp_min(1e-3)
        log = (a.clamp_min(FLOOR).log10() - b.clamp_min(FLOOR).log10()).abs().mean((1, 2))
        total = total + convergence + log
    return total / len(fft_sizes)


class OneShotEncoder(nn.Module):
    """One-shots → q(z_voice | one-shot).

    It hears mel spectra at the synthesiser's own knots, a fine look at the low end, the width and the attack.
    """

    filters: Tensor

    def __init__(self, hidden: int = 192) -> None:
        super().__init__()
        self.register_buffer("filters", mel_matrix(64, 513, 30, 24_000) * 4, persistent=False)
        size = self.features(torch.zeros(1, 2, 24_000)).shape[1]
        self.nets = nn.ModuleList(
            nn.Sequential(
                nn.Linear(size, hidden),
                nn.SiLU(),
                nn.Dropout(0.1),
                nn.Linear(hidden, 128),
                nn.SiLU(),
                nn.Linear(128, 2 * voice.latent_dim),
            )
            for voice in VOICES
        )
        for net in self.nets:
            assert isinstance(net, nn.Sequential)
            last = net[-1]
            assert isinstance(last, nn.Linear)
            # Small deviations at first: a decoder that hears noise for latents learns to do without them.
            nn.init.constant_(last.bias[last.out_features // 2 :], -3.0)

    def features(self, x: Tensor) -> Tensor:
        """`(batch, features)` of one-shots `(batch, 2, frames)`."""
        mid, side = x.mean(1), (x[:, 0] - x[:, 1]) / 2
        spectra = (self.filters @ magnitudes(s, 1024, HOP) for s in (mid, side))
        mel, mel_side = (s.clamp_min(FLOOR).log10() for s in spectra)
        places = [min(int(ms / 5), 328) for ms in KNOT_MS[4:]]
        body = functional.pad(mel, (0, 330), value=-4.0)[:, :, places]
        bottom = magnitudes(mid, 4096, 960)[:, 2:66].clamp_min(FLOOR).log10()
        low = functional.pad(bottom, (0, 90), value=-4.0)
        attack = functional.max_pool1d(mid.abs()[:, None, :4800], 48)[:, 0].clamp_min(1e-3).log10()
        parts = [body.flatten(1), low[:, :, [0, 1, 2, 3, 5, 8, 14, 25]].flatten(1), mel_side.mean(2), attack]
        return torch.cat(parts, 1) + 2

    def forward(self, voice: int, x: Tensor) -> Posterior:
        """Posterior `(batch, latent_dim of the voice)`; of a centred voice the mid alone is heard.

        `x` is `(batch, 2, frames)`, or `(batch, 1, frames)` of a centred voice.
        """
        if VOICES[voice].centred:
            x = x.mean(1, keepdim=True).expand(-1, 2, -1)
        mean, log_variance = self.nets[voice](self.features(x)).chunk(2, 1)
        return Posterior(mean, log_variance.clamp(-8, 2))


def stack(kits: Sequence[Shots], voice: int) -> tuple[Tensor, Tensor]:
    """One voice of several kits: `(kits, 2, frames)`, zero-padded, and which of them have it `(kits,)`."""
    frames = VOICES[voice].hops * HOP
    x = torch.zeros(len(kits), 2, frames)
    for i, shots in enumerate(kits):
        shot = torch.from_numpy(np.ascontiguousarray(shots[voice][:frames].T))
        x[i, :, : shot.shape[1]] = shot
    return x, x.abs().amax((1, 2)) > 1e-3


def gather(kits: Iterator[Shots], count: int) -> list[Tensor]:
    """One-shots of so many kits, for each voice those that have it `(up to count, channels, frames)`.

    In half precision, 0.9 MB a kit; a centred voice has one channel.
    """
    found: list[list[Tensor]] = [[] for _ in VOICES]
    for shots in itertools.islice(kits, count):
        for i, voice in enumerate(VOICES):
            (x,), (present,) = stack([shots], i)
            if present:
                found[i].append((x.mean(0, keepdim=True) if voice.centred else x).half())
    nothing = (torch.zeros(0, voice.channels, voice.hops * HOP) for voice in VOICES)
    return [torch.stack(of) if of else none for of, none in zip(found, nothing, strict=True)]


def fit_kits(
    decoder: KitDecoder,
    encoder: OneShotEncoder,
    pool: Sequence[Tensor],
    minutes: float,
    kl_weight: float,
    log: Callable[[str], None],
    voices: Sequence[int] | None = None,
) -> None:
    """Train both on one-shots, a voice at a time: the noise carriers, which all share, stay as they are.

    Args:
        decoder, encoder: trained in place; both end with the running mean of their weights.
        pool: one-shots of each voice, as `gather` gives them.
        minutes: of training, shared out by what a bar loses by a wrong one-shot.
        kl_weight: β, against a distance of about 1.
        log: takes a line of progress now and then.
        voices: those that are trained; None: all.
    """
    voices = range(len(pool)) if voices is None else voices
    shares = sum(IMPORTANCE[voice] for voice in voices)
    for voice in voices:
        if len(pool[voice]):
            spent = minutes * IMPORTANCE[voice] / shares
            _fit_voice(voice, decoder, encoder, pool[voice], spent, kl_weight, log)
    encoder.eval()


def _fit_voice(
    voice: int,
    decoder: KitDecoder,
    encoder: OneShotEncoder,
    pool: Tensor,
    minutes: float,
    kl_weight: float,
    log: Callable[[str], None],
) -> None:
    alone, name = decoder.alone(voice), VOICES[voice].name
    both = nn.ModuleList([alone.voice_decoders, encoder.nets[voice]]).train()
    optimiser = torch.optim.AdamW(both.parameters(), lr=RATE, weight_decay=1e-4, betas=(0.9, 0.98))
    mean = ExponentialMean(both, 0.997)
    begin, step, heard = time.monotonic(), 0, 1.0
    while (spent := (time.monotonic() - begin) / 60) < minutes:
        rate = RATE * min(1.0, (step + 1) / 50) * falling(spent / minutes, 0.01)
        optimiser.param_groups[0]["lr"] = rate
        x = pool[torch.randint(len(pool), (BATCH,))].float()
        loss, found = _loss(alone, encoder, voice, x, kl_weight)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(both.parameters(), 0.5)
        if torch.isfinite(norm):
            optimiser.step()
        step, heard = step + 1, 0.97 * heard + 0.03 * found
        mean.update(both)
        if step % 100 == 0:
            log(f"kits: {name}, {spent:.1f} of {minutes:.1f} minutes, step {step}, distance {heard:.3f}")
    both.load_state_dict(mean.state)


def _loss(
    alone: KitDecoder, encoder: OneShotEncoder, voice: int, x: Tensor, kl_weight: float
) -> tuple[Tensor, float]:
    posterior = encoder(voice, x)
    (y,) = alone(posterior.sample())
    sizes = [FFT_SIZES[int(i)] for i in torch.randperm(len(FFT_SIZES))[:2]]
    d = distance(y.mean(1), x.mean(1), sizes).mean()
    loss = d + kl_weight * posterior.kl().sum(1).mean()
    if y.shape[1] == 2:  # a centred voice has no width
        sides = (magnitudes((s[:, 0] - s[:, 1]) / 2, 1024).clamp_min(1e-3).log10() for s in (y, x))
        loss = loss + 0.3 * next(sides).sub(next(sides)).abs().mean()
    return loss, float(d.detach())
