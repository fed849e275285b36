# SPDX-License-Identifier: GPL-3.0-or-later
"""The window's parts, one a file; none of them knows the engine."""
