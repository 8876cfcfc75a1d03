"""The time machine: `reset`, `undo`, `history`, `restore`."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated

import typer

from nanolab import progress
from nanolab.cli import out
from nanolab.cli.here import here, now
from nanolab.cli.options import Json, OneExercise, Yes
from nanolab.cli.practise import decoded
from nanolab.errors import UsageError

if TYPE_CHECKING:
    from nanolab.cli.here import Here
    from nanolab.course import Exercise

commands = typer.Typer()


@commands.command(epilog="Example: nanolab reset hello")
def reset(name: OneExercise, yes: Yes = False) -> int:
    """Bring an exercise back as it was shipped; `undo` brings yours back."""
    at = here()
    exercise = at.exercise(name)
    stub = at.workspace.shipped(at.course, exercise)
    return _overwrite(at, exercise, stub, f"reset {exercise.name}", yes=yes)


@commands.command(epilog="Example: nanolab undo")
def undo() -> int:
    """Take back the last reset, restore or update."""
    from nanolab.history import History

    at = here()
    store = History(at.workspace)
    undone = store.undo(now())
    out.say_if(store.notice)
    if undone is None:
        out.say("There is nothing to undo.")
        return 0
    for exercise, sha256 in undone.exercises(at.course):
        _note_content(at, exercise, sha256)
    back = [path for path in undone.files if not path.startswith(".nanolab/")]
    gone = [path for path in undone.removed if not path.startswith(".nanolab/")]
    out.say(f"Undone: {undone.label}.{_listed(' Back:', back)}{_listed(' Gone again:', gone)}")
    return 0


@commands.command(epilog="Example: nanolab history hello --diff 1 3")
def history(
    name: OneExercise,
    diff: Annotated[
        tuple[int, int] | None, typer.Option(metavar="A B", help="Compare two versions.")
    ] = None,
    json: Json = False,
) -> int:
    """Every version of a file that was judged."""
    from nanolab.history import History

    at = here()
    exercise = at.exercise(name)
    store = History(at.workspace)
    if diff:
        old, new = (decoded(store.read(exercise, number)) for number in diff)
        _show_diff(at, exercise, (old, new), diff)
        return 0
    versions = store.versions(exercise)
    if json:
        rows = [
            {"number": one.number, "sha256": one.sha256, "when": one.when, "note": one.note}
            for one in versions
        ]
        out.emit_json(exercise=exercise.id, versions=rows)
    elif versions:
        out.emit("\n".join(f"{one.number:>4}  {one.when}  {one.note}" for one in versions))
    else:
        out.say(f"No version of {exercise.id} has been judged yet.")
    return 0


@commands.command(epilog="Example: nanolab restore hello@2")
def restore(
    name: Annotated[str, typer.Argument(metavar="NAME@N", help="An exercise and a version of it.")],
    yes: Yes = False,
) -> int:
    """Bring back a version of a file, as numbered by `history`."""
    from nanolab.history import History

    exercise_name, at_sign, number = name.rpartition("@")
    if not at_sign or not number.isdecimal():
        raise UsageError(f"{name!r} names no version.", "Write, say, `nanolab restore hello@2`.")
    at = here()
    exercise = at.exercise(exercise_name)
    content = History(at.workspace).read(exercise, int(number))
    return _overwrite(at, exercise, content, f"restore {exercise.name}@{int(number)}", yes=yes)


def _listed(heading: str, paths: list[str]) -> str:
    return f"{heading} {', '.join(paths)}." if paths else ""


def _show_diff(
    at: Here, exercise: Exercise, sources: tuple[str, str], numbers: tuple[int, int]
) -> None:
    from nanolab import diffs
    from nanolab.views.diff import diff_view

    names = tuple(f"{exercise.name}@{number}" for number in numbers)
    labels, language = (names[0], names[1]), exercise.kind
    view = diff_view(diffs.compare(*sources), *sources, at.look, labels, language=language)
    out.console().print(view)


def _overwrite(at: Here, exercise: Exercise, content: bytes, label: str, *, yes: bool) -> int:
    """Ask, keep what is there, then put `content` in its place."""
    from nanolab import storage
    from nanolab.history import History

    path = at.workspace.file(exercise)
    there = storage.read(path)
    if there == content:
        if progress.entry(at.progress, exercise).passed:  # killed before it was noted, last time?
            _note_content(at, exercise, hashlib.sha256(content).hexdigest())
        out.say(f"{exercise.id} is so already; nothing to {label.partition(' ')[0]}.")
        return 0
    question = f"Overwrite {at.look.shown(path)}? `nanolab undo` brings it back."
    if there is not None and not out.confirm(question, yes=yes):
        out.say("Nothing was changed.")
        return 0
    store = History(at.workspace)
    store.replace(exercise, content, label, now())
    out.say_if(store.notice)
    _note_content(at, exercise, hashlib.sha256(content).hexdigest())
    undo = "" if there is None else " `nanolab undo` takes it back."
    out.say(f"Done: {label}.{undo}")
    return 0


def _note_content(at: Here, exercise: Exercise, sha256: str) -> None:
    """Tell the progress what stands in the file now."""
    at.update(lambda kept: progress.with_file(kept, exercise, sha256))
