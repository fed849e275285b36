"""Play the bundled drums in every host of this repository, and print the table of docs/hosts.md.

    python bench/hosts.py [--screenshot FILE.png]

For each host: whether it loads the file, the largest difference from Python's decode on the CPU, how many
seconds of sound it makes in a second (its fastest decode, since other work on the machine only ever slows one
down), and the provider. Needs node, npm and chromium; a host whose tools are not there is named as such.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from vaesynth.decoder import Decoder
from vaesynth.models import find

EXAMPLES = Path(__file__).parents[1] / "examples"
Row = tuple[str, str, float, float, str]
"""Host, how it was run, largest difference, real-time factor, provider."""


def python(model: Path, seconds: float) -> Row:
    """This very package; the difference is that between two sessions."""
    decoder, other = Decoder.open(model), Decoder.open(model)
    z = decoder.metadata.pad.point(0.3, -0.5)
    apart = np.abs(decoder.decode_loop(z).audio - other.decode_loop(z).audio).max()
    factor = seconds / fastest(lambda: decoder.decode_loop(z))
    return ("Python, `vaesynth`", "`vaesynth play`", float(apart), factor, decoder.provider)


def bare(model: Path, seconds: float) -> Row:
    """ONNX Runtime without any of our code, as docs/format.md describes it in ten lines."""
    import base64

    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    meta = json.loads(session.get_modelmeta().custom_metadata_map["vaesynth"])
    entry = meta["pad"]["grid"]
    grid = np.frombuffer(base64.b64decode(entry["float32"]), "<f4")
    grid = grid.reshape(entry["rows"], entry["columns"], -1)
    r, c = (-0.5 + 1) / 2 * (entry["rows"] - 1), (0.3 + 1) / 2 * (entry["columns"] - 1)
    i, j = int(r), int(c)
    r, c = r - i, c - j
    z = (1 - r) * ((1 - c) * grid[i, j] + c * grid[i, j + 1])
    z = z + r * ((1 - c) * grid[i + 1, j] + c * grid[i + 1, j + 1])
    latent = {"z": z[None].astype(np.float32)}
    (audio,) = session.run(["audio"], latent)
    apart = float(np.abs(audio[0].T - reference(model, 0.3, -0.5)).max())
    factor = seconds / fastest(lambda: session.run(["audio"], latent))
    return ("Python, ONNX Runtime alone", "[format.md](format.md)", apart, factor, "cpu")


def node(model: Path, seconds: float) -> Row:
    """examples/node."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "loop.wav"
        facts = ["--x", "0.3", "--y", "-0.5", "--runs", "15", "--json"]
        command = [need("node", "nodejs"), "render.mjs", str(model), *facts, "--out", str(out)]
        report = json.loads(output(command, packages("node")))
        audio, _ = soundfile.read(out, dtype="float32")
    apart = float(np.abs(audio - reference(model, 0.3, -0.5)).max())
    return ("Node, onnxruntime-node", "`examples/node`", apart, report["real_time_factor"], "cpu")


def web(model: Path, seconds: float, screenshot: Path | None = None) -> Row:
    """examples/web in headless Chromium; the difference is that of what its AudioWorklet put out."""
    site = packages("web")
    output([need("node", "nodejs"), "build.mjs"], site)
    browser = need("chromium", "chromium-browser", "google-chrome")
    with tempfile.TemporaryDirectory() as folder:
        command = [need("node", "nodejs"), "test/play.mjs", folder, browser]
        output(command, site)
        report = json.loads((Path(folder) / "report.json").read_text())
        if screenshot:
            shutil.copyfile(Path(folder) / "page.png", screenshot)
        heard = np.fromfile(Path(folder) / "out.f32", "<f4").reshape(-1, 2)
    wanted = reference(model, *report["second"])
    heard = heard[-len(wanted) :]
    turn = np.fft.irfft(np.fft.rfft(heard[:, 0]).conj() * np.fft.rfft(wanted[:, 0]), len(wanted)).argmax()
    apart = float(np.abs(heard - np.roll(wanted, -int(turn), 0)).max())
    factor = seconds / (min(report["times"]) / 1000)
    provider = "WebGPU" if report["status"].startswith("WebGPU") else "WebAssembly, SIMD, one thread"
    return ("Chromium, onnxruntime-web", "`examples/web`", apart, factor, provider)


def foreign(model: Path, seconds: float) -> Row:
    """The other way round: a decoder that this project did not export, in this package."""
    from onnx import TensorProto, helper, numpy_helper, save

    rate, frames = 44_100, 88_200
    time_axis = np.arange(frames, dtype=np.float32) / rate
    tones = np.stack([np.sin(2 * np.pi * f * time_axis) for f in (110, 220, 330, 440)]).astype(np.float32) / 4
    graph = helper.make_graph(
        [
            helper.make_node("Tanh", ["latents"], ["levels"]),
            helper.make_node("MatMul", ["levels", "tones"], ["waveform"]),
        ],
        "theirs",
        [helper.make_tensor_value_info("latents", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["batch", frames])],
        [numpy_helper.from_array(tones, "tones")],
    )
    with tempfile.TemporaryDirectory() as folder:
        theirs, out = Path(folder) / "theirs.onnx", Path(folder) / "loop.wav"
        save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), theirs)
        command = [sys.executable, "-m", "vaesynth", "render", "--model", str(theirs), "--out", str(out)]
        command += ["--sample-rate", str(rate), "--beats", "4", "--x", "0.5", "--y", "0"]
        begin = time.perf_counter()
        output(command)
        taken = time.perf_counter() - begin
        audio, _ = soundfile.read(out, dtype="float32", always_2d=True)
    z = np.array([[1.0, 0, 0, 0]], np.float32)  # the pad spans the first two latents from -2 to 2
    wanted = (np.tanh(z) @ tones)[0]
    apart = float(np.abs(audio[:frames, 0] - wanted[: len(audio)]).max())
    factor = frames / rate / taken  # of the whole command, start-up included
    return ("`vaesynth`, a decoder of another tool", "[foreign.md](foreign.md)", apart, factor, "cpu")


def packages(example: str) -> Path:
    """An example's folder, with its npm packages installed."""
    folder = EXAMPLES / example
    if not (folder / "node_modules").is_dir():
        output([need("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
    return folder


def reference(model: Path, x: float, y: float) -> NDArray[np.float32]:
    """Python's decode at a pad position."""
    decoder = Decoder.open(model, "cpu")
    return decoder.decode_loop(decoder.metadata.pad.point(x, y)).audio


def fastest(decode: Callable[[], object], runs: int = 15) -> float:
    """Seconds that the fastest of some runs took."""
    times = []
    for _ in range(runs):
        time.sleep(0.05)  # as a player does: a process that has rested gets its turn at once
        begin = time.perf_counter()
        decode()
        times.append(time.perf_counter() - begin)
    return min(times)


def output(command: list[str], folder: Path | None = None) -> str:
    """What a program prints."""
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def need(*names: str) -> str:
    """A program under one of its names."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise FileNotFoundError(f"{names[0]} is not installed")


def rows(model: Path, screenshot: Path | None) -> Iterator[tuple[str, Row | str]]:
    """Each host's name with its row, or why there is none."""
    facts = Decoder.open(model).metadata.values
    seconds = facts["frames"] / facts["sample_rate"]
    hosts: dict[str, Callable[[], Row]] = {
        "Python": lambda: python(model, seconds),
        "ONNX Runtime": lambda: bare(model, seconds),
        "Node": lambda: node(model, seconds),
        "Chromium": lambda: web(model, seconds, screenshot),
        "a decoder of another tool": lambda: foreign(model, seconds),
    }
    for name, host in hosts.items():
        try:
            yield name, host()
        except FileNotFoundError as error:
            yield name, str(error)
        except subprocess.CalledProcessError as error:
            lines = [line.strip() for line in error.stderr.splitlines()]
            told = [line for line in lines if "Error" in line or "exceeded" in line]
            yield name, told[0] if told else f"it ended with {error.returncode}"


def main() -> int:
    """Print the table; 1 where a host fails."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--screenshot", type=Path, help="keep a picture of the page here")
    options = parser.parse_args()
    print("| host | run by | loads | largest difference | real-time factor | provider |")
    print("|---|---|---|---|---|---|")
    bad = 0
    for host, row in rows(find("drums"), options.screenshot):
        if isinstance(row, str):
            print(f"| {host} | – | no: {row} | – | – | – |", flush=True)
            bad = 1
        else:
            name, how, apart, factor, provider = row
            speed = f"{factor:.1f}" if factor < 10 else f"{factor:.0f}"
            print(f"| {name} | {how} | yes | {apart:.1e} | {speed} | {provider} |", flush=True)
    print(f"\nOn {os.cpu_count()} cores, with {os.getloadavg()[0]:.0f} processes at work when it ended.")
    return bad


if __name__ == "__main__":
    raise SystemExit(main())
