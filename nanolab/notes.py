"""What the learner writes down: notes, answers to a stage's questions, and the journal of it all.

Kept in `.nanolab/notes.jsonl`, one JSON object a line, only ever added to: a crash can cost the
line that was being written, never one before it, and git merges the files of two machines.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from nanolab import lessons, storage
from nanolab import progress as learner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nanolab.course import Course, Exercise, Stage
    from nanolab.progress import Progress
    from nanolab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Note:
    """A few words of the learner's.

    Attributes:
        text: The words, in any number of lines.
        when: UTC, as in `2026-11-21T10:00:00Z`.
        about: Id of an exercise, or name of a stage; may be empty.
        question: Number of the question of the stage that it answers, from 1; 0 for a note.
    """

    text: str
    when: str
    about: str = ""
    question: int = 0


_FIELDS = {one.name for one in fields(Note)}


def add(workspace: Workspace, text: str, now: str, *, about: str = "", question: int = 0) -> Note:
    """Write a note down, or, with the number of a question, the answer to it.

    Raises:
        EnvironmentalError: If the disk is full.
        WorkspaceError: If it cannot be written.
    """
    note = Note(text.strip(), now, about, question)
    line = json.dumps(asdict(note), sort_keys=True).encode()
    workspace.make_directory(workspace.state)
    with storage.Lock(workspace.write_lock_file):
        storage.append_line(workspace.notes_file, line)
    return note


def load(workspace: Workspace) -> tuple[Note, ...]:
    """Every note and answer, in the order written; a line that is no note is passed over.

    Raises:
        WorkspaceError: If the file cannot be read.
    """
    lines = (storage.read(workspace.notes_file) or b"").splitlines()
    notes = (_parse(line) for line in lines)
    return tuple(note for note in notes if note is not None)


def journal(course: Course, progress: Progress, notes: Sequence[Note]) -> str:
    """The learner's log as Markdown: what was passed and when, notes, and reflections."""
    parts = [f"# My way through {course.title}"]
    for stage in course.stages:
        lines = list(_stage_lines(course, stage, progress, notes))
        if lines:
            parts += [f"## {stage.number}. {stage.title}", *lines]
    known = {one.id for one in course.exercises} | {one.name for one in course.stages}
    others = [note for note in notes if note.about not in known]
    if others:
        parts += ["## Notes", *map(_quote, others)]
    if len(parts) == 1:
        parts.append("Nothing yet: pass an exercise, or write a `nanolab note`.")
    return "\n\n".join(parts) + "\n"


def _parse(line: bytes) -> Note | None:
    try:
        # Of what a later nanolab may have added, nothing is read, and nothing lost.
        facts = {key: value for key, value in dict(json.loads(line)).items() if key in _FIELDS}
        note = Note(**facts)
    except (ValueError, TypeError, RecursionError):
        return None
    texts = (note.text, note.when, note.about)
    sound = all(isinstance(one, str) for one in texts) and isinstance(note.question, int)
    return note if sound else None


def _stage_lines(
    course: Course, stage: Stage, progress: Progress, notes: Sequence[Note]
) -> Iterator[str]:
    for exercise in stage.exercises:
        line = _exercise_line(exercise, progress)
        if line:
            yield line
        yield from (_quote(note) for note in notes if note.about == exercise.id)
    about = [note for note in notes if note.about == stage.name]
    yield from (_quote(note) for note in about if not note.question)
    answers = {note.question: note for note in about if note.question}
    if answers:
        questions = dict(enumerate(lessons.questions(course, stage), start=1))
        for number, answer in sorted(answers.items()):
            yield f"**{questions.get(number, f'Question {number}')}**"
            yield _quote(answer)


def _exercise_line(exercise: Exercise, progress: Progress) -> str:
    """One exercise in one line; empty if nothing happened."""
    entry = learner.entry(progress, exercise)
    if entry == learner.Entry():
        return ""
    title = f"**{exercise.title}** (`{exercise.id}`)"
    if entry.first_passed:
        how = f"passed {_day(entry.first_passed)}"
    else:
        how = "skipped" if entry.skipped else "not passed yet"
    facts = [how, _count(entry.attempts, "attempt")]
    facts += [_count(entry.hints_used, "hint")] if entry.hints_used else []
    facts += [f"about {_count(round(entry.seconds / 60), 'minute')}"] if entry.seconds >= 30 else []
    facts += ["after looking at the solution"] if entry.solution_seen else []
    return f"{title}: {', '.join(facts)}."


def _quote(note: Note) -> str:
    lines = [*note.text.splitlines(), f"({_day(note.when)})"]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _day(when: str) -> str:
    """`2026-11-21 10:00` of `2026-11-21T10:00:00Z`."""
    return when[:16].replace("T", " ")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
