# SPDX-License-Identifier: GPL-3.0-or-later
"""The dialog that learns an instrument from the musician's own loops."""
