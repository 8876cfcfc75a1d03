"""The `checks` counts of info.toml: corrected in place, everything else left as it stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import tomli

from nanolab import manifest
from nanolab.errors import CourseError
from nanolab.storage import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nanolab.course import Course

_HEADER = re.compile(r"\s*\[\[?\s*([\w.]+)\s*\]\]?")
_NAME = re.compile(r"""\s*name\s*=\s*["'](\w+)["']""")
_CHECKS = re.compile(r"(\s*checks\s*=\s*)(\d+)")


def write_counts(course: Course, counts: Mapping[str, int]) -> tuple[str, ...]:
    """Write the counts into info.toml and say, one line each, what changed.

    Args:
        course: The course as loaded.
        counts: For each exercise id to correct, how many checks it has.

    Raises:
        CourseError: If info.toml is written in a way that this cannot edit; it is then unchanged.
    """
    path = course.root / "info.toml"
    text = corrected(path.read_bytes().decode("utf-8"), counts)
    after = manifest.parse(tomli.loads(text), course.root)
    declared = {one.id: one.checks for one in after.exercises}
    if any(declared[id_] != count for id_, count in counts.items()):
        wanted = ", ".join(f"{id_}: checks = {count}" for id_, count in counts.items())
        raise CourseError(f"Cannot correct {path} by line.", f"Write by hand: {wanted}.")
    write_atomic(path, text.encode("utf-8"))
    before = {one.id: one.checks for one in course.exercises}
    return tuple(f"{id_}: checks = {before[id_]} -> {count}" for id_, count in counts.items())


def corrected(text: str, counts: Mapping[str, int]) -> str:
    """The text of info.toml with the counts of those exercises; comments and layout stay."""
    stage = ""
    tables: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            tables.append([])
        tables[-1].append(line)
    for table in tables:
        header = _HEADER.match(table[0]) if table else None
        name = next((found.group(1) for found in map(_NAME.match, table) if found), "")
        if header and header.group(1) == "stages":
            stage = name
        elif header and header.group(1) == "stages.exercises" and f"{stage}/{name}" in counts:
            count = counts[f"{stage}/{name}"]
            table[:] = [_CHECKS.sub(rf"\g<1>{count}", line, count=1) for line in table]
    return "".join(line for table in tables for line in table)
