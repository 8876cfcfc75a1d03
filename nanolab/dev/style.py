"""The rule about formatting: what ruff says of the course's files, in the course's own settings."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.dev.files import TREES
from nanolab.dev.report import Finding, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course

MISSING = "ruff is not installed, so formatting was not checked (pip install ruff)"


def ruff_is_here() -> bool:
    """Whether ruff can be run; without it `well_formatted` finds nothing."""
    return importlib.util.find_spec("ruff") is not None


def well_formatted(course: Course) -> Iterator[Finding]:
    """Stubs, solutions, checks and wrong answers are formatted and lint clean."""
    if not ruff_is_here():
        return
    # The words of `--check` differ between versions of ruff; the heads of a diff do not.
    for name in re.findall(r"^--- (.+\.py)", _ruff(course, "format", "--diff"), re.M):
        where = Path(name).as_posix()
        yield Finding(where, "This is not formatted.", f"Run `ruff format {where}`.")
    for found in json.loads(_ruff(course, "check", "--output-format", "json") or "[]"):
        where = place(course, Path(found["filename"]), found["location"]["row"])
        what = f"{found['code']}: {found['message']}."
        yield Finding(where, what, "Mend the line, or give ruff the reason not to.")


def _ruff(course: Course, *arguments: str) -> str:
    trees = [tree for tree in TREES if (course.root / tree).is_dir()]
    done = subprocess.run(  # noqa: S603 - our own interpreter, and names from the course
        [sys.executable, "-m", "ruff", *arguments, "--no-cache", *trees],
        cwd=course.root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout
