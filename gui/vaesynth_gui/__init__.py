"""The window: PyQt6 on the core's engine."""
