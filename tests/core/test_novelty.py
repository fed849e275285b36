"""Distance to the nearest training loop."""

import numpy as np
import pytest
import toy_models

from vaesynth.metadata import check
from vaesynth.novelty import Neighbourhood


def neighbourhood(points: dict[str, list[float]], std: list[float]) -> Neighbourhood:
    examples = [{"name": n, "z": z, "x": 0.0, "y": 0.0, "licence": "CC0-1.0"} for n, z in points.items()]
    return Neighbourhood(check(toy_models.metadata(examples=examples, latent_std=std), "toy"))


def test_nearest_is_found_in_deviations_and_scaled_by_the_usual_distance() -> None:
    near = neighbourhood({"a": [0, 0, 0, 0], "b": [4, 0, 0, 0]}, [1, 1, 1, 10])
    at_b = near.nearest(np.array([4, 0, 0, 0], np.float32))
    assert (at_b.name, at_b.distance) == ("b", 0)
    beside = near.nearest(np.array([1, 0, 0, 10], np.float32))
    assert beside.name == "a"
    assert beside.distance == pytest.approx(2**0.5 / 4)


def test_model_without_examples_has_no_neighbours() -> None:
    assert neighbourhood({}, [1, 1, 1, 1]).nearest(np.zeros(4, np.float32)) is None


def test_one_example_is_measured_by_the_posterior() -> None:
    one = neighbourhood({"a": [0, 0, 0, 0]}, [2, 2, 2, 2])
    assert one.nearest(np.full(4, 2, np.float32)).distance == pytest.approx(1)


def test_a_latent_of_another_model_has_no_neighbours() -> None:
    assert neighbourhood({"a": [0, 0, 0, 0]}, [1, 1, 1, 1]).nearest(np.zeros(64, np.float32)) is None
