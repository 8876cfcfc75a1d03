"""Is this machine ready? Compare the versions that it has with those that a run needs.

`nanolab doctor` asks the same question. A whole training run is a bad way to find out.

Lesson: README.md, "Is this machine ready?".
"""

import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the report: what is needed, and what was found (None: nothing)."""

    name: str
    required: str
    found: str | None
    ok: bool


def parse_version(text: str) -> tuple[int, ...]:
    """Read the numbers that a version begins with: `2.13.0+cpu` gives `(2, 13, 0)`.

    Whatever follows them does not count: `2.9.0rc1` and `2.9.0.post2` give `(2, 9, 0)`.

    Raises:
        ValueError: If the text does not begin with a number.
    """
    # TODO: match the leading numbers and dots, and turn each number into an int. (4 lines)
    raise NotImplementedError


def satisfies(have: str, minimum: str) -> bool:
    """Say whether version `have` is at least `minimum`; `2.8` and `2.8.0` are the same."""
    # TODO: compare them number by number; a missing number is a zero. (3 lines)
    raise NotImplementedError


def probe(
    requirements: Mapping[str, str],
    programs: Sequence[str] = (),
    *,
    lookup: Callable[[str], str] = version,
    which: Callable[[str], str | None] = shutil.which,
) -> list[Row]:
    """Look for packages and programs, without importing or starting any of them.

    Args:
        requirements: For each package, as pip calls it, the lowest version that will do.
        programs: Names of programs that must be on the PATH, in any version.
        lookup: Gives a package's version, or raises PackageNotFoundError. An argument, so that
            a check can hand in a machine of its own invention.
        which: Gives the path of a program, or None.

    Returns:
        First a row for each package, then one for each program, in the order given.
    """
    rows: list[Row] = []
    # TODO: append a Row for every package; one that is not installed is no crash. (7 lines)
    raise NotImplementedError
    for program in programs:
        path = which(program)
        rows.append(Row(program, "", path, path is not None))
    return rows


def main() -> None:
    """Print what this machine has. `python env_probe.py` runs this."""
    needed = {"torch": "2.8", "pytest": "8", "rich": "13.7", "tiktoken": "0.11"}
    for row in probe(needed, ["git", "cargo"]):
        answer = "ok     " if row.ok else "missing" if row.found is None else "too old"
        print(f"{answer}  {row.name:<9} {row.required:<6} {row.found or ''}")


if __name__ == "__main__":
    main()
