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
    ],
)
def test_a_wrong_setting_is_named(override: str, told: str) -> None:
    with pytest.raises(SettingError) as error:
        parse(TEXT, "t", [override])
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "settings: {}", "model: dense\nextra: 1"])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(SettingError):
        parse(text, "t")


def test_an_absent_file_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(SettingError, match="paper_drums"):
        load("no-such-configuration")
