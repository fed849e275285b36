"""Configurations: read, checked, written."""

import dataclasses

import pytest

from vaesynth.errors import SettingError
from vaesynth.geometry import LoopGeometry
from vaesynth_training import configuration
from vaesynth_training.configuration import TrainingConfig, dump, load, parse

TEXT = "model: dense\nsettings: {latent_dim: 3, hidden: [8]}\noptimiser: {learning_rate: 1e-4}\n"


@pytest.mark.parametrize("name", configuration.names())
def test_built_in_configurations_are_valid_and_survive_a_round_trip(name: str) -> None:
    config = load(name)
    assert parse(dump(config), name) == config


def test_geometry_is_kept() -> None:
    config = dataclasses.replace(parse(TEXT, "t"), geometry=LoopGeometry(frames=480))
    assert parse(dump(config), "t").geometry == LoopGeometry(frames=480)


def test_numbers_and_lists_become_their_fields_types() -> None:
    config = parse(TEXT, "t", ["training.minutes=3", "settings.kl.beta=2"])
    assert config.optimiser.learning_rate == 1e-4  # YAML 1.1 itself reads a text here
    assert config.settings.hidden == (8,)
    assert config.settings.kl.beta == 2.0
    assert config.training.minutes == 3.0
    assert config.training.batch_size == TrainingConfig().batch_size


@pytest.mark.parametrize(
    ("override", "told"),
    [
        ("training.batch_size=0", "training.batch_size is 0, expected at least 1"),
        ("training.batch_size=many", "training.batch_size is 'many', expected a whole number"),
        ("training.batch=1", "training.batch is unknown"),
        ("optimiser.schedule=linear", "expected one of cosine, constant"),
        ("optimiser.betas=[0.9]", "expected a list of 2"),
        ("settings.latent=1", "settings.latent is unknown"),
        ("model=nothing", "model is 'nothing', expected one of"),
        ("nothing", "expected key=value"),
        ("model.name=1", "model has no parts"),
        ("training.seed=[", "no YAML value"),
        ("training.seed=-1", "training.seed is -1, expected 0 to 4294967295"),
        ("training.seed=4294967296", "training.seed is 4294967296"),
        ("training.previews=-1", "training.previews is -1, expected at least 0"),
        ("training.validation_items=0", "training.validation_items is 0, expected at least 1"),
        ("training.encoded_items=0", "training.encoded_items is 0, expected at least 1"),
        ("training.balance=.nan", "training.balance is nan, expected 0 to 10"),
        ("optimiser.learning_rate=.inf", "optimiser.learning_rate is inf, expected more than 0"),
        ("optimiser.adversary_learning_rate=-1", "optimiser.adversary_learning_rate is -1.0"),
        ("optimiser.betas=[0.9, 1]", "optimiser.betas is 1.0, expected 0 to below 1"),
        ("optimiser.weight_decay=-1", "optimiser.weight_decay is -1.0"),
        ("settings.deviation=.nan", "settings: deviation is nan, expected a finite number, more than 0"),
        ("settings.hidden=[8, 0]", "settings: hidden is (8, 0), expected a finite number, at least 1"),
        ("settings.latent_dim=0", "settings: latent_dim is 0"),
        ("settings.kl.beta=-1", "settings.kl: beta is -1.0, expected a finite number, at least 0"),
        ("settings.kl.free_nats=.nan", "settings.kl: free_nats is nan"),
        ("settings.kl.warm_up_steps=-1", "settings.kl: warm_up_steps is -1"),
    ],
)
def test_a_wrong_setting_is_named(override: str, told: str) -> None:
    with pytest.raises(SettingError) as error:
        parse(TEXT, "t", [override])
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "setting", "told"),
    [
        ("drums", "groove_dim=16", "groove_dim is 16, expected a finite number, at least 17"),
        ("drums", "channels=0", "channels is 0"),
        ("drums", "decoded=0", "decoded is 0"),
        ("drums", "resolutions=6", "resolutions is 6, expected 1 to 5"),
        ("drums", "rotated=1.5", "rotated is 1.5, expected 0 to 1"),
        ("drums", "recoloured=.nan", "recoloured is nan"),
        ("drums", "kl_weight=-1", "kl_weight is -1.0"),
        ("drums", "hits_weight=.inf", "hits_weight is inf"),
        ("drums_istft", "resolutions=0", "resolutions is 0"),
        ("faces", "prior_deviation=0", "prior_deviation is 0.0, expected a finite number, more than 0"),
        ("faces", "penalty_every=0", "penalty_every is 0"),
        ("pca", "rounds=-1", "rounds is -1"),
    ],
)
def test_each_model_knows_the_ranges_of_its_settings(name: str, setting: str, told: str) -> None:
    with pytest.raises(SettingError) as error:
        load(name, [f"settings.{setting}"])
    assert f"{name}: settings: {told}" in str(error.value)


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "settings: {}", "model: dense\nextra: 1"])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        parse(text, "t")


def test_an_absent_file_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingError, match="paper_drums"):
        load("no-such-configuration")
