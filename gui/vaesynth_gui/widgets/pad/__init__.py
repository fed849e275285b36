# SPDX-License-Identifier: GPL-3.0-or-later
"""The XY pad, in parts: what lies still, what moves, what the hand does, what is in sight."""
