"""`vaesynth validate`: does a model file keep the contract?"""

import argparse
import json
from dataclasses import asdict

from .options import add_facts, add_provider, checked_file, has_facts, provider_of

SUMMARY = "check a model file against the format, rule by rule"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to its parser."""
    parser.description = f"{SUMMARY.capitalize()}. Exit code 2 where one is broken."
    parser.add_argument(
        "file", metavar="FILE|NAME", help="a decoder or encoder file, or the name of an instrument"
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON, for programs")
    add_provider(parser)
    add_facts(parser)


def run(options: argparse.Namespace) -> int:
    """Print one line for each rule; returns 2 where one is broken."""
    from .. import models
    from ..terminal import columns
    from ..validate import validate, validate_file

    path, provider = models.find(options.file), provider_of(options)
    if has_facts(options):
        findings = validate_file(checked_file(path, options), path, provider)
    else:
        findings = validate(path, provider)
    if options.json:
        print(json.dumps([asdict(f) for f in findings], indent=2, allow_nan=False))
    else:
        print(columns([("ok" if f.passed else "BROKEN", f.name, f.detail) for f in findings]))
    return 0 if all(f.passed for f in findings) else 2
