"""How faces come into one shape: displacements, congealing, the cascade, the appearance model."""

import pytest

pytest.importorskip("torch")

import torch
from torch import Tensor

from vaesynth_training.models.faces.appearance import AppearanceModel
from vaesynth_training.models.faces.cascade import Cascade
from vaesynth_training.models.faces.congealing import NODES, SIDE, congeal, importance, mirrored
from vaesynth_training.models.faces.warp import Field, inverse, look_up, pixels


def rings(items: int, seed: int = 0) -> Tensor:
    """Bright faces with two dark eyes on grey, somewhere near the middle, of different size and colour."""
    torch.manual_seed(seed)
    at = pixels(SIDE)[0]
    out = []
    for _ in range(items):
        centre, size = 0.1 * torch.randn(2), 1 + 0.08 * torch.randn(1)
        here = (at - centre) / size
        face = torch.sigmoid(20 * (0.6 - here.norm(dim=2)))
        eyes = sum(
            torch.exp(-((here - torch.tensor([x, -0.15])).norm(dim=2) ** 2) / 0.01) for x in (-0.25, 0.25)
        )
        colour = 0.55 + 0.35 * torch.rand(3, 1, 1)
        out.append(0.3 + (colour - 0.3) * face - 0.5 * face * eyes)
    return torch.stack(out).clamp(0, 1)


@pytest.mark.parametrize("side", [64, 128])
def test_a_field_of_no_displacement_leaves_the_image(side: int) -> None:
    x = torch.rand(2, 3, side, side)
    same = look_up(x, Field(5, side)(torch.zeros(2, 2, 5, 5)))
    assert torch.allclose(same, x, atol=1e-4)


def test_a_field_passes_through_its_nodes_and_keeps_straight_lines() -> None:
    """Catmull-Rom: a displacement that is linear in the place stays so away from the edge."""
    nodes = torch.linspace(-1, 1, 9)
    stretched = 0.1 * torch.stack(torch.meshgrid(nodes, nodes, indexing="xy"))[None]
    inner = slice(8, -8)
    where = Field(9, 64)(stretched)[0, inner, inner]
    assert torch.allclose(where, 1.1 * pixels(64)[0, inner, inner], atol=1e-5)


def test_a_displacement_by_so_many_pixels_looks_up_there() -> None:
    x = torch.rand(1, 3, 64, 64)
    nodes = torch.zeros(1, 2, 9, 9)
    nodes[:, 0] = 2 * 5 / 64  # five pixels to the right
    moved = look_up(x, Field(9, 64)(nodes))
    assert torch.allclose(moved[..., :-5], x[..., 5:], atol=1e-4)


def test_the_inverse_undoes_a_field() -> None:
    torch.manual_seed(0)
    nodes = 0.04 * torch.randn(3, 2, 5, 5)
    there = Field(5, 64)(nodes)
    back = Field(17, 64)(inverse(nodes, 17))
    again = look_up(there.permute(0, 3, 1, 2), back).permute(0, 2, 3, 1)
    inner = slice(8, -8)
    left = (again - pixels(64))[:, inner, inner].abs().max()
    assert left < 0.1 * (there - pixels(64)).abs().max()


def spread(x: Tensor) -> float:
    """How much pictures differ on the face."""
    grey = x.mean(1)
    return float(((grey - grey.mean(0)).square() * importance()).mean())


def moved(x: Tensor, nodes: Tensor) -> Tensor:
    return look_up(x, Field(NODES, SIDE)(nodes))


def test_congealing_lays_faces_on_one_another() -> None:
    x = rings(24)
    x = x / x.mean((1, 2, 3), keepdim=True) * 0.5  # differences of place, not of brightness
    nodes = congeal(x)
    assert nodes.shape == (48, 2, NODES, NODES)
    assert torch.allclose(nodes[24:], mirrored(nodes[:24]), atol=1e-5)
    assert (nodes[..., 0, :] == 0).all()
    assert spread(moved(x, nodes[:24])) < 0.75 * spread(x)


def test_the_cascade_hears_where_unseen_faces_lie() -> None:
    x, unseen = rings(40), rings(12, 1)
    both = torch.cat([x, x.flip(3)])
    torch.manual_seed(2)
    cascade = Cascade()
    assert (cascade(unseen) == 0).all()
    cascade.fit(both, congeal(x))
    evened = unseen / unseen.mean((1, 2, 3), keepdim=True) * 0.5
    with torch.no_grad():
        assert spread(moved(evened, cascade(unseen))) < 0.8 * spread(evened)


def test_half_way_between_two_places_is_one_face_there() -> None:
    """A sum of pixels would show both faces at half strength."""
    x = rings(60)
    torch.manual_seed(3)
    model = AppearanceModel(12)
    model.fit(x)
    pair = x[[int(x[:, :, :, :32].mean((1, 2, 3)).argmax()), int(x[:, :, :, 32:].mean((1, 2, 3)).argmax())]]
    with torch.no_grad():
        z, _ = model.encode(pair)
        texture, nodes = model.decode(z.mean(0, keepdim=True))
        between = look_up(texture, Field(nodes.shape[-1], SIDE)(nodes))
    darkest = between[0].mean(0)[16:40].min()
    assert darkest < pair.mean((0, 1))[16:40].min()  # eyes lie on eyes


def test_too_few_faces_leave_the_model_at_its_prior() -> None:
    model = AppearanceModel(4)
    model.fit(rings(1))
    z, _ = model.encode(rings(2))
    assert (z == 0).all()
    assert (model.linear.log_variance == 0).all()
