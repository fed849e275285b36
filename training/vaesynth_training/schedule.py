"""How a learning rate falls."""

import math


def falling(progress: float, final: float) -> float:
    """Share of the peak rate: a cosine from 1 to `final` (Loshchilov & Hutter 2017, section 3).

    Args:
        progress: share of the training that is done, 0 to 1.
        final: share at its end.
    """
    return final + (1 - final) * 0.5 * (1 + math.cos(math.pi * progress))
