"""To work on exercises: `watch`, `run`, `hint`, `diff`, `goto`, `skip`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from nanolab import progress
from nanolab.cli import glance, out
from nanolab.cli.here import here, now
from nanolab.cli.options import ExerciseName, Json, OneExercise, Yes
from nanolab.errors import MissingFileError, UsageError

if TYPE_CHECKING:
    from nanolab.cli.here import Here
    from nanolab.course import Exercise
    from nanolab.verdict import Verdict

commands = typer.Typer()


@commands.command(epilog="Example: nanolab watch hello")
def watch(
    name: ExerciseName = "",
    manual: Annotated[bool, typer.Option("--manual", help="Judge only when asked.")] = False,
    plain: Annotated[bool, typer.Option("--plain", help="One line per verdict.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object per event.")] = False,
    warm: Annotated[bool, typer.Option(help="Keep a process ready (memory for speed).")] = True,
) -> int:
    """Judge every save, until you quit."""
    from nanolab import loop
    from nanolab.runner import Runner

    at = here()
    with Runner(warm=warm) as runner:
        return loop.watch(
            at.course, at.workspace, at.config, runner=runner,
            name=name, manual=manual, plain=plain, json=json, look=at.look,
        )  # fmt: skip


@commands.command(epilog="Example: nanolab run hello")
def run(
    name: ExerciseName = "",
    assembled: Annotated[
        bool,
        typer.Option("--assembled", help="Together with your other passed files, not solutions."),
    ] = False,
    json: Json = False,
) -> int:
    """Judge one exercise once."""
    at = here()
    exercise = at.exercise(name)
    source = source_of(at, exercise)  # now, since the code may delete its own file
    verdict = _judge(at, exercise, assembled=assembled)
    if not assembled:
        _record(at, exercise, verdict, source)
    _show(at, verdict, json=json)
    return exit_code(verdict)


@commands.command(epilog="Example: nanolab hint hello --level 2")
def hint(
    name: ExerciseName = "",
    level: Annotated[int, typer.Option(help="1 to 3. Default: the next.", show_default=False)] = 0,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """The next hint; the last one asks first."""
    return glance.hint(name, level=level, yes=yes, json=json)


@commands.command(epilog="Example: nanolab goto rotary")
def goto(name: OneExercise) -> int:
    """Make an exercise the current one, wherever it stands."""
    at = here()
    exercise = at.exercise(name)
    at.update(lambda kept: progress.with_current(kept, exercise))
    code = glance.status()
    if not at.workspace.file(exercise).exists():
        out.say(MissingFileError(exercise.file).advice)
    return code


@commands.command(epilog="Example: nanolab skip ranks")
def skip(name: ExerciseName = "") -> int:
    """Pass an exercise by and go to the next; later checks use its solution."""
    at = here()
    exercise = at.exercise(name)

    def pass_by(kept: progress.Progress) -> progress.Progress:
        kept = progress.with_skip(kept, exercise)
        following = progress.next_exercise(at.course, kept, exercise)
        return progress.with_current(kept, following) if following else kept

    at.update(pass_by)
    out.say(f"Skipped {exercise.id}. `nanolab goto {exercise.name}` comes back to it.")
    return glance.status()


@commands.command(epilog="Example: nanolab diff hello --by-function")
def diff(
    name: ExerciseName = "",
    by_function: Annotated[
        bool, typer.Option("--by-function", help="One function after the other.")
    ] = False,
    normalize: Annotated[
        bool, typer.Option("--normalize", help="Ignore names, comments and docstrings.")
    ] = False,
    yes: Yes = False,
    json: Json = False,
) -> int:
    """Your file against the solution; before a pass it asks."""
    at = here()
    exercise = at.exercise(name)
    if not progress.entry(at.progress, exercise).passed:
        if not out.confirm(f"{exercise.id} is not passed yet. Show its solution?", yes=yes):
            return 0
        at.update(lambda kept: progress.with_solution_seen(kept, exercise))
    yours = decoded(source_of(at, exercise))
    solution = decoded(at.course.solution(exercise).read_bytes())
    if normalize:
        yours, solution = _structure(yours), _structure(solution)
    if json:
        _emit_diff(exercise, yours, solution)
    elif by_function:
        _step_through(at, yours, solution)
    else:
        from nanolab import diffs
        from nanolab.views.diff import diff_view

        compared = diffs.compare(yours, solution)
        view = diff_view(compared, yours, solution, at.look, language=exercise.kind)
        out.console().print(view)
    return 0


def decoded(source: bytes) -> str:
    """The text of a file, whatever it holds."""
    return source.decode("utf-8", errors="replace")


def source_of(at: Here, exercise: Exercise) -> bytes:
    """What the learner's file holds.

    Raises:
        MissingFileError: If it is not there.
        WorkspaceError: If it cannot be read.
    """
    from nanolab import storage

    data = storage.read(at.workspace.file(exercise))
    if data is None:
        raise MissingFileError(exercise.file)
    return data


def _structure(source: str) -> str:
    """What is left of the source without names, comments and docstrings."""
    from nanolab import diffs

    bare = diffs.normalize(source)
    if bare is None:
        raise UsageError(
            "Only files that parse can be compared with --normalize.", "Leave it out, or run first."
        )
    return bare


def _step_through(at: Here, yours: str, solution: str) -> None:
    """One function after the other; on a terminal, Enter goes on and q ends."""
    from nanolab import diffs
    from nanolab.views.diff import part_view

    parts = [part for part in diffs.by_function(yours, solution) if not part.diff.same]
    if not parts:
        out.emit("Nothing differs.")
    for position in range(len(parts)):
        out.console().print(part_view(parts, position, yours, solution, at.look))
        if position + 1 < len(parts) and not out.go_on():
            return


def _emit_diff(exercise: Exercise, yours: str, solution: str) -> None:
    """The same as a unified diff, which every program can read."""
    import difflib

    old, new = yours.splitlines(), solution.splitlines()
    rows = difflib.unified_diff(old, new, "yours", "solution", lineterm="")
    out.emit_json(exercise=exercise.id, same=old == new, diff=list(rows))


def _judge(at: Here, exercise: Exercise, *, assembled: bool) -> Verdict:
    from nanolab.runner import Runner, job_for, unavailable
    from nanolab.verdict import Outcome, Verdict

    reason = unavailable(at.course, exercise)
    if reason:
        return Verdict(exercise.id, "exercises", Outcome.UNAVAILABLE, (), exercise.checks, reason)
    judged = replace(exercise, assembled=assembled or exercise.assembled)
    passed = progress.passed_files(at.course, at.workspace, at.progress)
    job = job_for(at.course, judged, at.workspace.file(exercise), passed=passed)
    with Runner(warm=False) as runner:
        return runner.run(job)


def _record(at: Here, exercise: Exercise, verdict: Verdict, source: bytes) -> None:
    """Keep the tested version, and what the verdict means for the progress."""
    from nanolab.history import History

    when = now()
    if hashlib.sha256(source).hexdigest() == verdict.sha256:
        store = History(at.workspace)
        store.record(exercise, source, str(verdict.outcome), when)
        out.say_if(store.notice)
        slip = verdict.diagnosis.slip if verdict.diagnosis else ""
        at.workspace.keep_slip(exercise, verdict.sha256, slip)
    at.update(lambda kept: progress.after_verdict(kept, exercise, verdict, when))


def _show(at: Here, verdict: Verdict, *, json: bool) -> None:
    if json:
        from nanolab.verify.exercism import exercise_fields

        out.emit_json(**exercise_fields(at.course, verdict))
    else:
        from nanolab.views.verdict import verdict_view

        out.console().print(verdict_view(verdict, at.look))


def exit_code(verdict: Verdict) -> int:
    """What a command about one exercise exits with."""
    from nanolab.verdict import Outcome

    if verdict.passed:
        return 0
    return 4 if verdict.outcome is Outcome.UNAVAILABLE else 1
