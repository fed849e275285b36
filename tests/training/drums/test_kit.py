"""One-shots from envelopes."""

import math
from dataclasses import replace

import numpy as np
import torch

from vaesynth_training.models.drums.kit import KitDecoder
from vaesynth_training.models.drums.synth import CARRIER_SECONDS, OneShotSynth, noise_carriers
from vaesynth_training.models.drums.voices import HOP, KIT_DIM, SAMPLE_RATE, VOICES


def silence(bands: int = 8, partials: int = 2) -> tuple[OneShotSynth, list[torch.Tensor]]:
    synth = OneShotSynth(VOICES, bands, partials)
    k, v = synth.knots_count, len(VOICES)
    frequency = torch.full((1, v, partials, k), 440.0)
    parts = [
        torch.zeros(1, v, bands, k),
        torch.zeros(1, v, bands),
        torch.zeros(1, v),
        torch.zeros(1, v, partials, k),
        frequency,
        torch.zeros(1, v, partials),
    ]
    return synth, parts


def test_carriers_keep_to_their_bands_and_loop() -> None:
    carriers = noise_carriers(6, 24_000)
    spectrum = torch.fft.rfft(carriers).abs()
    assert ((spectrum > 1e-3).sum(0) <= 1).all()
    assert torch.allclose(carriers.square().mean(1), torch.ones(6), atol=1e-4)


def test_a_partial_sounds_at_its_frequency_without_a_break() -> None:
    synth, parts = silence()
    parts[3][0, 0, 0] = 0.5
    shot = synth(*parts)[0][0, 0, : 280 * 48].detach().numpy()
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(shot)) / SAMPLE_RATE)
    np.testing.assert_allclose(shot, expected, atol=2e-3)


def test_a_gliding_partial_has_the_phase_of_its_integral() -> None:
    synth, parts = silence()
    parts[3][0, 0, 0] = 0.5
    knots = torch.tensor(synth.knot_frames) / SAMPLE_RATE
    parts[4][0, 0, 0] = 400 - 500 * knots
    shot = synth(*parts)[0][0, 0, : 200 * 48].detach().numpy()
    t = np.arange(len(shot)) / SAMPLE_RATE
    np.testing.assert_allclose(shot, 0.5 * np.sin(2 * np.pi * (400 * t - 250 * t * t)), atol=5e-3)


def test_noise_follows_its_envelope_on_carriers_that_repeat() -> None:
    synth, parts = silence()
    generator = torch.Generator().manual_seed(2)
    gains = parts[0][0, 6] = torch.rand(parts[0].shape[2:], generator=generator)
    shot = synth(*parts)[6][0].mean(0).detach().numpy()
    frames = np.arange(len(shot))
    expected = np.zeros(len(shot))
    carriers = synth.carriers.detach().numpy()
    assert carriers.shape[1] == CARRIER_SECONDS * SAMPLE_RATE
    for gain, sign, carrier in zip(gains.numpy(), synth.signs[0, 6].numpy(), carriers, strict=True):
        expected += np.interp(frames, synth.knot_frames, gain) * sign * carrier[frames % len(carrier)]
    held = len(shot) // 2
    np.testing.assert_allclose(shot[:held], expected[:held], atol=1e-3)
    # The fade that follows is straight; made of hops, it may bend by a thousandth.
    np.testing.assert_allclose(shot[held:], expected[held:] * np.linspace(1, 0, held), atol=2e-2)


def test_every_voice_falls_silent_at_its_length_without_a_step() -> None:
    for shot, voice in zip(KitDecoder()(torch.zeros(1, KIT_DIM)), VOICES, strict=True):
        assert shot.shape == (1, voice.channels, voice.hops * HOP)
        assert shot[..., -1].abs().max() < 1e-3 < shot.abs().max()


def test_width_and_pan_make_the_side() -> None:
    synth, parts = silence()
    parts[0][0, 3] = 0.1
    left, right = synth(*parts)[3][0].detach()
    assert torch.equal(left, right)
    parts[1][0, 3] = 0.5
    left, right = synth(*parts)[3][0].detach()
    assert abs(float(torch.corrcoef(torch.stack([left[:10_000], right[:10_000]]))[0, 1])) < 0.9
    parts[1][0, 3], parts[2][0, 3] = 0.0, 1.0
    left, right = synth(*parts)[3][0].detach()
    assert right.abs().max() < 1e-6 < left.abs().max()


def test_partials_may_end_before_their_voice() -> None:
    cymbal = replace(VOICES[6], partial_hops=40)
    synth, parts = OneShotSynth((cymbal,), 8, 2), [p[:, 6:7] for p in silence()[1]]
    parts[3][:] = 0.5
    shot = synth(*parts)[0][0, 0].detach()
    assert shot[28 * HOP : 30 * HOP].abs().max() > 0.5
    assert shot[39 * HOP : 40 * HOP].abs().max() < 0.1
    assert shot[40 * HOP :].abs().max() == 0


def test_a_centred_voice_is_the_middle_of_a_wide_one() -> None:
    voices = VOICES[0], replace(VOICES[0], centred=True)
    synth, parts = OneShotSynth(voices, 8, 2), [p[:, :2].clone() for p in silence()[1]]
    synth.signs[:, 1] = synth.signs[:, 0]
    parts[0][:], parts[1][:], parts[3][:] = 0.1, 0.5, 0.2
    wide, centred = synth(*parts)
    assert centred.shape == (1, 1, voices[1].hops * HOP)
    torch.testing.assert_close(centred, wide.mean(1, keepdim=True), atol=1e-5, rtol=0)


def test_wild_latents_stay_finite() -> None:
    shots = KitDecoder()(torch.full((1, KIT_DIM), 50.0))
    assert all(math.isfinite(float(shot.detach().abs().max())) for shot in shots)
