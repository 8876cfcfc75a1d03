"""Rules about checks and their wrong answers, as far as reading them tells."""

from __future__ import annotations

import ast
import re
import runpy
from collections import Counter
from typing import TYPE_CHECKING

from nanolab.dev.report import Finding, place
from nanolab.wrongs import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course, Exercise

ENOUGH_WRONGS = 3

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def check_has_probe(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A check has `probe(module)`, from which the learner's slip is named."""
    path = course.check(exercise)
    probes = [one for one in ast.parse(path.read_bytes()).body if _is(one, "probe")]
    if not any(isinstance(one, ast.FunctionDef) and len(one.args.args) == 1 for one in probes):
        cure = "Write `def probe(module)`: call it on fixed inputs and return plain values."
        yield Finding(place(course, path), "The check has no probe(module).", cure)


def check_tests_have_titles(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Each test of a check has a docstring; its first line is what the learner reads."""
    path = course.check(exercise)
    nodes = ast.walk(ast.parse(path.read_bytes()))
    functions = (node for node in nodes if isinstance(node, _FUNCTIONS))
    for one in functions:
        if one.name.startswith("test_") and not (ast.get_docstring(one) or "").strip():
            cure = "Begin it with a docstring: one line that says what must hold."
            yield Finding(place(course, path, one.lineno), f"{one.name} has no title.", cure)


def _is(node: ast.stmt, name: str) -> bool:
    return isinstance(node, _FUNCTIONS) and node.name == name


def load_wrongs(course: Course, exercise: Exercise) -> tuple[Wrong, ...]:
    """The wrong answers of an exercise, equivalent ones included.

    Raises:
        ValueError: If the module fails, or holds no list of `Wrong` called WRONGS.
    """
    try:
        found = runpy.run_path(str(course.wrongs(exercise)))["WRONGS"]
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not all(isinstance(one, Wrong) for one in found):
        raise ValueError("WRONGS holds something that is no Wrong")
    return tuple(found)


def wrongs_load(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """The module of wrong answers imports and holds a list `WRONGS`."""
    try:
        load_wrongs(course, exercise)
    except ValueError as error:
        where = place(course, course.wrongs(exercise))
        yield Finding(
            where, f"This gives no wrong answers ({error}).", "Write WRONGS = [wrong(…)]."
        )


def three_wrongs(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A check is proved by at least three wrong answers that it can reject."""
    count = sum(not one.equivalent for one in load_wrongs(course, exercise))
    if count < ENOUGH_WRONGS:
        where = place(course, course.wrongs(exercise))
        what = f"{exercise.id} has {count} wrong answers that can be rejected."
        yield Finding(where, what, "Think of at least three slips that learners make.")


def wrongs_are_well_named(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Wrong answers have unique short names, a slip to show, and reasons where not run."""
    wrongs = load_wrongs(course, exercise)
    where = place(course, course.wrongs(exercise))
    for name, count in Counter(one.name for one in wrongs).items():
        if count > 1 or not re.fullmatch(r"[a-z0-9_]+", name):
            what = f"{name!r} is not a unique name of a-z, 0-9 and _."
            yield Finding(where, what, "Rename it.")
    for one in wrongs:
        if not one.slip.strip():
            cure = 'Complete the sentence "Your code …".'
            yield Finding(where, f"{one.name} does not say what the slip is.", cure)
        if one.equivalent and not one.equivalent.strip(" ."):
            what = f"{one.name} is equivalent, without a reason."
            yield Finding(where, what, 'Write equivalent="why no check can tell it apart".')


def wrongs_fit_the_solution(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Each edit of a wrong answer finds its text exactly once, and changes it."""
    solution = course.solution(exercise).read_text(encoding="utf-8")
    where = place(course, course.wrongs(exercise))
    for one in load_wrongs(course, exercise):
        try:
            source = one.apply(solution)
        except ValueError as error:
            cure = "Quote enough of the solution to be unique."
            yield Finding(where, f"{str(error).capitalize()}.", cure)
            continue
        if source == solution:
            yield Finding(where, f"{one.name} changes nothing.", "Edit something.")
