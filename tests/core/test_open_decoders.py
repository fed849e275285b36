"""Who needs the same model gets the same decoder."""

import gc
import os
import weakref
from pathlib import Path

import numpy as np
import pytest
import toy_models as toy

from vaesynth import providers
from vaesynth.errors import ModelError
from vaesynth.open_decoders import open_decoder, shared


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(providers, "available", lambda: ["cpu"])
    return toy.write(tmp_path / "toy.decoder.onnx", toy.loop_decoder(stems=True))


def test_what_is_open_is_shared_and_let_go_of_with_its_last_user(path: Path) -> None:
    decoder = open_decoder(path, kind="loop")
    assert decoder.provider == "cpu"
    assert shared(path) is decoder
    assert shared(path.parent / "." / path.name, kind="loop") is decoder
    assert open_decoder(path) is decoder
    known = weakref.ref(decoder)
    del decoder
    gc.collect()
    assert known() is None


def test_what_nobody_has_open_is_opened_for_all(path: Path) -> None:
    decoder = shared(path, kind="loop")
    assert decoder.provider == "cpu"
    assert shared(path) is decoder
    assert open_decoder(path, "cpu") is decoder
    assert open_decoder(path) is not decoder, "where the best was asked for, there may be more to tell"


def test_a_file_that_was_replaced_is_another_model(path: Path) -> None:
    before = shared(path)
    other = toy.write(path.parent / "other.onnx", toy.loop_decoder(gain=0.5))
    os.replace(other, path)
    after = shared(path)
    assert after is not before
    assert after.decode_loop(np.ones(4)).stems is None


def test_faults_are_those_of_opening(path: Path) -> None:
    decoder = shared(path)
    with pytest.raises(ModelError, match="kind is loop, expected a model of kind image"):
        shared(path, kind="image")
    assert shared(path) is decoder
    with pytest.raises(ModelError, match=r"none\.onnx"):
        shared(path.parent / "none.onnx")


def test_memory_that_is_given_back_changes_no_loop(path: Path) -> None:
    decoder = shared(path)
    before = decoder.decode_loop(np.ones(4)).audio
    decoder.give_back()
    np.testing.assert_array_equal(decoder.decode_loop(np.ones(4)).audio, before)
