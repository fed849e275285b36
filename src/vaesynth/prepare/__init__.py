"""Preparation: any folder of audio or pictures → a data set at one geometry, nothing dropped in silence."""
