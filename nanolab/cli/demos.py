"""To see code at work: `show` and `bench`, on what an exercise's demo offers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import typer

from nanolab.cli import out
from nanolab.cli.here import here
from nanolab.cli.options import ExerciseName, Json
from nanolab.cli.practise import source_of
from nanolab.errors import UsageError

if TYPE_CHECKING:
    from nanolab.cli.here import Here
    from nanolab.course import Course, Exercise
    from nanolab.verdict import Verdict

SECONDS = 120.0  # a demo does more than a check, and may build PyO3

commands = typer.Typer()


@commands.command(epilog="Example: nanolab show tokenizer")
def show(name: ExerciseName = "", json: Json = False) -> int:
    """What your code does, drawn: the demo of an exercise."""
    at = here()
    exercise = _with_demo(at, name, "show")
    verdict, pieces = _ask(at, exercise, "show")
    if json:
        text = None if pieces is None else "".join(text for text, _ in pieces)
        out.emit_json(exercise=exercise.id, outcome=str(verdict.outcome), text=text)
    elif pieces is not None:
        from nanolab.views.demo import drawing

        out.console().print(drawing(pieces))
    return _finish(at, verdict, json=json)


@commands.command(epilog="Example: nanolab bench bench")
def bench(name: ExerciseName = "", json: Json = False) -> int:
    """Your code against others: time and memory."""
    at = here()
    exercise = _with_demo(at, name, "bench")
    verdict, rows = _ask(at, exercise, "bench")
    if json:
        out.emit_json(exercise=exercise.id, outcome=str(verdict.outcome), rows=rows)
    elif rows is not None:
        from nanolab.views.demo import race

        out.console().print(race(rows, at.look))
    return _finish(at, verdict, json=json)


def _with_demo(at: Here, name: str, ask: str) -> Exercise:
    """The exercise, if its demo offers what is asked.

    Raises:
        UsageError: If it does not; the cure names those that do.
    """
    exercise = at.exercise(name)
    if ask in offers(at.course, exercise):
        return exercise
    able = [one.id for one in at.course.exercises if ask in offers(at.course, one)]
    cure = f"These do: {', '.join(able)}." if able else "No exercise of this course does yet."
    raise UsageError(f"{exercise.id} has nothing for `nanolab {ask}`.", cure)


def offers(course: Course, exercise: Exercise) -> set[str]:
    """The functions of an exercise's demo; none if it has no demo."""
    path = course.demo(exercise)
    if not path.is_file():
        return set()
    return {
        one.name for one in ast.parse(path.read_bytes()).body if isinstance(one, ast.FunctionDef)
    }


def _ask(at: Here, exercise: Exercise, ask: str) -> tuple[Verdict, Any]:
    """Run the demo on the learner's file, with what else has passed; None if it gave nothing."""
    from nanolab import assembly, progress
    from nanolab.runner import Demo, Runner, job_for, unavailable
    from nanolab.verdict import Outcome, Verdict

    source_of(at, exercise)
    reason = unavailable(at.course, exercise)
    if reason:
        return Verdict(exercise.id, "exercises", Outcome.UNAVAILABLE, total=1, reason=reason), None
    patient = replace(exercise, timeout=max(exercise.timeout, SECONDS), checks=1, assembled=True)
    passed = progress.passed_files(at.course, at.workspace, at.progress)
    job = job_for(at.course, patient, at.workspace.file(exercise), passed=passed)
    solutions = assembly.assemble(at.course, {})
    demo = Demo(at.course.demo(exercise), ask, solutions, at.look.width)
    with Runner(warm=False) as runner:
        return runner.demonstrate(replace(job, demo=demo))


def _finish(at: Here, verdict: Verdict, *, json: bool) -> int:
    """What went wrong, if it did, and the exit code."""
    from nanolab.cli.practise import exit_code

    if not verdict.passed and not json:
        from nanolab.views.verdict import verdict_view

        out.console().print(verdict_view(verdict, at.look))
    return exit_code(verdict)
