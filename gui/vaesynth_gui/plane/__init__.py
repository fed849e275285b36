# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture behind the puck: how loud and how bright the loops of the latent plane are."""
