"""The course's prose: lessons, questions, hints and answers, read from Markdown.

Formats: a lesson ends with `## Questions` and a numbered list. `hints.md` has `## name` for each
exercise, then three numbered hints. `answers.md` has `## Questions` with a numbered list, in the
order of the questions, and `## Common errors`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nanolab.errors import CourseError

if TYPE_CHECKING:
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage

HINT_LEVELS = 3
SLIP_LEVEL = 2  # the hint that also names the learner's slip, if it is a known one

_ITEM = re.compile(r"^(\d+)\.\s+", re.MULTILINE)


def lesson(course: Course, stage: Stage) -> str:
    """The stage's lesson as Markdown, questions included.

    Raises:
        CourseError: If the file is missing.
    """
    return _read(course.lesson(stage))


def questions(course: Course, stage: Stage) -> tuple[str, ...]:
    """The questions at the end of the stage's lesson, as Markdown; empty if it asks none."""
    return _items(_section(lesson(course, stage), "Questions"))


def answers(course: Course, stage: Stage) -> tuple[str, ...]:
    """One answer for each question, in the same order."""
    return _items(_section(_read(course.answers(stage)), "Questions"))


def common_errors(course: Course, stage: Stage) -> str:
    """What goes wrong in this stage and why, as Markdown; empty if the file does not say."""
    return _section(_read(course.answers(stage)), "Common errors")


def hints(course: Course, exercise: Exercise) -> tuple[str, ...]:
    """The hints of an exercise, from a nudge to nearly the code, as Markdown."""
    text = _read(course.hints(course.stage_of(exercise)))
    return _items(_section(text, exercise.name))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise CourseError(f"Cannot read {path}: {error.strerror}.", "Reinstall nanolab.") from error


def _section(text: str, heading: str) -> str:
    """The text below `## heading`, up to the next heading of that level."""
    match = re.search(rf"^## {re.escape(heading)}[ \t]*$(.*?)(?=^## |\Z)", text, re.M | re.S)
    return match.group(1).strip() if match else ""


def _items(text: str) -> tuple[str, ...]:
    """The items of a numbered list, each with its continuation lines, indentation removed."""
    starts = list(_ITEM.finditer(text))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    items = (text[start.end() : end] for start, end in zip(starts, ends, strict=False))
    return tuple(re.sub(r"^ {1,3}", "", item, flags=re.M).strip() for item in items)
