"""Two builds of ONNX Runtime in one folder: the one that lies below is missed, and the way out is told."""

import importlib.metadata

import pytest
import toy_models as toy

from vaesynth import onnx_file, providers


def installed(monkeypatch: pytest.MonkeyPatch, *builds: str) -> None:
    def version(name: str) -> str:
        if name not in builds:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.31"

    monkeypatch.setattr(importlib.metadata, "version", version)


def test_a_graphics_build_that_is_hidden_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "onnxruntime", "onnxruntime-gpu")
    monkeypatch.setattr(providers, "available", lambda: ["cpu"])
    told = providers.overwritten()
    assert told is not None
    assert "pip install --force-reinstall --no-deps onnxruntime-gpu" in told


def test_nothing_is_told_where_it_is_on_top_or_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "onnxruntime-gpu")
    monkeypatch.setattr(providers, "available", lambda: ["cuda", "cpu"])
    assert providers.overwritten() is None
    installed(monkeypatch, "onnxruntime")
    monkeypatch.setattr(providers, "available", lambda: ["cpu"])
    assert providers.overwritten() is None


def test_a_session_says_so_but_not_to_who_asked_for_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "onnxruntime-gpu")
    monkeypatch.setattr(providers, "available", lambda: ["cpu"])
    graph = onnx_file.check(toy.loop_decoder().SerializeToString(), "toy").data
    assert "force-reinstall" in (providers.open_graph(graph, "toy").notice or "")
    assert providers.open_graph(graph, "toy", "cpu").notice is None
