# SPDX-License-Identifier: GPL-3.0-or-later
"""Learning an instrument from a musician's own loops, in processes beside the window."""
