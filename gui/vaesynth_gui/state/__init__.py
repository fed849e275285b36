# SPDX-License-Identifier: GPL-3.0-or-later
"""What the window knows, without a widget in it."""
