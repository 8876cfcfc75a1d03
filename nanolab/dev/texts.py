"""Rules about prose: hints that help without telling, questions with answers, no blanks left."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nanolab import lessons
from nanolab.dev.files import TREES
from nanolab.dev.report import Finding, place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage

BLANK = "WRITE:"  # what `dev new` leaves for a contributor to fill in
SIGNIFICANT = 12  # characters; shorter lines (`return x`) give nothing away

_BLANK = re.compile(rf'{BLANK}([^"(]+)')


def three_hints(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """An exercise has three hints, none of them empty."""
    hints = lessons.hints(course, exercise)
    where = place(course, course.hints(course.stage_of(exercise)))
    if len(hints) != lessons.HINT_LEVELS:
        cure = f"Write `## {exercise.name}` and a numbered list, from a nudge to nearly the code."
        yield Finding(where, f"{exercise.id} has {len(hints)} hints, not three.", cure)
    for level, hint in enumerate(hints, start=1):
        if not hint.strip():
            yield Finding(where, f"Hint {level} of {exercise.id} is empty.", "Write it.")


def hints_keep_the_secret(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """No hint before the last one holds a line of the solution that the stub does not show."""
    given = {_dense(line) for line in _lines(course.stub(exercise))}
    secrets = {
        _dense(line): line.strip()
        for line in _lines(course.solution(exercise))
        if not line.strip().startswith(("#", "//"))
    }
    where = place(course, course.hints(course.stage_of(exercise)))
    for level, hint in enumerate(lessons.hints(course, exercise)[:-1], start=1):
        for dense, line in secrets.items():
            if dense not in given and len(dense) >= SIGNIFICANT and dense in _dense(hint):
                what = f"Hint {level} of {exercise.id} gives away `{line}`."
                yield Finding(where, what, "Say the idea there; keep the code for hint 3.")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def _dense(text: str) -> str:
    """The text without any white space."""
    return "".join(text.split())


def hints_name_exercises(course: Course, stage: Stage) -> Iterator[Finding]:
    """Every heading in hints.md is an exercise of the stage, once."""
    path = course.hints(stage)
    seen: set[str] = set()
    headings = re.finditer(r"^## (.+?)[ \t]*$", path.read_text(encoding="utf-8"), re.M)
    for name in (heading.group(1) for heading in headings):
        if name not in {one.name for one in stage.exercises}:
            what = f"`## {name}` is no exercise of {stage.name}."
            yield Finding(place(course, path), what, "Use the short name from info.toml.")
        elif name in seen:
            yield Finding(place(course, path), f"`## {name}` stands twice.", "Merge the two.")
        seen.add(name)


def lesson_asks_questions(course: Course, stage: Stage) -> Iterator[Finding]:
    """A lesson ends with questions."""
    if not lessons.questions(course, stage):
        cure = "End it with `## Questions` and a numbered list."
        yield Finding(place(course, course.lesson(stage)), "The lesson asks nothing.", cure)


def every_question_is_answered(course: Course, stage: Stage) -> Iterator[Finding]:
    """There is one answer for each question, none of them empty."""
    asked = len(lessons.questions(course, stage))
    answers = lessons.answers(course, stage)
    where = place(course, course.answers(stage))
    if len(answers) != asked:
        what = f"{asked} questions are asked and {len(answers)} answered."
        yield Finding(where, what, "Number the answers as the questions.")
    for number, answer in enumerate(answers, start=1):
        if not answer:
            yield Finding(where, f"Answer {number} is empty.", "Write it.")


def no_blanks_left(course: Course, stage: Stage) -> Iterator[Finding]:
    """Everything that `dev new` left to be written has been written."""
    for path in _files(course, stage):
        blanks = [
            (number, task.strip(" ."))
            for number, line in enumerate(_lines(path), start=1)
            for task in _BLANK.findall(line)
        ]
        if blanks:
            what = f"Still to write: {'; '.join(task for _, task in blanks)}."
            cure = f"Replace each {BLANK} and the words after it."
            yield Finding(place(course, path, blanks[0][0]), what, cure)
    entries = [(stage.name, stage.title + stage.goal)]
    entries += [(one.id, one.title) for one in stage.exercises]
    for name, text in entries:
        if BLANK in text:
            yield Finding("info.toml", f"Still to write: the words of {name}.", f"Replace {BLANK}")


def _files(course: Course, stage: Stage) -> Iterator[Path]:
    for tree in TREES:
        yield from sorted((course.root / tree / stage.name).glob("*.*"))
