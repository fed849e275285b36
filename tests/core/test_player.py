"""The physics of playing: identity at the native tempo, steady energy, unbroken phase, exact time."""

import numpy as np
import numpy.typing as npt
import pytest
from loops import FRAMES, RATE, hits, sliced, tone

from vaesynth.deck import Deck, Scratch
from vaesynth.decks import CROSSFADE_SECONDS
from vaesynth.loop import Loop
from vaesynth.player import START_SECONDS, LoopPlayer
from vaesynth.slicing import SlicedLoop
from vaesynth.swing import Swing
from vaesynth.tempo import BeatClock, Quantise

Array = npt.NDArray[np.float32]
FADE = round(CROSSFADE_SECONDS * RATE)


def player_of(loop: SlicedLoop, bpm: float = 120.0) -> LoopPlayer:
    player = LoopPlayer(RATE)
    player.clock.set_tempo(bpm)
    player.offer(loop)
    player.play(fade=False)
    return player


def render(player: LoopPlayer, frames: int, block: int = 256) -> Array:
    out = np.empty((frames, 2), np.float32)
    for start in range(0, frames, block):
        player.render(out[start:start + block])
    return out


def above(audio: Array, frequency: float) -> float:
    """Highest sample above a frequency in dBFS, the ends left out."""
    size = 1 << len(audio).bit_length()
    spectrum = np.fft.rfft(audio[:, 0] * np.blackman(len(audio)), size)
    spectrum[np.fft.rfftfreq(size, 1 / RATE) < frequency] = 0
    return float(20 * np.log10(np.abs(np.fft.irfft(spectrum)).max() + 1e-12))


@pytest.mark.parametrize("block", [64, 256, 1000, 5000])
@pytest.mark.parametrize("audio", [tone(440), hits([0, 11_800, 24_000, 48_000, 61_000])])
def test_at_its_own_tempo_the_output_is_the_loop(audio: Array, block: int) -> None:
    out = render(player_of(sliced(audio)), 2 * FRAMES + 5000, block)
    assert np.array_equal(out, np.concatenate([audio, audio, audio[:5000]]))


@pytest.mark.parametrize("bpm", [70.0, 97.3, 125.0, 170.0])
def test_every_attack_keeps_its_shape_and_comes_on_its_beat(bpm: float) -> None:
    positions = [0, 12_000, 24_000, 36_000, 48_000, 60_000, 72_000, 84_000]
    audio = hits(positions, ring=600)
    bars = 3
    out = render(player_of(sliced(audio), bpm), int(bars * 4 * 60 / bpm * RATE))
    for bar in range(bars):
        for n, position in enumerate(positions):
            if bar == n == 0:
                continue
            ideal = (bar * 4 + n / 2) * 60 / bpm * RATE
            # Found by correlation with the attack itself, to the sample.
            attack, reach = audio[position:position + 200, 0], 150
            around = out[round(ideal) - reach:round(ideal) + reach + 200, 0]
            at = int(np.argmax(np.correlate(around, attack, "valid"))) - reach
            assert at == np.ceil(ideal) - round(ideal), "the first sample at or after its place"
            assert out[round(ideal) + at:round(ideal) + at + 200, 0] == pytest.approx(attack, abs=0.02)


@pytest.mark.parametrize("bpm", [40.0, 97.3, 120.0, 240.0])
@pytest.mark.parametrize("before", [1, 5, 10, 14, 15, 16, 40])
def test_a_loop_that_begins_just_before_a_hit_plays_it_on_time(bpm: float, before: int) -> None:
    clock = BeatClock(RATE, bpm)
    position = (int(np.ceil(60 / bpm * RATE)) - before) * clock.step
    out = np.empty((100, 2), np.float32)
    deck = Deck(sliced(hits([24_000], ring=600)), position, clock.step, Scratch(100))
    deck.render(out, position, clock.step)
    assert np.argmax(np.abs(out[:, 0]) > 0.4) == before


def test_slices_never_drift() -> None:
    """After 200 bars at an odd tempo an attack is where arithmetic says, within a sample of the first."""
    audio, bpm = hits([24_000], ring=600), 173.9
    player = player_of(sliced(audio), bpm)
    attack = audio[24_000:24_200, 0]
    offsets = []
    for bar in (0, 200):
        beat = 4 * bar + 1
        start = round((beat - 0.1) * 60 / bpm * RATE)
        player.clock.position = start * player.clock.micro_bpm
        player.drop_loops()
        player.offer(sliced(audio))
        render(player, FADE)
        out = render(player, 6_000)[:, 0]
        found = int(np.argmax(np.correlate(out, attack, "valid")))
        offsets.append(start + FADE + found - beat * 60 / bpm * RATE)
    assert abs(offsets[1] - offsets[0]) <= 1


@pytest.mark.parametrize("bpm", [60.0, 90.0, 118.0, 150.0])
def test_a_tone_has_no_gap_at_any_tempo(bpm: float) -> None:
    out = render(player_of(sliced(tone(440, 0.3))), 4_800)
    player = player_of(sliced(tone(440, 0.3)), bpm)
    out = render(player, 4 * FRAMES)
    level = np.sqrt(np.square(out[:, 0]).reshape(-1, 480).mean(1))
    assert level.min() > 0.5 * 0.3 / np.sqrt(2)


@pytest.mark.parametrize("quantise", list(Quantise))
def test_hand_overs_between_tones_leave_no_click_and_no_gap(quantise: Quantise) -> None:
    """Tones of one pitch pass into each other in phase; a hundred moves leave nothing above their band."""
    rng = np.random.default_rng(0)
    loops = [sliced(tone(440, 0.15) + mix * tone(660, 0.15)) for mix in (0, 0.2, 0.5, 0.9)]
    player = player_of(sliced(tone(440, 0.3)))
    parts = [render(player, 2048)]
    for serial in range(2, 102):
        player.offer(loops[rng.integers(len(loops))].numbered(serial), quantise)
        parts.append(render(player, int(rng.integers(1, 40)) * 128, 128))
    out = np.concatenate(parts)
    assert above(out, 4_000) < -80
    level = np.sqrt(np.square(out[:, 0])[:len(out) // 480 * 480].reshape(-1, 480).mean(1))
    assert level.min() > 0.15 / np.sqrt(2) * 0.8


def test_phase_goes_on_through_a_hand_over() -> None:
    """The same tone at another level: in the fade too, its phase is that of the clock."""
    player = player_of(sliced(tone(500, 0.5)))
    head = render(player, 7_000)
    player.offer(sliced(tone(500, 0.25), 2))
    out = np.concatenate([head, render(player, 5_000)])[:, 0]
    t = np.arange(len(out)) / RATE
    analytic = out * np.exp(-2j * np.pi * 500 * t)
    phases = np.angle(analytic[:len(out) // 96 * 96].reshape(-1, 96).mean(1))  # one period
    assert np.ptp(phases) < 0.05
    assert np.array_equal(out[-4096:], tone(500, 0.25)[len(out) - 4096:len(out), 0])


def test_energy_through_a_crossfade_of_noises_is_steady() -> None:
    rng = np.random.default_rng(3)

    slices = sliced(tone(440)).slices

    def noise() -> SlicedLoop:
        audio = (0.2 * rng.standard_normal((FRAMES, 2))).astype(np.float32)
        return SlicedLoop(audio, RATE, 4, 4, slices)
    energies = []
    for _ in range(30):
        player = player_of(noise())
        render(player, 1024)
        player.offer(noise())
        energies.append(np.square(render(player, FADE)).mean(1))
    power = np.mean(energies, 0).reshape(8, -1).mean(1)
    assert power == pytest.approx(np.full(8, 0.04), rel=0.15)


@pytest.mark.parametrize(("quantise", "grid"), [
    (Quantise.SIXTEENTH, 6_000), (Quantise.EIGHTH, 12_000), (Quantise.BEAT, 24_000), (Quantise.BAR, 96_000)])
def test_a_quantised_loop_is_there_on_the_line_and_not_before(quantise: Quantise, grid: int) -> None:
    old, new = tone(440), tone(660)
    player = player_of(sliced(old))
    head = render(player, 1_000)
    player.offer(sliced(new, 2), quantise)
    out = np.concatenate([head, render(player, grid + 2_000 - 1_000)])
    assert np.array_equal(out[:grid - FADE], old[:grid - FADE])
    assert np.array_equal(out[grid:], np.concatenate([new, new])[grid:grid + 2_000])


@pytest.mark.parametrize(("beats", "meter"), [(3, 3), (6, 6), (6, 3), (5, 5)])
def test_bars_of_other_meters(beats: int, meter: int) -> None:
    """Three quarters, six eighths, two bars of three, five quarters: bar and loop lines are theirs."""
    frames = beats * RATE // 2
    old, new = (np.tile(tone(pitch), (2, 1))[:frames] for pitch in (440, 660))
    for quantise, grid in ((Quantise.BAR, meter * RATE // 2), (Quantise.LOOP, frames)):
        player = player_of(SlicedLoop.of(Loop(old, RATE, beats, meter), 1))
        head = render(player, 1_000)
        player.offer(SlicedLoop.of(Loop(new, RATE, beats, meter), 2), quantise)
        out = np.concatenate([head, render(player, grid + 2_000 - 1_000)])
        assert np.array_equal(out[:grid - FADE], old[:grid - FADE])
        assert np.array_equal(out[grid:], np.concatenate([new, new])[grid:grid + 2_000])


def test_the_newest_waiting_loop_wins() -> None:
    player = player_of(sliced(tone(440)))
    render(player, 1_000)
    for serial, pitch in enumerate([500, 600, 700], start=2):
        player.offer(sliced(tone(pitch), serial), Quantise.BEAT)
        render(player, 500)
    out = render(player, 24_000)
    assert np.array_equal(out[-1000:], tone(700)[24_000 + 2_500 - 1000:24_000 + 2_500])
    assert [loop and loop.serial for loop in player.held] == [4, None, None]


def test_hand_over_at_another_tempo_keeps_the_phase_of_the_slice() -> None:
    """In the middle of a tempo ramp both loops stand at the same frame, so equal loops pass unchanged."""
    loop = sliced(tone(440))
    changed, kept = player_of(loop), player_of(loop)
    for step in range(60):
        for player in (changed, kept):
            player.clock.set_tempo(120 + step / 4)
        if step % 7 == 3:
            changed.offer(loop.numbered(step + 2))
        assert render(changed, 777) == pytest.approx(render(kept, 777), abs=1e-6)


def test_starting_leaves_the_first_attack_whole() -> None:
    audio = hits([0, 48_000])
    player = LoopPlayer(RATE)
    player.offer(sliced(audio))
    player.play()
    out = render(player, 10_000)
    run_up = round(START_SECONDS * RATE)
    assert np.array_equal(out[run_up:], audio[:10_000 - run_up])
    assert abs(out[0, 0]) < 1e-4


def test_stop_and_start_are_faded_and_stop_the_clock() -> None:
    player = player_of(sliced(tone(440)))
    head = render(player, 4_001)
    player.stop()
    tail = render(player, 4_800)
    assert above(np.concatenate([head, tail])[2_000:6_000], 6_000) < -80
    assert not tail[1_000:].any()
    stopped = player.clock.position
    render(player, 4_800)
    assert player.clock.position == stopped
    player.play(None)
    assert render(player, 4_800)[-1_000:].any()
    assert player.clock.position == stopped + 4_800 * player.clock.micro_bpm


def test_restart_while_playing_comes_from_the_top_without_a_click() -> None:
    audio = tone(440)
    player = player_of(sliced(audio))
    head = render(player, 30_011)
    player.play()
    assert player.playing
    out = np.concatenate([head, render(player, 10_000)])
    assert above(out[28_000:], 6_000) < -80
    late = int(player.clock.position / player.clock.micro_bpm)
    assert np.array_equal(out[-1000:], audio[late - 1000:late])


def test_volume_moves_smoothly_and_arrives() -> None:
    player = player_of(sliced(tone(440, 0.5)))
    render(player, 4_800)
    player.set_volume(0.25)
    out = render(player, 24_000)
    assert above(out, 6_000) < -80
    assert out[-480:] == pytest.approx(tone(440, 0.125)[28_800 - 480:28_800], abs=1e-5)


def test_silence_before_the_first_loop_then_a_fade_in() -> None:
    player = LoopPlayer(RATE)
    player.play(fade=False)
    assert not render(player, 1_000).any()
    player.offer(sliced(tone(440)))
    out = render(player, 4_000)
    assert above(out, 8_000) < -80
    assert np.array_equal(out[FADE:], tone(440)[1_000 + FADE:5_000])


def test_a_loop_at_another_rate_is_refused() -> None:
    player = LoopPlayer(44_100)
    with pytest.raises(ValueError, match="expected 44100"):
        player.offer(sliced(tone(440)))


def test_loud_mixes_stay_within_full_scale() -> None:
    player = player_of(sliced(tone(440, 1.0)))
    player.set_volume(2.0)
    player.offer(sliced(tone(660, 1.0), 2))
    out = render(player, 20_000)
    assert np.abs(out).max() <= 1
    assert player.limiter.clipped > 0


@pytest.mark.parametrize("seed", range(3))
def test_a_player_goes_on_where_another_was_sample_by_sample(seed: int) -> None:
    """Whatever it is doing: between two loops, waiting for a line, fading, bent, turned down."""
    rng = np.random.default_rng(seed)
    loops = {serial: sliced(hits([0, 11_800, 24_000, 48_000 + 100 * serial, 61_000], level=0.9), serial)
             for serial in range(1, 5)}
    loops[5] = sliced(tone(440), 5)

    def act(player: LoopPlayer, choice: int, value: float) -> None:
        if choice == 0:
            player.offer(loops[1 + int(5 * value)], list(Quantise)[int(6 * value)])
        elif choice == 1:
            player.clock.set_tempo(60 + 140 * value)
        elif choice == 2:
            player.play(None if value < 0.5 else 0)
        elif choice == 3:
            player.stop()
        elif choice == 4:
            player.set_volume(2 * value)
        elif choice == 5:
            player.set_swing(Swing(500 + int(250 * value)))
        elif choice == 6:
            player.steering.nudge(value - 0.5)
        elif choice == 7:
            player.leap(player.clock.position + int(value * 1e12))
        else:
            player.play(0)

    one = player_of(loops[5])
    for _ in range(40):
        act(one, int(rng.integers(9)), float(rng.random()))
        render(one, 256 * int(rng.integers(1, 8)))
        other = LoopPlayer(RATE)
        other.go_on(one.state(), loops.__getitem__)
        assert other.state() == one.state()
        choice, value = int(rng.integers(12)), float(rng.random())
        for player in (one, other):
            act(player, choice, value)
        assert np.array_equal(render(one, 4096), render(other, 4096))
