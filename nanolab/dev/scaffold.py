"""`nanolab dev new`: the files of a new exercise, small, complete and passing, with blanks to fill.

What is left to write is marked with `WRITE:`; `dev check` lists every mark.
"""

from __future__ import annotations

import keyword
import re
from string import Template
from typing import TYPE_CHECKING

import tomli

from nanolab import manifest, storage
from nanolab.course import Exercise, Stage
from nanolab.dev.files import require_checkout
from nanolab.errors import CourseError, UnknownNameError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from nanolab.course import Course

_STUB = '''"""WRITE: what this piece is for, in a few words.

Read: README.md, "WRITE: the heading in the lesson".
"""

from __future__ import annotations


def $name(number: int) -> int:
    """WRITE: one sentence on what it gives: 1 becomes 2.

    Args:
        number: WRITE: what the type cannot say.
    """
    $body
'''
_TODO = """# TODO: WRITE: the goal, not the code. (1 line)
    raise NotImplementedError"""
_SOLVED = """# WRITE: why, where the code alone does not say.
    return number + 1"""
_RUST_STUB = """//! WRITE: what this piece is for, in a few words.
//!
//! Lesson: README.md, "WRITE: the heading in the lesson".

/// WRITE: one sentence on what it gives: 1 becomes 2.
pub fn $name(number: i64) -> i64 {
    $body
}
"""
_RUST_TODO = """// TODO: WRITE: the goal, not the code. (1 line)
    todo!()"""
_RUST_SOLVED = """// WRITE: why, where the code alone does not say.
    number + 1"""
_STUBS = {"python": (_STUB, _TODO, _SOLVED), "rust": (_RUST_STUB, _RUST_TODO, _RUST_SOLVED)}
_CHECK = '''"""Judges $module."""

from $module import $name


def test_one_becomes_two():
    """WRITE: what must hold, as the learner reads it.

    Kills same_number.
    """
    assert $name(1) == 2, "WRITE: a sentence about the idea"


def probe(module):
    """Values in which every wrong answer differs from the solution and from all others."""
    return tuple(_value(module, number) for number in (0, 1, 5))


def _value(module, number):
    try:
        return module.$name(number)
    except Exception as error:
        return ("raises", type(error).__name__)
'''
_WRONG = '''"""Wrong answers to $name."""

from nanolab.wrongs import wrong

WRONGS = [
    wrong("same_number", "WRITE: ends the sentence: your code", ("number + 1", "number")),
]
'''
_HINTS = """
## $name

1. WRITE: a nudge: where to look.
2. WRITE: the idea, in words.
3. WRITE: nearly the code.
"""
_LESSON = """# WRITE: the title of $stage

WRITE: the lesson, with a picture or an example on each screen.

## Questions

1. WRITE: a question that makes one think, not look up.
"""
_ANSWERS = """# Answers

## Questions

1. WRITE: the answer.

## Common errors

WRITE: what goes wrong here, and what causes it.
"""
_STAGE_ENTRY = """
[[stages]]
name = "$stage"
title = "WRITE: a heading"
goal = "WRITE: one sentence on what the learner can do afterwards."
minutes = 60
"""
_EXERCISE_ENTRY = """
  [[stages.exercises]]
  name = "$name"
  title = "WRITE: a few words"
$kind  checks = 1
"""
_KINDS = {"python": "", "rust": '  kind = "rust"\n  timeout = 60\n  needs = ["cargo"]\n'}

# What Rust does not let a function be called, and what is in each crate besides the exercises.
_RUST_WORDS = {
    "abstract", "become", "box", "const", "crate", "do", "dyn", "enum", "extern", "final", "fn",
    "impl", "let", "lib", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "self", "static", "struct", "super", "trait", "type", "typeof", "unsafe", "unsized",
    "use", "virtual", "where", "wire",
}  # fmt: skip

_HEADER = re.compile(r"\s*\[+\s*([\w.]+)\s*\]+")


def new(course: Course, stage: str, name: str, kind: str = "python") -> tuple[Path, ...]:
    """Write the files of a new exercise, last in its stage, and enter it in info.toml.

    Args:
        course: A checkout's course.
        stage: A stage's name as `Course.find_stage` takes it, or the full name of a new last
            stage, `17_vision`; it then gets a lesson, hints and answers too.
        name: The exercise's short name.
        kind: `python` or `rust`: the language of its file.

    Returns:
        The files written or added to.

    Raises:
        UsageError: If the course is installed, the name is taken or not allowed, or a file is in
            the way. Nothing is written then.
        EnvironmentalError, WorkspaceError: If a file cannot be written.
    """
    require_checkout(course)
    full = _stage_name(course, stage)
    info = course.root / "info.toml"
    exercise = Exercise(full, name, title="", checks=1, kind=kind)
    entry = _with_entry(course, info.read_bytes().decode("utf-8"), exercise)
    texts = _texts(course, exercise)
    for path in texts:
        if path.exists():
            raise UsageError(f"{path} is there already.", "Move it away, or choose another name.")
    hints = course.hints(_blank_stage(full))
    before = hints.read_text(encoding="utf-8") if hints.exists() else "# Hints\n"
    texts[hints] = before + Template(_HINTS).substitute(name=name)
    for path, text in {**texts, info: entry}.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        storage.write_atomic(path, text.encode("utf-8"))
    return (*texts, info)


def _stage_name(course: Course, name: str) -> str:
    """The full name of a stage that exists, or may come next."""
    try:
        return course.find_stage(name).name
    except UnknownNameError as error:
        number = f"{len(course.stages) + 1:02d}"
        if re.fullmatch(rf"{number}_[a-z][a-z0-9_]*", name):
            return name
        cure = f"{error.cure} A new stage comes last: {number}_slug."
        raise UsageError(f"There is no stage {name!r}.", cure) from error


def _with_entry(course: Course, text: str, exercise: Exercise) -> str:
    """The text of info.toml with the exercise in it, its stage too if it is new."""
    name, stage, kind = exercise.name, exercise.stage, exercise.kind
    if keyword.iskeyword(name) or keyword.iskeyword(stage[3:]):
        raise UsageError("That name is a word of Python's.", "Choose another name.")
    if kind == "rust" and name in _RUST_WORDS:
        raise UsageError("That name is a word of Rust's.", "Choose another name.")
    lines_of_kind = _KINDS.get(kind, f'  kind = "{kind}"\n')  # which the manifest refuses
    entry = Template(_EXERCISE_ENTRY).substitute(name=name, kind=lines_of_kind)
    if stage in {one.name for one in course.stages}:
        lines = text.splitlines(keepends=True)
        end = _end_of_stage(lines, stage)
        changed = "".join([*lines[:end], entry, *lines[end:]])
    else:
        changed = f"{text.rstrip()}\n{Template(_STAGE_ENTRY).substitute(stage=stage)}{entry}"
    try:
        after = manifest.parse(tomli.loads(changed), course.root)
    except (CourseError, tomli.TOMLDecodeError) as error:
        raise UsageError(str(error), getattr(error, "cure", "")) from error
    if after.exercise(f"{stage}/{name}") is None:
        raise UsageError(f"Cannot find {stage} in info.toml.", "Write the entry by hand.")
    return changed


def _end_of_stage(lines: list[str], stage: str) -> int:
    """Index of the line after the stage's last entry, blank lines and comments left behind."""
    headers = [
        (index, found.group(1)) for index, found in enumerate(map(_HEADER.match, lines)) if found
    ]
    starts = [index for index, header in headers if header == "stages"]
    named = re.compile(rf"""\s*name\s*=\s*["']{stage}["']""")
    start = next(index for index in reversed(starts) if any(map(named.match, lines[index:])))
    later = [
        index for index, header in headers if index > start and not header.startswith("stages.")
    ]
    end = min(later, default=len(lines))
    while not lines[end - 1].strip() or lines[end - 1].startswith("#"):
        end -= 1
    return end


def _texts(course: Course, exercise: Exercise) -> dict[Path, str]:
    """The new files and what is in them; a lesson and answers only where there are none."""
    name, stage = exercise.name, exercise.stage
    words = {"name": name, "stage": stage, "module": f"{course.package}.{stage[3:]}.{name}"}
    stub, todo, solved = _STUBS[exercise.kind]
    templates = {
        course.stub(exercise): stub.replace("$body", todo),
        course.solution(exercise): stub.replace("$body", solved),
        course.check(exercise): _CHECK,
        course.wrongs(exercise): _WRONG,
    }
    home = _blank_stage(stage)
    shared = {course.lesson(home): _LESSON, course.answers(home): _ANSWERS}
    templates |= {path: text for path, text in shared.items() if not path.exists()}
    return {path: Template(text).substitute(words) for path, text in templates.items()}


def _blank_stage(name: str) -> Stage:
    """A stage of that name, as far as its paths go."""
    return Stage(name, title="", goal="", minutes=1)
