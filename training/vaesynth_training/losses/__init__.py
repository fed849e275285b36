"""Losses: the evidence lower bound, and the spectral distances of loops."""
