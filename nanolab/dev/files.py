"""Rules about which files there are: none missing, none stray, no link that leads nowhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.dev.report import Finding, place
from nanolab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nanolab.course import Course, Exercise, Stage

KIT = "kit"  # beside the stages' checks: what they share
TREES = ("exercises", "solutions", "tests/stages")

_TEXTS = {"exercises": "README", "solutions": "hints|answers", "tests/stages": "(?!)"}
_FENCED_OR_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.M | re.S)
_LINK = re.compile(r"\]\(([^)\s]+)")


def paths(course: Course, exercise: Exercise) -> tuple[Path, Path, Path, Path]:
    """The four files that every exercise has: stub, solution, check, wrongs."""
    return (
        course.stub(exercise),
        course.solution(exercise),
        course.check(exercise),
        course.wrongs(exercise),
    )


def files_are_there(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """An exercise has a stub, a solution, a check and wrong answers."""
    for path in paths(course, exercise):
        if not path.is_file():
            yield Finding(place(course, path), "This file is missing.", "Write it.")


def files_parse(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Every Python file of an exercise is UTF-8 and parses; rustc has its say in the trial."""
    python = (path for path in paths(course, exercise) if path.suffix == ".py")
    for path in filter(Path.is_file, python):
        fault = _syntax_fault(path)
        if fault is not None:
            what, line = fault
            yield Finding(place(course, path, line), what, "Mend the syntax.")


def _syntax_fault(path: Path) -> tuple[str, int] | None:
    """What keeps a file from being parsed, and its line; None if it parses."""
    try:
        ast.parse(path.read_bytes(), str(path))
    except SyntaxError as error:
        return f"This does not parse: {error.msg}.", error.lineno or 0
    except ValueError as error:
        return f"This does not parse: {error}.", 0
    return None


def texts_are_there(course: Course, stage: Stage) -> Iterator[Finding]:
    """A stage has a lesson, hints and answers."""
    for path in (course.lesson(stage), course.hints(stage), course.answers(stage)):
        if not path.is_file():
            yield Finding(place(course, path), "This file is missing.", "Write it.")


def no_stray_files(course: Course) -> Iterator[Finding]:
    """Every file in the course's folders belongs to an exercise or a stage."""
    for tree in TREES:
        for path in sorted((course.root / tree).rglob("*")):
            name = path.relative_to(course.root / tree).as_posix()
            if path.is_dir() or "__pycache__" in path.parts or _belongs(course, tree, name):
                continue
            cure = "Remove it, or give it a name that info.toml knows."
            yield Finding(place(course, path), "No exercise owns this file.", cure)


def _belongs(course: Course, tree: str, name: str) -> bool:
    stage_name, _, file = name.partition("/")
    if tree == "tests/stages" and stage_name == KIT:
        return file.endswith(".py")
    stage = next((one for one in course.stages if one.name == stage_name), None)
    if stage is None:
        return False
    if re.fullmatch(rf"({_TEXTS[tree]})(\.[a-z]{{2}})?\.md", file):
        return True
    if tree == "tests/stages":
        prefixes = ("test_", "wrong_", "demo_")
        return file in {f"{prefix}{one.name}.py" for prefix in prefixes for one in stage.exercises}
    return name in {one.file for one in stage.exercises}


def links_lead_somewhere(course: Course, stage: Stage) -> Iterator[Finding]:
    """Relative links in a stage's texts exist; a lesson's stay within `exercises/`.

    Lessons travel into workspaces, and nothing but `exercises/` goes with them.
    """
    lesson = course.lesson(stage)
    for path in (lesson, course.hints(stage), course.answers(stage)):
        home = course.root / "exercises" if path == lesson else course.root
        for line, target in _links(path.read_text(encoding="utf-8")):
            file = (path.parent / target).resolve()
            if not file.exists():
                what = f"The link to {target} leads nowhere."
                yield Finding(place(course, path, line), what, "Mend or remove the link.")
            elif not file.is_relative_to(home.resolve()):
                what = f"The link to {target} leads out of {home.name}/."
                cure = "Link only to what a workspace holds too."
                yield Finding(place(course, path, line), what, cure)


def _links(text: str) -> Iterable[tuple[int, str]]:
    """Line and path of each relative link outside code."""
    blanked = _FENCED_OR_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    for match in _LINK.finditer(blanked):
        target = match.group(1).partition("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            yield blanked.count("\n", 0, match.start()) + 1, target


def require_checkout(course: Course) -> None:
    """Refuse a course that was installed: it has no history, and an upgrade would overwrite it.

    Raises:
        UsageError: If the course lies among installed packages.
    """
    if course.root.name == "_course" or {"site-packages", "dist-packages"} & {*course.root.parts}:
        raise UsageError(
            f"The course in {course.root} is installed, not a checkout.",
            "Clone the repository, `pip install -e .` in it, or set NANOLAB_COURSE to the clone.",
        )
