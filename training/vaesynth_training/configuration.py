"""A training run's configuration: frozen dataclasses, read from and written to YAML.

A file has four parts: `model` (a name registered in `models/__init__.py`), `settings` (the fields of that
model's own dataclass), `optimiser` and `training`. What a file leaves out has the defaults below. A run
keeps its whole configuration in RUN/config.yaml, with the `geometry` of the data it was trained on.
"""

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import yaml

from vaesynth.errors import SettingError
from vaesynth.geometry import ImageGeometry, LoopGeometry

from .models import settings_class

CONFIGS = Path(__file__).with_name("configs")
Geometry = LoopGeometry | ImageGeometry
T = TypeVar("T")


@dataclass(frozen=True)
class OptimiserConfig:
    """AdamW and its learning rate.

    Attributes:
        learning_rate: peak rate of the model's parameters.
        adversary_learning_rate: peak rate of the discriminator's, where the model has one.
        warm_up_steps: steps over which the rate rises linearly from 0.
        schedule: `cosine` falls from the peak to `final_factor` × peak over the budget; `constant` stays.
        final_factor: end of the cosine, as a share of the peak.
        betas: decay of the first and second moment.
        weight_decay: decoupled weight decay.
        gradient_clip: largest norm of a gradient; longer ones are scaled down to it.
    """

    learning_rate: float = 3e-4
    adversary_learning_rate: float = 2e-4
    warm_up_steps: int = 100
    schedule: Literal["cosine", "constant"] = "cosine"
    final_factor: float = 0.05
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.0
    gradient_clip: float = 1.0


@dataclass(frozen=True)
class TrainingConfig:
    """Budget, data stream and habits of a run. The run ends at whichever of the budgets is spent first.

    Attributes:
        minutes, steps, epochs: budgets; an epoch is as many items as the training split has. At least one is
            needed.
        clock: what `minutes` are of: the `wall`, or this process's `processor` time, for a fair comparison on
            a machine that others use, too.
        batch_size: items a step on each device.
        balance: of several data sets: a set's share is like its number of items to this power (1 as they
            come, 0 equal).
        seed: of weights, sampling noise and the order of the data.
        precision: `32`, or `bf16` for mixed precision with bfloat16.
        ema_decay: of the running mean of the weights, which is what is evaluated and exported; 0 keeps the
            weights.
        workers: processes that read and decode data; 0 reads in the training process.
        shuffle_items: items held (undecoded) to be drawn from at random.
        log_steps: steps between entries of the logs.
        checkpoint_minutes, validate_minutes: training time between checkpoints and between validations.
        validation_items: at most this many items of the validation split are used during training.
        previews: items heard or seen in TensorBoard at each validation.
        encoded_items: at most this many items of each split are encoded when training ends: for the prior,
            the latent plane and the scores.
    """

    minutes: float | None = None
    steps: int | None = None
    epochs: int | None = None
    clock: Literal["wall", "processor"] = "wall"
    batch_size: int = 8
    balance: float = 0.5
    seed: int = 0
    precision: Literal["32", "bf16"] = "32"
    ema_decay: float = 0.999
    workers: int = 0
    shuffle_items: int = 512
    log_steps: int = 10
    checkpoint_minutes: float = 3.0
    validate_minutes: float = 5.0
    validation_items: int = 64
    previews: int = 4
    encoded_items: int = 2_000


@dataclass(frozen=True)
class Configuration:
    """The whole of a run's configuration; `geometry` is that of the data and known once the data are."""

    model: str
    settings: Any
    optimiser: OptimiserConfig = field(default_factory=OptimiserConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    geometry: Geometry | None = None


def parse(text: str, where: str, overrides: Sequence[str] = ()) -> Configuration:
    """Configuration from YAML text.

    Args:
        text: the YAML.
        where: the file's name, for messages.
        overrides: `key=value` with dotted keys such as `optimiser.learning_rate=1e-4`; values are YAML.

    Raises:
        SettingError: a key is unknown, a value has another type than its field or is out of range.
    """
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as e:
        raise SettingError(f"{where} is no YAML ({' '.join(str(e).split())})") from e
    if not isinstance(values, dict):
        raise SettingError(
            f"{where} holds {type(values).__name__}, expected model, settings, optimiser and training"
        )
    for override in overrides:
        _set(values, override)
    return from_values(values, where)


def from_values(values: Mapping[str, Any], where: str) -> Configuration:
    """Configuration from plain values, as `parse` gives them. Raises as `parse` does."""
    known = [f.name for f in dataclasses.fields(Configuration)]
    for key in values:
        if key not in known:
            raise SettingError(f"{where}: {key} is unknown, expected one of {', '.join(known)}")
    name = values.get("model")
    if not isinstance(name, str):
        raise SettingError(f"{where}: model is {name!r}, expected the name of a model")
    geometry = values.get("geometry")
    if isinstance(geometry, dict):
        kind: type[Geometry] = ImageGeometry if "height" in geometry else LoopGeometry
        geometry = _build(kind, geometry, f"{where}: geometry")
    configuration = Configuration(
        name,
        _build(settings_class(name), values.get("settings") or {}, f"{where}: settings"),
        _build(OptimiserConfig, values.get("optimiser") or {}, f"{where}: optimiser"),
        _build(TrainingConfig, values.get("training") or {}, f"{where}: training"),
        geometry,
    )
    _check(configuration, where)
    return configuration


def load(name_or_path: str, overrides: Sequence[str] = ()) -> Configuration:
    """The configuration of a built-in name (`names()`) or of a YAML file; raises as `parse` does."""
    path = CONFIGS / f"{name_or_path}.yaml" if name_or_path in names() else Path(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise SettingError(
            f"configuration {name_or_path} is neither a readable file nor one of {', '.join(names())}"
        ) from e
    return parse(text, name_or_path, overrides)


def names() -> list[str]:
    """Names of the built-in configurations."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def dump(configuration: Configuration) -> str:
    """The configuration as YAML; `parse` gives it back."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items()}
        return [plain(v) for v in value] if isinstance(value, list | tuple) else value

    return yaml.safe_dump(plain(dataclasses.asdict(configuration)), sort_keys=False, allow_unicode=True)


def with_overrides(configuration: Configuration, overrides: Sequence[str]) -> Configuration:
    """A copy with some `key=value` changed. Raises as `parse` does."""
    return parse(dump(configuration), "--set", overrides) if overrides else configuration


def _set(values: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    *parents, key = path.strip().split(".")
    if not equals or not key:
        raise SettingError(f"--set {override}: expected key=value, such as optimiser.learning_rate=1e-4")
    for parent in parents:
        if values.get(parent) is None:
            values[parent] = {}
        values = values[parent]
        if not isinstance(values, dict):
            raise SettingError(f"--set {override}: {parent} has no parts")
    try:
        values[key] = yaml.safe_load(text)
    except yaml.YAMLError as e:
        raise SettingError(f"--set {override}: {text} is no YAML value") from e


def _build(cls: type[T], values: Any, where: str) -> T:
    """A dataclass from a mapping, each value converted to its field's type."""
    if not isinstance(values, Mapping):
        raise SettingError(f"{where} is {values!r}, expected key: value lines")
    hints = get_type_hints(cls)
    known = [f.name for f in dataclasses.fields(cast(Any, cls))]
    for key in values:
        if key not in known:
            raise SettingError(f"{where}.{key} is unknown, expected one of {', '.join(known)}")
    try:
        return cls(**{key: _convert(value, hints[key], f"{where}.{key}") for key, value in values.items()})
    except ValueError as e:  # a dataclass may check its own ranges in __post_init__
        raise SettingError(f"{where}: {e}") from e


def _convert(value: Any, hint: Any, where: str) -> Any:
    """`value` as the type that `hint` names."""
    origin, arguments = get_origin(hint), get_args(hint)

    def fail(expected: str) -> SettingError:
        return SettingError(f"{where} is {value!r}, expected {expected}")

    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _convert(value, next(a for a in arguments if a is not type(None)), where)
    if origin is Literal:
        match = [a for a in arguments if str(a) == str(value)]
        if not match:
            raise fail(f"one of {', '.join(map(str, arguments))}")
        return match[0]
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise fail("a list")
        inner = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(inner) != len(value):
            raise fail(f"a list of {len(inner)}")
        return tuple(_convert(v, a, where) for v, a in zip(value, inner, strict=True))
    if origin is dict:
        if not isinstance(value, dict):
            raise fail("key: value lines")
        return {str(k): _convert(v, arguments[1], f"{where}.{k}") for k, v in value.items()}
    if dataclasses.is_dataclass(hint):
        return _build(cast(type, hint), value, where)
    if hint is float and isinstance(value, str):  # YAML 1.1 reads 1e-4 as a text
        try:
            return float(value)
        except ValueError:
            raise fail("a number") from None
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if hint in (int, bool, str) and type(value) is hint:
        return value
    raise fail(
        {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}.get(hint, str(hint))
    )


def _check(c: Configuration, where: str) -> None:
    """Ranges that no field's type can express."""
    o, t = c.optimiser, c.training
    budget = (("minutes", t.minutes), ("steps", t.steps), ("epochs", t.epochs))
    rules: list[tuple[str, float | int | None, bool, str]] = [
        *((f"training.{name}", value, value is None or value > 0, "more than 0") for name, value in budget),
        ("training.seed", t.seed, 0 <= t.seed < 2**32, f"0 to {2**32 - 1}"),
        ("training.balance", t.balance, 0 <= t.balance <= 10, "0 to 10"),
        ("training.previews", t.previews, t.previews >= 0, "at least 0"),
        ("training.validation_items", t.validation_items, t.validation_items >= 1, "at least 1"),
        ("training.encoded_items", t.encoded_items, t.encoded_items >= 1, "at least 1"),
        ("training.batch_size", t.batch_size, t.batch_size >= 1, "at least 1"),
        ("training.workers", t.workers, 0 <= t.workers <= 256, "0 to 256"),
        ("training.log_steps", t.log_steps, t.log_steps >= 1, "at least 1"),
        ("training.shuffle_items", t.shuffle_items, t.shuffle_items >= 1, "at least 1"),
        ("training.ema_decay", t.ema_decay, 0 <= t.ema_decay < 1, "0 to below 1"),
        ("training.checkpoint_minutes", t.checkpoint_minutes, t.checkpoint_minutes > 0, "more than 0"),
        ("training.validate_minutes", t.validate_minutes, t.validate_minutes > 0, "more than 0"),
        *(
            (f"optimiser.{name}", value, 0 < value < math.inf, "more than 0, and finite")
            for name, value in (
                ("learning_rate", o.learning_rate),
                ("adversary_learning_rate", o.adversary_learning_rate),
            )
        ),
        *(("optimiser.betas", beta, 0 <= beta < 1, "0 to below 1") for beta in o.betas),
        ("optimiser.weight_decay", o.weight_decay, 0 <= o.weight_decay < math.inf, "0 or more, and finite"),
        ("optimiser.gradient_clip", o.gradient_clip, o.gradient_clip > 0, "more than 0"),
        ("optimiser.final_factor", o.final_factor, 0 <= o.final_factor <= 1, "0 to 1"),
        ("optimiser.warm_up_steps", o.warm_up_steps, o.warm_up_steps >= 0, "at least 0"),
    ]
    for name, value, good, expected in rules:
        if not good:
            raise SettingError(f"{where}: {name} is {value}, expected {expected}")
