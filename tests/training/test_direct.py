"""Decoders without a kit: shapes, seams, filter bank, learning, and the file that is made of them."""

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from vaesynth.errors import SettingError
from vaesynth.geometry import NATIVE_LOOP, PAPER_LOOP
from vaesynth_training.losses.stft import circular_pad
from vaesynth_training.model import Batch
from vaesynth_training.models.direct import DirectSettings, DirectVae
from vaesynth_training.models.direct.heads import BANDS, N_FFT, TAPS, filter_bank, half_bases, overlap_add

HEADS = ("istft", "bands")


@pytest.fixture(scope="module", params=HEADS)
def model(request: pytest.FixtureRequest) -> DirectVae:
    torch.manual_seed(0)
    return DirectVae(DirectSettings(head=request.param, channels=16), NATIVE_LOOP).eval()


def test_bars_have_one_peak_and_do_not_depend_on_the_batch(model: DirectVae) -> None:
    z = torch.randn(2, model.latent_dim, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        both = model.decode(z)
        torch.testing.assert_close(model.decode(z[1:]), both[1:], atol=1e-5, rtol=0)
        posterior = model.encode(both)
    assert both.shape == (2, 2, 96_000)
    torch.testing.assert_close(both.abs().amax((1, 2)), torch.full((2,), 0.891), atol=1e-4, rtol=0)
    assert posterior.mean.shape == posterior.log_variance.shape == (2, 64)


def test_a_bar_that_begins_later_is_the_same_bar(model: DirectVae) -> None:
    """Nothing in blocks and head knows where a bar begins: no seam can be heard."""
    frames = torch.randn(1, 64, 125, generator=torch.Generator().manual_seed(1))
    head, decoder = model.head, model.decoder

    def sound(x: torch.Tensor) -> torch.Tensor:
        normed = decoder.norm(decoder.blocks(decoder.widen(x)).transpose(1, 2)).transpose(1, 2)
        return head(normed)

    noise = head.noise
    head.noise = torch.zeros_like(noise)  # the one thing that has its place in the bar
    try:
        with torch.no_grad():
            a, b = sound(frames), sound(frames.roll(40, 2))
    finally:
        head.noise = noise
    torch.testing.assert_close(a.roll(40 * 768, 2), b, atol=1e-5 * float(a.abs().max()), rtol=0)


def test_half_a_basis_is_an_inverse_stft() -> None:
    spectra = torch.randn(5, N_FFT // 2 + 1, 2, generator=torch.Generator().manual_seed(2))
    cosines, sines = half_bases(N_FFT)
    made = overlap_add(spectra[..., 0] @ cosines, spectra[..., 1] @ sines)
    bins, time = torch.arange(N_FFT // 2 + 1), torch.arange(N_FFT) + 0.5 - N_FFT / 2
    twice = torch.where((bins == 0) | (bins == N_FFT // 2), 1.0, 2.0)[:, None]
    waves = twice * torch.exp(2j * torch.pi * bins[:, None] * time / N_FFT)
    windows = (torch.view_as_complex(spectra) @ waves).real * torch.hann_window(2 * N_FFT)[1::2]
    hop = N_FFT // 2
    expected = (windows[:, :hop] + windows[:, hop:].roll(1, 0)).flatten()
    torch.testing.assert_close(made, expected, atol=1e-2, rtol=0)


def test_the_filter_bank_gives_back_what_it_took_apart() -> None:
    filters, length = filter_bank(BANDS, TAPS), BANDS * TAPS
    x = torch.randn(1, 1, 9_600, generator=torch.Generator().manual_seed(3))
    bands = functional.conv1d(circular_pad(x, 0, length - 1), filters[:, None], stride=BANDS)
    sparse = torch.zeros(1, BANDS, 9_600)
    sparse[:, :, ::BANDS] = bands
    back = BANDS * functional.conv1d(circular_pad(sparse, length - 1, 0), filters.flip(1)[None])
    assert (back - x).norm() < 0.01 * x.norm()


@pytest.mark.parametrize("head", HEADS)
def test_a_few_steps_on_one_batch_bring_it_nearer(head: str) -> None:
    torch.manual_seed(0)
    model = DirectVae(DirectSettings(head=head, channels=16, rotated=0, resolutions=5), NATIVE_LOOP)  # type: ignore[arg-type]
    t = torch.arange(96_000) / 48_000
    tone = torch.sin(2 * torch.pi * 220 * t) * torch.exp(-6 * (t % 0.5))
    batch = Batch(0.8 * torch.stack([tone, 0.5 * tone])[None], [{}])
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-2)
    found = []
    for step in range(15):
        parts = model.losses(batch, step)
        optimiser.zero_grad()
        parts["loss"].backward()
        optimiser.step()
        found.append(float(parts["distance"].detach()))
    assert all(p.grad is not None for name, p in model.named_parameters() if not name.startswith("prior"))
    assert found[-1] < 0.9 * found[0]


def test_the_exported_decoder_takes_any_batch(model: DirectVae) -> None:
    graph = pytest.importorskip("vaesynth_export.graph")
    session = onnxruntime.InferenceSession(graph.to_onnx(graph.DecoderGraph(model)).SerializeToString())
    z = torch.randn(3, model.latent_dim, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        expected = model.decode(z).numpy()
    for some in (slice(0, 1), slice(0, 3)):
        (audio,) = session.run(["audio"], {"z": z[some].numpy()})
        np.testing.assert_allclose(audio, expected[some], atol=1e-4)


def test_another_geometry_is_refused() -> None:
    with pytest.raises(SettingError, match="geometry"):
        DirectVae(DirectSettings(), PAPER_LOOP)
