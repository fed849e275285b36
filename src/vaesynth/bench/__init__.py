"""What playing costs: decode times, the callback, gesture to sound, memory (`vaesynth bench`)."""
