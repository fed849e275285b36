"""From hits to a bar: tails, chokes, velocities, treatments and the bus obey physics."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from numpy.testing import assert_allclose

from vaesynth_training.render import Hit, KitInstance, draw_instance, render_bar, render_stems, synth_kits
from vaesynth_training.render.augment import Treatment, treat
from vaesynth_training.render.bus import Bus, Compressor, Room
from vaesynth_training.render.voices import MAIN_NOTE
from vaesynth_training.voices import HAT_OPEN, KICK, SNARE, VOICES

Audio = npt.NDArray[np.float32]
BEAT = tuple(
    sorted(
        [Hit.of_note(at / 8, 42, 0.7) for at in range(8)]
        + [
            Hit.of_note(0, 36, 1.0),
            Hit.of_note(0.5, 36, 0.9),
            Hit.of_note(0.25, 38, 0.9),
            Hit.of_note(0.75, 38, 0.9),
        ]
    )
)
BUS = Bus(Room(0.3, 0.2, 8_000.0, 5), Compressor(-15, 4, 0.005, 0.1), 3.0)


@pytest.fixture(scope="module")
def kit() -> KitInstance:
    """A clean synthesised kit on an empty bus."""
    return replace(draw_instance(synth_kits(1), (1,)), bus=Bus(), mono_kick=False)


def energy(audio: Audio) -> float:
    return float((audio.astype(np.float64) ** 2).sum())


def brightness(audio: Audio) -> float:
    power = np.abs(np.fft.rfft(audio.mean(axis=1))) ** 2
    return float((power * np.arange(len(power))).sum() / power.sum() / len(power))


def sine(hertz: float, seconds: float = 0.5) -> Audio:
    wave = np.sin(2 * np.pi * hertz * np.arange(int(seconds * 48_000)) / 48_000)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


@pytest.mark.parametrize("bus", [Bus(), BUS])
def test_turning_the_groove_round_turns_the_bar_round(kit: KitInstance, bus: Bus) -> None:
    """The bar has no first frame: this is what makes it seamless, through room, compressor and saturation."""
    kit = replace(kit, bus=bus)
    turned = [Hit.of_note(hit.position + 0.375, hit.note, hit.velocity) for hit in BEAT]
    assert_allclose(render_bar(turned, kit), np.roll(render_bar(BEAT, kit), 36_000, axis=0), atol=2e-5)


def test_a_bar_peaks_at_minus_one_dbfs(kit: KitInstance) -> None:
    bar = render_bar(BEAT, kit)
    assert bar.shape == (96_000, 2)
    assert bar.dtype == np.float32
    assert np.abs(bar).max() == pytest.approx(10 ** (-1 / 20), rel=1e-5)


def test_the_bar_is_the_sum_of_its_stems(kit: KitInstance) -> None:
    stems, _ = render_stems(BEAT, kit)
    bar, mix = render_bar(BEAT, kit), stems.sum(axis=0)
    assert_allclose(bar, mix * (np.abs(bar).max() / np.abs(mix).max()), atol=1e-6)
    sounding = {VOICES[voice] for voice in range(len(VOICES)) if energy(stems[voice]) > 0}
    assert sounding == {"kick", "snare", "hat_closed"}


def test_a_tail_goes_on_at_the_start_of_the_bar(kit: KitInstance) -> None:
    late = Hit.of_note(0.99, 46, 1.0)
    stems, _ = render_stems([late], kit)
    sound = kit.waveform(46, 1.0)
    assert sound is not None
    assert_allclose(np.roll(stems[HAT_OPEN], -95_040, axis=0)[: len(sound)], sound, atol=1e-7)
    assert energy(stems[HAT_OPEN][:9_600]) > 0


def test_a_closed_hat_chokes_the_open_one_even_round_the_bar(kit: KitInstance) -> None:
    opened = Hit.of_note(0.97, 46, 1.0)
    free, _ = render_stems([opened], kit)
    choked, _ = render_stems([opened, Hit.of_note(0.01, 42, 1.0)], kit)
    assert energy(free[HAT_OPEN][960 + 480 : 9_600]) > 0
    assert energy(choked[HAT_OPEN][960 + 480 : 9_600]) == 0
    assert_allclose(choked[HAT_OPEN][93_120:], free[HAT_OPEN][93_120:], atol=1e-7)


def test_a_drum_machine_s_kick_ends_the_one_before(kit: KitInstance) -> None:
    hits = [Hit.of_note(0, 36, 1.0), Hit.of_note(0.05, 36, 1.0)]
    ringing, _ = render_stems(hits, kit)
    alone, _ = render_stems(hits[1:], kit)
    machine, _ = render_stems(hits, replace(kit, mono_kick=True))
    after = slice(4_800 + 480, 9_600)
    assert_allclose(machine[KICK][after], alone[KICK][after], atol=1e-7)
    assert not np.allclose(ringing[KICK][after], alone[KICK][after], atol=1e-3)


def test_a_softer_stroke_is_quieter_and_duller(kit: KitInstance) -> None:
    loud, soft = (kit.waveform(38, velocity) for velocity in (1.0, 0.2))
    assert loud is not None
    assert soft is not None
    assert energy(soft) < 0.1 * energy(loud)
    assert brightness(soft) < 0.9 * brightness(loud)


def test_the_main_one_shots_are_what_the_bar_is_made_of(kit: KitInstance) -> None:
    shots = kit.one_shots()
    assert len(shots) == len(VOICES)
    stems, _ = render_stems([Hit.of_note(0.0, MAIN_NOTE[SNARE], 1.0)], kit)
    assert_allclose(stems[SNARE][: len(shots[SNARE])], shots[SNARE], atol=1e-7)
    assert all(0 < len(shot) <= 96_000 for shot in shots)


def test_the_main_sound_of_a_voice_is_the_one_that_is_played_most(kit: KitInstance) -> None:
    crashes = [Hit.of_note(0.1, 49, 0.9), Hit.of_note(0.6, 49, 0.9), Hit.of_note(0.3, 51, 0.9)]
    assert kit.main_notes() == MAIN_NOTE
    assert kit.main_notes(crashes)[VOICES.index("cymbal")] == 49


def test_silence_is_refused(kit: KitInstance) -> None:
    with pytest.raises(ValueError, match="silent"):
        render_bar([], kit)


@pytest.mark.parametrize("semitones", [-3.0, 3.0])
def test_pitch_moves_the_spectrum_and_the_length(semitones: float) -> None:
    treated = treat(sine(1_000), Treatment(semitones=semitones))
    peak = np.argmax(np.abs(np.fft.rfft(treated[:, 0], 48_000)))
    assert peak == pytest.approx(1_000 * 2 ** (semitones / 12), abs=3)
    assert len(treated) == pytest.approx(24_000 / 2 ** (semitones / 12), rel=0.01)


def test_decay_shortens_without_touching_the_attack() -> None:
    long, short = treat(sine(500), Treatment()), treat(sine(500), Treatment(decay=0.02))
    assert_allclose(short[:200], long[:200], atol=0.01)
    assert len(short) < 0.6 * len(long)
    # e-fold by e-fold: 20 ms later there is 1/e of the amplitude, 8.7 dB less.
    early, late = (np.abs(short[at : at + 480]).max() for at in (960, 1_920))
    assert late / early == pytest.approx(np.exp(-1), rel=0.05)


def test_pan_keeps_the_power_and_moves_it() -> None:
    middle, left = treat(sine(500), Treatment()), treat(sine(500), Treatment(pan=-0.5))
    assert energy(left) == pytest.approx(energy(middle), rel=1e-3)
    assert energy(left[:, :1]) > 2 * energy(left[:, 1:])


def test_a_sound_never_outlasts_the_bar_nor_stops_abruptly() -> None:
    treated = treat(sine(300, 3.0), Treatment(semitones=-3.0))
    assert len(treated) == 96_000
    assert np.abs(treated[-100:]).max() < 0.01


def test_the_compressor_leaves_quiet_alone_and_reduces_by_its_ratio() -> None:
    compressor = Compressor(threshold=-20, ratio=4, attack=0.001, release=0.05)
    quiet, loud = 0.03 * sine(1_000, 2.0), 1.0 * sine(1_000, 2.0)
    assert_allclose(compressor.apply(quiet), quiet, atol=1e-6)
    reduction = 20 * np.log10(np.abs(compressor.apply(loud)).max())
    assert reduction == pytest.approx(-20 * (1 - 1 / 4), abs=0.2)


def test_the_room_is_wide_and_adds_its_level() -> None:
    impulse = np.zeros((96_000, 2), np.float32)
    impulse[90_000] = 1.0
    wet = Room(0.4, 0.25, 9_000.0, 3).apply(impulse)
    assert energy(wet) == pytest.approx(2 * 0.25**2, rel=0.01)
    assert energy(wet[:12_000]) > 0  # round the end
    assert abs(np.corrcoef(wet.T)[0, 1]) < 0.3
