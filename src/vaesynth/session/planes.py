"""Which plane lies behind the pad: the model's, the one between pinned corners, or one bent to own loops."""

import numpy as np

from ..metadata import ModelMetadata
from ..plane import AnchoredPlane, Plane, pinned
from .state import Session

CORNERS = ((-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0))
"""Pad positions of the corners 0 to 3."""


def pinned_names(session: Session, metadata: ModelMetadata) -> tuple[str | None, ...]:
    """Names of the loops in the corners 0 to 3 that this model can play, None where there is none."""
    fit = {k: c.name for k, c in session.corners.items() if len(c.z) == metadata.latent_dim}
    return tuple(fit.get(corner) for corner in range(len(CORNERS)))


def plane_of(session: Session, metadata: ModelMetadata) -> Plane | None:
    """The plane that a session asks for, None for the model's own; latents of other lengths are left out."""
    dim = metadata.latent_dim
    corners = {k: c.z for k, c in session.corners.items() if len(c.z) == dim}
    if corners:
        return pinned([np.asarray(corners[i], np.float32) if i in corners else metadata.pad.point(*place)
                       for i, place in enumerate(CORNERS)])
    own = [p for p in session.own_loops if len(p.z) == dim]
    if own:
        return AnchoredPlane(metadata.pad, [(p.x, p.y) for p in own], [p.z for p in own])
    return None
