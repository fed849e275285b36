"""List the licences of everything that the core installs, as the packages declare them."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement

COPYLEFT = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public|Affero", re.IGNORECASE)
"""The strong ones; the Lesser GPL lets a program of any licence use a library."""


def dependencies(name: str) -> dict[str, Distribution]:
    """The installed distributions that `name` needs without extras, by name, itself left out."""
    found: dict[str, Distribution] = {}
    queue = [name]
    while queue:
        for text in distribution(queue.pop()).requires or ():
            requirement = Requirement(text)
            wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
            if wanted and requirement.name not in found:
                found[requirement.name] = distribution(requirement.name)
                queue.append(requirement.name)
    return found


def declared(package: Distribution) -> str:
    """What a package says of its licence: expression, else classifiers, else the first line of text."""

    def parts() -> Iterator[str]:
        yield package.metadata.get("License-Expression", "")
        classifiers = package.metadata.get_all("Classifier") or []
        yield ", ".join(c.split(" :: ")[-1] for c in classifiers if c.startswith("License ::"))
        yield package.metadata.get("License", "").strip().split("\n")[0]

    return next(filter(None, parts()), "")


def is_copyleft(licence: str) -> bool:
    """Whether a program that uses the package would have to be under the GPL too."""
    alternatives = re.split(r"\bOR\b", licence)
    return all(COPYLEFT.search(a) for a in alternatives)


if __name__ == "__main__":
    for name, package in sorted(dependencies("vaesynth").items()):
        print(f"{name:16}{package.version:14}{declared(package)}")
