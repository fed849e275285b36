# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person prefers, a page for each matter."""
