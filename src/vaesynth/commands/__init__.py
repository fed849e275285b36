"""The subcommands of `vaesynth`, one module each.

A command module has three names, and imports nothing heavy before `run`: `vaesynth --help` is instant.

- `SUMMARY`: one line for the overview, without a full stop.
- `add_arguments(parser)`: its options.
- `run(options) -> int`: does the work and returns the exit code; a `VaesynthError` that it raises becomes one
  sentence and code 2.
"""
