"""Print the tables of docs/hosts.md anew, and take the picture of the web page.

    python docs/make_hosts.py

Runs the three benches named there; a few minutes on a quiet machine. Nothing is written where one fails.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "hosts.md"
PICTURE = ROOT / "docs" / "images" / "web.webp"


def printed(bench: str, *words: str) -> str:
    """What a bench prints.

    Raises:
        SystemExit: it failed.
    """
    print(f"{bench} …", flush=True)
    command = [sys.executable, str(ROOT / "bench" / bench), *words]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    print(done.stdout, flush=True)
    if done.returncode:
        raise SystemExit(f"{bench} failed; {PAGE.name} is as it was")
    return done.stdout.strip()


def replaced(page: str, name: str, table: str) -> str:
    """The page with another table between the comments that name it."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{table}\n\n{end}{rest.split(end)[1]}"


def main() -> None:
    """Run the benches, then write the page and the picture."""
    with tempfile.TemporaryDirectory() as folder:
        screenshot = Path(folder) / "page.png"
        tables = {
            "hosts.py": printed("hosts.py", "--screenshot", str(screenshot)),
            "providers.py": printed("providers.py"),
            "hostile.py": printed("hostile.py"),
        }
        picture = Image.open(screenshot).convert("RGB")
    page = PAGE.read_text("utf-8")
    for name, table in tables.items():
        page = replaced(page, name, table)
    PAGE.write_text(page, "utf-8")
    picture.save(PICTURE, quality=88)


if __name__ == "__main__":
    main()
