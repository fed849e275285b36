"""The examples' map from pad, macros and locks to z is the instrument's own."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vaesynth import metadata
from vaesynth.latent_controls import LatentControls
from vaesynth.models import find
from vaesynth.onnx_file import read

EXAMPLES = Path(__file__).parents[2] / "examples"
SCRIPT = f"""
import {{ readFileSync }} from 'node:fs';
import {{ LatentMap }} from {json.dumps((EXAMPLES / "format/latent_map.mjs").as_uri())};
const {{ meta, calls }} = JSON.parse(readFileSync(0));
const map = new LatentMap(meta);
const found = calls.map(({{ x, y, macros, lock }}) => {{
  const held = lock && {{ group: lock.group, z: map.latent(lock.x, lock.y, macros) }};
  return Array.from(map.latent(x, y, macros, held));
}});
console.log(JSON.stringify(found));
"""


def drums() -> dict[str, Any]:
    return dict(json.loads(read(find("drums")).metadata["vaesynth"]))


def plane() -> dict[str, Any]:
    """The same instrument with a plane in place of its grid."""
    values = drums()
    origin, x_axis, y_axis = np.random.default_rng(1).standard_normal((3, values["latent_dim"])).tolist()
    return values | {"pad": {"origin": origin, "x_axis": x_axis, "y_axis": y_axis}}


def wide_grid() -> dict[str, Any]:
    """Three rows and five columns, so that none can be taken for the other."""
    values = drums()
    nodes = np.random.default_rng(2).standard_normal((3, 5, values["latent_dim"])).astype("<f4")
    text = base64.b64encode(nodes.tobytes()).decode()
    return values | {"pad": {"grid": {"rows": 3, "columns": 5, "float32": text}}}


@pytest.mark.parametrize("make", [drums, plane, wide_grid])
def test_every_position_gives_the_latent_that_python_gives(node: str, make: Any) -> None:
    values = make()
    m = metadata.check(values, "drums")
    first, group = m.values["macros"][0], next(iter(m.latent_groups))
    rng = np.random.default_rng(0)
    places = [*rng.uniform(-1, 1, (20, 2)).tolist(), [-1, -1], [1, 1], [1, -1], [0, 0], [1.5, -3]]
    calls, wanted = [], []
    for i, (x, y) in enumerate(places):
        macros = {first["name"]: first["max"]} if i % 2 else {}
        lock = {"group": group, "x": 0.4, "y": -0.2} if i % 3 else None
        calls.append({"x": x, "y": y, "macros": macros, "lock": lock})
        controls = LatentControls(m, 0.4, -0.2, macros)
        wanted.append((controls.with_lock(group) if lock else controls).at(x, y).latent())
    done = subprocess.run(
        [node, "--input-type=module", "-e", SCRIPT],
        input=json.dumps({"meta": values, "calls": calls}),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    np.testing.assert_allclose(json.loads(done.stdout), wanted, atol=1e-5)
