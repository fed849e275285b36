# SPDX-License-Identifier: GPL-3.0-or-later
"""The chain: places of the pad that follow each other, a bar each."""
