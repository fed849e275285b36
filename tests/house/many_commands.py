"""Runs several command lines of one program in one process: to import PyTorch for each would take minutes.

Reads `{"module": …, "cases": {id: [word, …]}}` as JSON from stdin and prints `{id: {"code": …, "out": …,
"err": …}}`. In a case whose id ends in `full disk` a file may have 2,000 bytes at most, which to a program
looks as a full disk does. Root may write anywhere; here it is denied what any user is.
"""

import contextlib
import ctypes
import importlib
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence

FULL = 2_000
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
DENIED = "VAESYNTH_TESTS_DENIED"


def run(main: Callable[[Sequence[str]], int], words: Sequence[str]) -> dict[str, object]:
    out, err = io.StringIO(), io.StringIO()
    code: object
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(words)
        except SystemExit as e:
            code = e.code
        except BaseException:
            traceback.print_exc()
            code = 1
    return {"code": code, "out": out.getvalue(), "err": err.getvalue()}


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    import resource  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def deny_what_users_are_denied() -> None:
    """Begin anew without root's right to write where permissions forbid it; that takes effect with `exec`."""
    if sys.platform == "linux" and os.geteuid() == 0 and DENIED not in os.environ:
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | {DENIED: "1"})


if __name__ == "__main__":
    deny_what_users_are_denied()
    task = json.load(sys.stdin)
    main = importlib.import_module(task["module"]).main
    results = {}
    for name, words in task["cases"].items():
        with full_disk() if name.endswith("full disk") else contextlib.nullcontext():
            results[name] = run(main, words)
    json.dump(results, sys.stdout)
