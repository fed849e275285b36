"""Pretraining: each half of the drum model learns from made-up kits and grooves, the encoder from both."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from render_data import write_grooves, write_kits
from torch import Tensor

from vaesynth.errors import OutputError, SettingError
from vaesynth.geometry import NATIVE_LOOP
from vaesynth_training.model import Posterior
from vaesynth_training.models.drums import DrumSettings, DrumVae
from vaesynth_training.models.drums.groove import STEPS, GrooveDecoder, pattern_of
from vaesynth_training.models.drums.kit import KitDecoder
from vaesynth_training.models.drums.voices import HOP, SAMPLE_RATE, VOICES, Voice
from vaesynth_training.pretrain import cli, ear, grooves, kits
from vaesynth_training.pretrain.ear import Lesson, fit_encoder, lessons
from vaesynth_training.pretrain.grooves import augmented, fit_grooves
from vaesynth_training.pretrain.kits import OneShotEncoder, distance, fit_kits, stack
from vaesynth_training.render.pairs import Plan, Recipe
from vaesynth_training.render.work import Inputs
from vaesynth_training.run import Run

SMALL = DrumSettings(channels=16, hidden=32, bands=12, partials=2)


class Clock:
    """Stands in for the module `time`: whoever asks for the time finds another second gone."""

    def __init__(self) -> None:
        self._ticks = itertools.count()

    def monotonic(self) -> float:
        return float(next(self._ticks))


def seconds(count: int) -> float:
    """Minutes in which a loop that asks `Clock` once a step takes `count` steps."""
    return count / 60


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    write_kits(folder, ("alpha", "beta"))
    write_grooves(folder)
    return folder


@pytest.fixture(scope="module")
def plan(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return Inputs(sources, sources, tmp_path_factory.mktemp("cache"), (), Recipe(0, synthesised=0)).plan()


def patterns() -> Tensor:
    """Four grooves that share nothing but their meter."""
    rng = np.random.default_rng(0)
    bars = []
    for groove in range(4):
        places = rng.permutation(16)[:6]
        bars.append([(p / 16, (groove + i) % len(VOICES), 0.4 + 0.1 * i) for i, p in enumerate(places)])
    return torch.stack([pattern_of(bar) for bar in bars])


def test_grooves_are_learnt_and_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grooves, "BATCH", 16)
    torch.manual_seed(0)
    decoder, told = GrooveDecoder(4, hidden=64), list[str]()
    encoder = fit_grooves(decoder, 4, patterns(), 500, 0.02, told.append)
    assert not encoder.training
    with torch.no_grad():
        mean, log_variance = encoder(patterns())
        hits, velocities, _ = decoder.pattern(mean)
    wanted, found = patterns()[..., 0] > 0, hits > 0
    assert (found & wanted).sum() > 0.8 * wanted.sum()
    assert (found & wanted).sum() > 0.8 * found.sum()
    assert (velocities - patterns()[..., 1])[wanted].abs().mean() < 0.15
    assert log_variance.min() < -1, "a posterior that is the prior has learnt nothing"
    assert [line.split(", hits")[0] for line in told] == ["grooves: step 500 of 500"]


def test_augmented_patterns_are_the_old_ones_quantised_thinned_or_turned_by_a_beat() -> None:
    torch.manual_seed(0)
    one = pattern_of([(0.01, 0, 0.9), (0.26, 1, 0.8), (0.5, 2, 0.7), (0.77, 3, 0.6)])
    many = one.expand(400, -1, -1, -1).contiguous()
    found = augmented(many)
    assert torch.equal(many[0], one), "what was given stays as it is"
    straight = one.clone()
    straight[..., 2] = 0
    kinds = {"as it is": 0, "turned": 0}
    for pattern in found:
        for kind, turn in (("as it is", 0), ("turned", STEPS // 4)):
            whole, quantised = one.roll(turn, 1), straight.roll(turn, 1)
            kept = pattern[..., 0].sum(1) > 0
            if any(torch.equal(pattern[kept], x[kept]) for x in (whole, quantised)):
                kinds[kind] += 1
                break
        else:
            pytest.fail("a pattern is something else")
    assert 30 < kinds["turned"] < 90  # of 400, at 15 %
    offsets = found[..., 2].abs().amax((1, 2))
    assert 80 < int((offsets == 0).sum()) < 180  # 30 % quantised
    voices = (found[..., 0].sum(2) > 0).sum(1)
    assert 280 < int((voices == 4).sum()) < 340  # four voices that each stay with 94 %


def kit(tune: float, voices: Sequence[Voice] = VOICES) -> list[npt.NDArray[np.float32]]:
    """A kit of decaying sines, one a voice."""
    shots = []
    for i, voice in enumerate(voices):
        time = np.arange(min(voice.hops * HOP, 12_000)) / SAMPLE_RATE
        hertz = tune * np.sqrt(voice.lowest * voice.highest)
        tone = 0.5 * np.sin(2 * np.pi * hertz * time) * np.exp(-time * (10 + 5 * i))
        shots.append(np.stack([tone, tone], 1).astype(np.float32))
    return shots


def test_stack_pads_and_cuts_and_knows_which_kits_lack_a_voice() -> None:
    long = np.full((VOICES[0].hops * HOP + 99, 2), 0.5, np.float32)
    x, present = stack([[long], [long[:100]], [long[:0]], [0 * long]], 0)
    assert x.shape == (4, 2, VOICES[0].hops * HOP)
    assert present.tolist() == [True, True, False, False]
    assert (x[0] == 0.5).all()
    assert (x[1, :, :100] == 0.5).all()
    assert (x[1, :, 100:] == 0).all()


def test_distance_is_none_to_itself_and_grows_with_noise_and_with_level() -> None:
    x = torch.from_numpy(kit(1.0)[1].T).mean(0, keepdim=True)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0))
    assert distance(x, x).item() == 0
    assert 0 < distance(x + 0.001 * noise, x).item() < distance(x + 0.05 * noise, x).item()
    # Half the level: 6 dB in the log magnitudes that are above the floor, half in the convergence.
    assert 0.5 < distance(0.5 * x, x).item() < 0.5 + np.log10(2)


def test_kits_are_learnt_from_their_one_shots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kits, "time", Clock())
    voices = (VOICES[0], VOICES[3])  # a whole kit would take four times as long
    monkeypatch.setattr(kits, "VOICES", voices)
    torch.manual_seed(0)
    decoder = KitDecoder(voices, bands=8, partials=2, hidden=32)
    whole, lacking = kit(0.9, voices), [kit(1.1, voices)[0], np.zeros((0, 2), np.float32)]

    def mean_distance(encoder: OneShotEncoder) -> float:
        with torch.no_grad():
            decoded = decoder(encoder.kits([whole]).mean)
            each = [distance(y.mean(1), stack([whole], v)[0].mean(1)) for v, y in enumerate(decoded)]
        return float(torch.cat(each).mean())

    before = mean_distance(OneShotEncoder().eval())
    encoder = fit_kits(
        decoder, itertools.cycle([whole, lacking]), seconds(150), 0.004, lambda _: None, batch=1
    )
    assert not encoder.training
    assert mean_distance(encoder) < 0.9 * before
    assert all(torch.isfinite(p).all() for p in decoder.parameters()), "a kit without a voice is no NaN"


def test_lessons_are_bars_with_their_hits_and_kits(plan: Plan) -> None:
    lesson = next(lessons(plan, 3, seed=1, pool=4))
    again = next(lessons(plan, 3, seed=1, pool=4))
    assert torch.equal(lesson.audio, again.audio)
    assert not torch.equal(lesson.audio, next(lessons(plan, 3, seed=2, pool=4)).audio)
    assert lesson.audio.shape == (3, 2, NATIVE_LOOP.frames)
    assert len(lesson.hits) == len(lesson.shots) == 3
    for bar, hits, shots in zip(lesson.audio, lesson.hits, lesson.shots, strict=True):
        assert bar.abs().max() > 0.1
        assert len(shots) == len(VOICES)
        played = {hit.voice for hit in hits}
        assert any(len(shots[voice]) for voice in played)


def test_the_encoder_comes_to_hear_what_its_teachers_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ear, "time", Clock())
    torch.manual_seed(0)
    model = DrumVae(SMALL, NATIVE_LOOP)
    wanted = torch.randn(2, model.latent_dim)
    size = SMALL.groove_dim
    bars = torch.zeros(2, 2, NATIVE_LOOP.frames)
    bars[0, :, :2_000], bars[1, :, 24_000:26_000] = 0.3 * torch.randn(2, 2_000), 0.3 * torch.randn(2, 2_000)
    hits = [[(0.0, v, 0.9, 0) for v in range(8)], [(0.25, v, 0.9, 0) for v in range(8)]]
    lesson = Lesson(bars, hits, [kit(1.0), kit(1.0)])  # type: ignore[arg-type]  # hits as plain tuples

    def teacher(part: slice) -> Posterior:
        return Posterior(wanted[:, part], torch.full_like(wanted[:, part], -4.0))

    def miss() -> float:
        with torch.no_grad():
            return float((model.encoder(bars)[0] - wanted).square().mean())

    frozen = {n: p.clone() for n, p in model.named_parameters() if not n.startswith("encoder.")}
    before, told = miss(), list[str]()
    fit_encoder(
        model,
        itertools.repeat(lesson),
        lambda _: teacher(slice(0, size)),
        lambda _: teacher(slice(size, None)),
        seconds(60),
        told.append,
    )
    assert miss() < 0.7 * before
    assert len(told) == 2
    assert told[0].startswith("encoder: ")
    changed = {n for n, p in model.named_parameters() if n in frozen and not torch.equal(p, frozen[n])}
    assert not changed, "only the encoder learns"


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "small.yaml"
    path.write_text("model: drums\nsettings: {channels: 16, hidden: 32, bands: 12, partials: 2}\n")
    return path


@pytest.fixture
def words(sources: Path, config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command line that is done in a moment."""
    monkeypatch.setattr(cli, "PATTERNS", 8)
    return (
        f"--grooves {sources} --oneshots {sources} --cache {tmp_path}/cache --config {config} "
        "--steps 2 --minutes 0 --encoder-minutes 0"
    ).split()


def test_the_command_leaves_a_run_that_training_can_begin_with(words: list[str], tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert cli.main([*words, "--out", str(out)]) == 0
    run = Run.open(out)
    assert run.geometry == NATIVE_LOOP
    assert isinstance(run.model(), DrumVae)
    assert sorted(p.name for p in out.iterdir()) == ["config.yaml", "model.safetensors"]
    with pytest.raises(SettingError, match="already holds a run"):
        cli.main([*words, "--out", str(out)])
    assert cli.main([*words, "--out", str(out), "--force"]) == 0


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--minutes", "-1"], "--minutes is -1"),
        (["--encoder-minutes", "nan"], "--encoder-minutes is nan"),
        (["--steps", "-5"], "--steps is -5"),
        (["--config", "faces"], "faces configures"),
    ],
)
def test_a_bad_option_is_named(words: list[str], tmp_path: Path, more: list[str], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        cli.main([*words, "--out", str(tmp_path / "run"), *more])
    assert not (tmp_path / "run").exists()


def test_an_unwritable_run_is_told_before_anything_is_learnt(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(cli, "fit_grooves", lambda *_: pytest.fail("it has begun to learn"))
    with pytest.raises(OutputError, match="file/run cannot be made"):
        cli.main([*words, "--out", str(tmp_path / "file" / "run")])
