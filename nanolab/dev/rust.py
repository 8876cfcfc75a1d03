"""Rules about Rust exercises: as `pair` and `style` for Python, but by text, which rustfmt keeps.

In a formatted file a function begins with its `fn` and ends with the brace below that line's
margin, so no parser is needed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from itertools import zip_longest
from typing import TYPE_CHECKING

from nanolab.dev.pair import SIZE
from nanolab.dev.report import Finding, place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course, Exercise

WIDTH = 100

_FUNCTION = re.compile(r"^([ ]*)(?:pub )?fn (\w+)[^;{]*\{$.*?^\1\}$", re.M | re.S)
_UNFINISHED = re.compile(r"\s*(todo!\(\)|Err\(pyo3::exceptions::PyNotImplementedError)")
_TODO = re.compile(r"^ *// TODO\b.*(?:\n *//.*)*", re.M)


def rust_stub_has_todo(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A Rust stub says what to do, inside a function, how long it is, and ends in `todo!()`."""
    path = course.stub(exercise)
    source = path.read_text(encoding="utf-8")
    todos = list(_TODO.finditer(source))
    if not todos:
        cure = "Write `// TODO: goal. (2 lines)` where the learner's code goes."
        yield Finding(place(course, path), "The stub has no TODO.", cure)
    homes = [match.span() for match in _FUNCTION.finditer(source)]
    for todo in todos:
        where = place(course, path, source.count("\n", 0, todo.start()) + 1)
        if not any(first <= todo.start() <= last for first, last in homes):
            yield Finding(where, "This TODO is in no function.", "Move it into one.")
        if not SIZE.search(todo.group().replace("//", "")):
            cure = "End it with the solution's size: `(1 line)`."
            yield Finding(where, "The TODO does not say how long.", cure)
        if not _UNFINISHED.match(source[todo.end() :]):
            yield Finding(where, "Below the TODO stands no `todo!()`.", "Write it.")


def rust_solution_has_no_todo(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A Rust solution leaves nothing to do."""
    path = course.solution(exercise)
    source = path.read_text(encoding="utf-8")
    for match in re.finditer(r"TODO|todo!|unimplemented!", source):
        where = place(course, path, source.count("\n", 0, match.start()) + 1)
        yield Finding(where, f"The solution still says {match.group()}.", "Write the code.")


def rust_stub_and_solution_agree(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Outside the functions with a TODO, a Rust stub and its solution are equal, line by line."""
    stub = course.stub(exercise).read_text(encoding="utf-8")
    solution = course.solution(exercise).read_text(encoding="utf-8")
    free = {match.group(2) for match in _FUNCTION.finditer(stub) if "TODO" in match.group()}
    rows = zip_longest(frame(stub, free), frame(solution, free), fillvalue="")
    for ours, theirs in rows:
        if ours != theirs:
            what = f"The stub has `{ours.strip()}` where the solution has `{theirs.strip()}`."
            cure = "Make them equal, or put a TODO into that function."
            yield Finding(place(course, course.stub(exercise)), what, cure)
            return


def frame(source: str, free: set[str]) -> list[str]:
    """The lines of a file, of the functions called `free` only the head; no comments but docs."""

    def head(match: re.Match[str]) -> str:
        text = match.group()
        return text.partition("{\n")[0] if match.group(2) in free else text

    lines = _FUNCTION.sub(head, source).splitlines()
    return [line for line in lines if not re.match(r" *//(?![/!])", line)]


def bodies(source: str) -> dict[str, str]:
    """Digest of the body of each Rust function, without comments and layout -> its name."""
    found = {}
    for match in _FUNCTION.finditer(source):
        body = re.sub(r"//.*|\s", "", match.group().partition("{\n")[2])
        found[hashlib.sha256(body.encode()).hexdigest()] = match.group(2)
    return found


def rust_is_formatted(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Rust stubs and solutions are formatted; where there is no rustfmt, nothing is said."""
    rustfmt = shutil.which("rustfmt")
    if rustfmt is None:
        return
    for path in (course.stub(exercise), course.solution(exercise)):
        done = subprocess.run(  # noqa: S603 - a fixed command
            [rustfmt, "--check", "--edition", "2021", "--config", f"max_width={WIDTH}", str(path)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            cure = f"Run `rustfmt --edition 2021 --config max_width={WIDTH}` on it."
            yield Finding(place(course, path), "This is not formatted.", cure)


def rust_is_safe(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Nothing that a learner reads is `unsafe`."""
    for path in (course.stub(exercise), course.solution(exercise)):
        if re.search(r"\bunsafe\b", path.read_text(encoding="utf-8")):
            yield Finding(place(course, path), "It says unsafe.", "Do without.")
