.PHONY: help play test lint types headless suite clean

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 18

play:  ## set up what is missing, then open the instrument
	@scripts/setup play
	@.venv/bin/vaesynth play

test: lint types headless suite  ## set up everything, then run every check

lint:  ## style, and who may import whom
	@scripts/setup test
	.venv/bin/ruff check .
	.venv/bin/lint-imports

types:  ## mypy, strict
	@scripts/setup test
	.venv/bin/mypy

headless:  ## the core's tests where neither torch nor Qt is installed
	@scripts/setup core
	.venv-core/bin/python scripts/absent.py torch PyQt6
	.venv-core/bin/python -m pytest -q tests/core

suite:  ## all tests
	@scripts/setup test
	.venv/bin/python -m pytest

clean:  ## remove the environments and caches
	rm -rf .venv .venv-core .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis dist
