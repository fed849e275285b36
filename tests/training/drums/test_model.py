"""The drum VAE as a whole."""

import pytest
import torch

from vaesynth.errors import SettingError
from vaesynth.geometry import NATIVE_LOOP, PAPER_LOOP
from vaesynth_training.losses.stft import side_share
from vaesynth_training.model import Batch, Posterior
from vaesynth_training.models.drums import DrumSettings, DrumVae
from vaesynth_training.models.drums.groove import pattern_of
from vaesynth_training.models.drums.memory import MOST
from vaesynth_training.models.drums.place import mixed
from vaesynth_training.models.drums.refinement import refined
from vaesynth_training.models.drums.voices import KIT_DIM, VOICES


@pytest.fixture(scope="module")
def model() -> DrumVae:
    torch.manual_seed(0)
    return DrumVae(DrumSettings(channels=24), NATIVE_LOOP)


def test_groups_cover_the_latents(model: DrumVae) -> None:
    groove, kit = model.latent_groups["groove"], model.latent_groups["kit"]
    assert groove[0] == 0
    assert groove[1] == kit[0]
    assert kit[1] == model.latent_dim == 64


def test_stems_sum_to_a_bar_within_full_scale(model: DrumVae) -> None:
    model.eval()
    with torch.no_grad():
        z = 3 * torch.randn(2, model.latent_dim, generator=torch.Generator().manual_seed(0))
        audio, stems = model.decode(z), model.decode_stems(z)
    assert audio.shape == (2, 2, 96_000)
    assert stems.shape == (2, 8, 2, 96_000)
    torch.testing.assert_close(stems.sum(1), audio, atol=1e-5, rtol=0)
    assert audio.abs().max() <= 1


def test_decoding_is_deterministic_and_ignores_the_rest_of_the_batch(model: DrumVae) -> None:
    model.eval()
    with torch.no_grad():
        z = torch.randn(2, model.latent_dim, generator=torch.Generator().manual_seed(1))
        both = model.decode(z)
        torch.testing.assert_close(both[1:], model.decode(z[1:]), atol=1e-5, rtol=0)
        assert torch.equal(both, model.decode(z))


def test_the_groove_group_does_not_change_the_one_shots() -> None:
    """Nor the kit who plays when, whatever the prior's flows have learnt."""
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP).eval()
    for number in model.prior.parameters():
        torch.nn.init.normal_(number, std=0.3)
    z, other = torch.randn(2, 1, model.latent_dim, generator=torch.Generator().manual_seed(2))
    start, stop = model.latent_groups["groove"]
    swapped = torch.cat([other[:, :stop], z[:, stop:]], 1)

    def parts(z: torch.Tensor) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        w = model.prior.denormalise(z)
        return model.kit_decoder(w[:, stop:]), list(model.groove_decoder(w[:, start:stop]))

    with torch.no_grad():
        (kit, groove), (kit_kept, groove_moved), (_, groove_kept) = map(parts, (z, swapped, other))
        kit_moved = parts(other)[0]
    assert all(map(torch.equal, kit, kit_kept))
    assert all(map(torch.equal, groove_moved, groove_kept))
    assert not any(map(torch.equal, kit, kit_moved))
    assert not all(map(torch.equal, groove, groove_moved))


def test_every_part_of_the_model_learns(model: DrumVae) -> None:
    model.train()
    torch.manual_seed(0)
    x = 0.1 * torch.randn(2, 2, 96_000)
    parts = model.losses(Batch(x, [{"hits": [[0.0, 0, 1.0], [0.25, 1, 0.8]]}, {}]), 10)
    assert all(torch.isfinite(v) for v in parts.values())
    model.zero_grad()
    parts["loss"].backward()
    for name in ("encoder", "groove_decoder", "kit_decoder"):
        gradients = [p.grad for p in model.get_submodule(name).parameters()]
        assert all(g is not None and torch.isfinite(g).all() for g in gradients), name
        assert sum(float(g.abs().sum()) for g in gradients if g is not None) > 0


def test_in_mixed_precision_the_losses_are_the_same() -> None:
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP)
    batch = Batch(0.1 * torch.randn(2, 2, 96_000), [{"hits": [[0.0, 0, 1.0], [0.25, 1, 0.8]]}, {}])

    found = []
    for enabled in (False, True):
        torch.manual_seed(1)
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            parts = model.losses(batch, 10)
        found.append({name: part.detach().float() for name, part in parts.items()})
    torch.testing.assert_close(found[1], found[0], rtol=0.02, atol=1e-3)
    parts["loss"].backward()
    for name in ("encoder", "groove_decoder", "kit_decoder"):
        gradients = [p.grad for p in model.get_submodule(name).parameters()]
        assert all(g is not None and torch.isfinite(g).all() for g in gradients), name


def test_sound_is_placed_exactly_in_mixed_precision_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places and one-shots reach the mix in single precision: bfloat16 knows a place to 8 ms."""
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP)
    found: list[torch.Tensor] = []

    def remember(amplitude: torch.Tensor, place: torch.Tensor, shots: list[torch.Tensor]) -> torch.Tensor:
        found.append(place.detach())
        return mixed(amplitude, place, shots)

    monkeypatch.setattr("vaesynth_training.models.drums.model.mixed", remember)
    x, w = 0.1 * torch.randn(1, 2, 96_000), torch.randn(1, model.latent_dim)
    for enabled in (False, True):
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            model._sound(x, w)
    assert torch.equal(*found)


def test_bars_without_hits_train_on_their_sound_alone(model: DrumVae) -> None:
    parts = model.losses(Batch(0.1 * torch.randn(1, 2, 96_000), [{}]), 0)
    assert "hits" not in parts


def test_while_it_listens_only_bars_without_hits_are_decoded() -> None:
    torch.manual_seed(0)
    settings = DrumSettings(channels=16, hidden=16, bands=8, partials=2, listen_steps=5)
    model = DrumVae(settings, NATIVE_LOOP)
    x = 0.1 * torch.randn(1, 2, 96_000)
    known = Batch(x, [{"hits": [[0.0, 0, 1.0]]}])
    assert "distance" not in (parts := model.losses(known, 4))
    assert {"written_hits", "hits", "onsets"} <= parts.keys()
    assert "distance" in model.losses(known, 5)
    assert "distance" in model.losses(Batch(x, [{}]), 0)


def test_another_geometry_is_refused() -> None:
    with pytest.raises(SettingError, match="geometry"):
        DrumVae(DrumSettings(), PAPER_LOOP)


def test_kits_that_bars_bring_are_learnt_while_it_listens_where_they_are_struck() -> None:
    torch.manual_seed(0)
    settings = DrumSettings(channels=16, hidden=16, bands=8, partials=2, listen_steps=5)
    model = DrumVae(settings, NATIVE_LOOP)
    x = 0.1 * torch.randn(1, 2, 96_000)
    kit = [[1.0] * voice.latent_dim for voice in VOICES]
    far = [kit[0], [9.0] * VOICES[1].latent_dim, *kit[2:]]

    def told(latents: list[list[float]], step: int = 0) -> dict[str, torch.Tensor]:
        record = {"hits": [[0.0, 0, 1.0]], "kit_latents": latents}
        return model.eval().losses(Batch(x, [record]), step)

    parts = told(kit)
    assert parts["kit"] == told(far)["kit"], "the snare is not struck"
    assert parts["kit"] < told([[9.0] * VOICES[0].latent_dim, *kit[1:]])["kit"]
    assert "kit" not in told(kit, step=5)
    model.zero_grad()
    parts["loss"].backward()
    assert model.encoder.voice_heads[0].weight.grad.abs().sum() > 0
    assert model.encoder.voice_heads[1].weight.grad.abs().sum() == 0


def test_the_prior_is_fitted_to_grooves_as_played_and_kits_as_known_and_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP).eval()
    bars, hits = 0.2 * torch.randn(2, 2, NATIVE_LOOP.frames), [[0.0, 0, 0.9], [0.25, 1, 0.8]]
    kit = [[0.5] * voice.latent_dim for voice in VOICES]
    fitted: list[tuple[Posterior, torch.Tensor]] = []

    def fit(groups: list[tuple[Posterior, torch.Tensor]], critics: list[object]) -> None:
        assert critics == [None, None], "one known groove is not enough for a critic"
        fitted.extend(groups)

    monkeypatch.setattr(model.prior, "fit", fit)
    records = [{"file": "0", "hits": hits, "kit_latents": kit}, {"file": "1"}]
    model.settle([Batch(bars, records)], records)
    (groove, _), (kits, _) = fitted
    with torch.no_grad():
        played = pattern_of(hits)[None]
        guess, _ = model.encoder.groove(played)
        expected = refined(model.groove_decoder, played, guess)
        heard = model._found(bars).mean
    dim = model.settings.groove_dim
    torch.testing.assert_close(groove.mean, torch.cat([expected, heard[1:, :dim]]))
    torch.testing.assert_close(kits.mean, torch.cat([torch.full((1, KIT_DIM), 0.5), heard[:, dim:]]))


def test_settling_makes_decoded_bars_as_wide_as_the_training_bars() -> None:
    torch.manual_seed(0)
    model = DrumVae(DrumSettings(channels=16, hidden=16, bands=8, partials=2), NATIVE_LOOP).eval()
    mid, side = 0.2 * torch.randn(2, MOST + 1, NATIVE_LOOP.frames)
    bars = torch.stack([mid + 0.03 * side, mid - 0.03 * side], 1)

    def share() -> float:
        with torch.no_grad():
            return float(side_share(model.decode(model.encode(bars).mean)).mean())

    wanted = float(side_share(bars).mean())
    assert share() < 0.8 * wanted
    model.settle([Batch(bar[None], [{"file": str(i)}]) for i, bar in enumerate(bars)], [])
    assert share() == pytest.approx(wanted, rel=0.05)
