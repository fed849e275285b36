"""The audio server: a process of its own that plays, and what the desk needs to talk to it."""
