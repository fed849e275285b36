"""Pretraining: each half of the drum model learns from made-up kits and grooves."""

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
from vaesynth_training.models.drums import DrumVae
from vaesynth_training.models.drums.groove import STEPS, GrooveDecoder, GrooveEncoder, pattern_of
from vaesynth_training.models.drums.kit import KitDecoder
from vaesynth_training.models.drums.prior import Flow
from vaesynth_training.models.drums.voices import HOP, SAMPLE_RATE, VOICES, Voice
from vaesynth_training.pretrain import cli, grooves, kits
from vaesynth_training.pretrain.grooves import augmented, fit_draws, fit_grooves, misheard
from vaesynth_training.pretrain.kits import OneShotEncoder, distance, fit_kits, gather, stack
from vaesynth_training.pretrain.reader import READER
from vaesynth_training.run import Run


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
    monkeypatch.setattr(grooves, "augmented", torch.clone)
    torch.manual_seed(0)
    encoder, decoder, told = GrooveEncoder(20), GrooveDecoder(20, hidden=64), list[str]()
    fit_grooves(encoder, decoder, patterns(), 1_500, 0.02, told.append)
    assert not encoder.training
    with torch.no_grad():
        mean, log_variance = encoder(patterns())
        hits, velocities, _ = decoder.pattern(mean)
    wanted, found = patterns()[..., 0] > 0, hits > 0
    assert (found & wanted).sum() > 0.8 * wanted.sum()
    assert (found & wanted).sum() > 0.8 * found.sum()
    assert (velocities - patterns()[..., 1])[wanted].abs().mean() < 0.15
    assert log_variance.min() < -1, "a posterior that is the prior has learnt nothing"
    assert [line.split(", hits")[0] for line in told] == [
        f"grooves: step {step} of 1500" for step in (500, 1_000, 1_500)
    ]


def test_draws_become_surer_and_grooves_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two grooves that nobody mixes, a decoder that has learnt copies alone is unsure."""
    monkeypatch.setattr(grooves, "BATCH", 32)
    for name, value in {"DRAWS_RATE": 3e-3, "CRITICISM": 60.0, "PRIOR_STEPS": 100}.items():
        monkeypatch.setattr(grooves, name, value)
    monkeypatch.setattr(grooves, "augmented", torch.clone)
    torch.manual_seed(0)
    played = patterns().repeat(50, 1, 1, 1)
    encoder, decoder = GrooveEncoder(20), GrooveDecoder(20, hidden=64)

    def unsure() -> float:
        """Hits a bar that are neither there nor not, of draws of a prior that is fitted anew."""
        torch.manual_seed(1)
        with torch.no_grad():
            mean, log_variance = encoder(played)
            flow = Flow(20)
            flow.fit(mean, (0.5 * log_variance).exp(), torch.full((len(played),), 1 / len(played)), 100)
            logit, _, _ = decoder.pattern(flow(torch.randn(500, 20)))
        return float((logit.sigmoid() * (1 - logit.sigmoid())).sum((1, 2)).mean())

    fit_grooves(encoder, decoder, played, 400, 0.02, print)
    before = unsure()
    fit_draws(encoder, decoder, played, 300, 0.02, print)
    assert unsure() < 0.95 * before
    assert not decoder.training
    with torch.no_grad():
        hits, _, _ = decoder.pattern(encoder(patterns())[0])
    assert ((hits > 0) == (patterns()[..., 0] > 0)).float().mean() > 0.98


def test_augmented_patterns_keep_their_voices_hits_or_borrow_others() -> None:
    torch.manual_seed(0)
    one = pattern_of([(0.01, 0, 0.9), (0.26, 1, 0.8), (0.5, 2, 0.7), (0.77, 3, 0.6)])
    two = pattern_of([(0.125, 4, 0.9), (0.375, 5, 0.8)])
    many = torch.stack([one, two]).repeat(200, 1, 1, 1)
    found = augmented(many)
    assert torch.equal(many[0], one), "what was given stays as it is"
    straight = torch.stack([one, two])
    straight[..., 2] = 0
    known = [x.roll(beats * STEPS // 4, 1) for x in (one, two, *straight) for beats in range(4)]
    for pattern in found:
        for voice in range(len(VOICES)):
            row = pattern[voice]
            assert not row[:, 0].any() or any(torch.equal(row, x[voice]) for x in known)
    offsets = found[::2, :, :, 2].abs().amax((1, 2))
    assert 30 < int((offsets == 0).sum()) < 110  # of 200, 30 % quantised, and some thinned out
    voices = (found[..., 0].sum(2) > 0).float()
    assert (voices[::2, 4:].sum(1) > 0).float().mean() > 0.1, "some borrow"


def test_what_is_misheard_stays_near_what_was_played() -> None:
    torch.manual_seed(0)
    played = patterns().repeat(50, 1, 1, 1)
    heard = misheard(played)
    hit = played[..., 0] > 0
    assert heard.shape == played.shape
    assert 0.6 < heard[..., 0][hit].mean() < 0.95
    assert 0.02 < heard[..., 0][~hit].mean() < 0.2
    assert (heard[..., 0] >= 0).all()
    assert (heard[..., 0] <= 1).all()


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
    monkeypatch.setattr(kits, "BATCH", 2)
    voices = (VOICES[0], VOICES[3])  # a whole kit would take four times as long
    monkeypatch.setattr(kits, "VOICES", voices)
    torch.manual_seed(0)
    decoder = KitDecoder(voices, bands=8, partials=2, hidden=32)
    whole, lacking = kit(0.9, voices), [kit(1.1, voices)[0], np.zeros((0, 2), np.float32)]

    def mean_distance(encoder: OneShotEncoder) -> float:
        with torch.no_grad():
            means = [encoder(v, stack([whole], v)[0]).mean for v in range(len(voices))]
            decoded = decoder(torch.cat(means, 1))
            each = [distance(y.mean(1), stack([whole], v)[0].mean(1)) for v, y in enumerate(decoded)]
        return float(torch.cat(each).mean())

    pool = gather(itertools.cycle([whole, lacking]), 6)
    assert [tuple(of.shape[:2]) for of in pool] == [(6, 1), (3, 2)], "centred, and lacking in every other kit"
    encoder, told = OneShotEncoder(), list[str]()
    before, carriers = mean_distance(encoder.eval()), decoder.synth.carriers.detach().clone()
    fit_kits(decoder, encoder, pool, seconds(250), 0.004, told.append)
    assert not encoder.training
    assert mean_distance(encoder) < 0.9 * before
    assert torch.equal(decoder.synth.carriers, carriers), "all voices share them"
    assert [line.split(",")[0] for line in told] == ["kits: kick"]


def test_a_voice_that_is_not_asked_for_or_never_heard_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kits, "time", Clock())
    monkeypatch.setattr(kits, "BATCH", 2)
    torch.manual_seed(0)
    decoder = KitDecoder(bands=4, partials=1, hidden=8)
    before = {name: value.clone() for name, value in decoder.state_dict().items()}
    silent = [np.zeros((0, 2), np.float32)] * len(VOICES)
    pool = gather(iter([[kit(1.0)[0], kit(1.0)[1], *silent[2:]]] * 2), 9)
    fit_kits(decoder, OneShotEncoder(), pool, seconds(20), 0.004, lambda _: None, voices=(1, 2))
    after = decoder.state_dict()
    assert {name.split(".")[1] for name in after if not torch.equal(after[name], before[name])} == {"1"}


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
        "--steps 2 --minutes 0"
    ).split()


def test_the_command_leaves_a_run_that_training_can_begin_with(words: list[str], tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert cli.main([*words, "--out", str(out)]) == 0
    run = Run.open(out)
    assert run.geometry == NATIVE_LOOP
    assert isinstance(run.model(), DrumVae)
    assert sorted(p.name for p in out.iterdir()) == [
        "config.yaml",
        "model.safetensors",
        "one_shots.safetensors",
    ]
    with pytest.raises(SettingError, match="already holds a run"):
        cli.main([*words, "--out", str(out)])
    assert cli.main([*words, "--out", str(out), "--force"]) == 0
    more = tmp_path / "more"
    assert cli.main([*words, "--steps", "0", "--from", str(out), "--out", str(more)]) == 0
    for name in ("model.safetensors", READER):
        assert (more / name).read_bytes() == (out / name).read_bytes()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--minutes", "-1"], "--minutes is -1"),
        (["--steps", "-5"], "--steps is -5"),
        (["--draws", "-1"], "--draws is -1"),
        (["--config", "faces"], "faces configures"),
        (["--voices", "kick,gong"], "--voices has 'gong'"),
        (["--from", "nowhere"], "nowhere has no config.yaml"),
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
