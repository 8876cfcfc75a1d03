"""Running an exercise's stub, solution and wrong answers, and the rules about what comes of it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nanolab.dev.checks import load_wrongs
from nanolab.dev.report import Finding, place
from nanolab.runner import job_for
from nanolab.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nanolab.course import Course, Exercise
    from nanolab.runner import Job
    from nanolab.verdict import Verdict
    from nanolab.wrongs import Wrong

SEEDS = (0, 1, 2)
SECONDS = 5.0  # a solution that takes longer makes every learner wait

_NOT_YET = {Outcome.UNFINISHED, Outcome.FAILED}
_REJECTED = {Outcome.FAILED, Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED}


@dataclass(frozen=True, slots=True)
class Trial:
    """All verdicts on one exercise.

    Attributes:
        exercise: As info.toml declares it.
        counted: How many checks were seen; 0 if the solution did not get through.
        stub: The verdict on the stub.
        solutions: On the solution, one for each seed.
        wrongs: On each wrong answer that could be made and is not equivalent.
    """

    exercise: Exercise
    counted: int
    stub: Verdict
    solutions: tuple[Verdict, ...]
    wrongs: tuple[tuple[Wrong, Verdict], ...]

    @property
    def rejected(self) -> int:
        """How many of the wrong answers the check rejected."""
        return sum(verdict.outcome in _REJECTED for _, verdict in self.wrongs)


def try_out(
    course: Course, exercise: Exercise, judge: Callable[[Job], Verdict], scratch: Path
) -> Trial:
    """Run everything that an exercise has.

    A wrong count in info.toml is one fault: what runs after the first solution knows the right one.

    Args:
        course: The exercise's course.
        exercise: Whose files are all there.
        judge: Runs one job.
        scratch: A directory for the sources of the wrong answers.
    """
    solution = course.solution(exercise)

    def solved(one: Exercise, seed: int) -> Verdict:
        return judge(job_for(course, one, solution, tree="solutions", seed=seed))

    first = solved(exercise, SEEDS[0])
    counted = len(first.checks) if all(check.passed for check in first.checks) else 0
    known = replace(exercise, checks=counted or exercise.checks)
    if known != exercise:
        first = solved(known, SEEDS[0])
    return Trial(
        exercise=exercise,
        counted=counted,
        stub=judge(job_for(course, known, course.stub(exercise))),
        solutions=(first, *(solved(known, seed) for seed in SEEDS[1:])),
        wrongs=tuple(_wrongs(course, known, judge, scratch)),
    )


def _wrongs(
    course: Course, exercise: Exercise, judge: Callable[[Job], Verdict], scratch: Path
) -> Iterator[tuple[Wrong, Verdict]]:
    for wrong, source in _sources(course, exercise):
        file = scratch / wrong.name / exercise.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, encoding="utf-8")
        yield wrong, judge(job_for(course, exercise, file, tree=wrong.name))


def _sources(course: Course, exercise: Exercise) -> Iterator[tuple[Wrong, str]]:
    """The wrong answers to run, each with its source."""
    solution = course.solution(exercise).read_text(encoding="utf-8")
    for wrong in load_wrongs(course, exercise):
        try:
            source = wrong.apply(solution)
        except ValueError:
            continue  # another rule tells
        if not wrong.equivalent:
            yield wrong, source


def stub_is_unfinished(course: Course, trial: Trial) -> Iterator[Finding]:
    """A stub imports cleanly, and is unfinished or failing, as a learner first meets it."""
    if trial.stub.outcome not in _NOT_YET:
        what = f"The stub is {trial.stub.outcome}: {_why(trial.stub)}"
        cure = "A stub imports cleanly and ends in `raise NotImplementedError` at its TODO."
        yield Finding(place(course, course.stub(trial.exercise)), what, cure)


def solution_passes(course: Course, trial: Trial) -> Iterator[Finding]:
    """A solution passes its own check, whatever the seed."""
    failed = next((verdict for verdict in trial.solutions if not verdict.passed), None)
    if failed is not None:
        what = f"The solution is {failed.outcome}: {_why(failed)}"
        where = place(course, course.solution(trial.exercise))
        yield Finding(where, what, f"It must pass at the seeds {', '.join(map(str, SEEDS))}.")


def solution_is_quick(course: Course, trial: Trial) -> Iterator[Finding]:
    """A check of a correct answer takes at most five seconds, not counting the first build."""
    counted = trial.solutions[trial.exercise.kind == "rust" :]
    slowest = max((verdict.seconds for verdict in counted), default=0.0)
    if slowest > SECONDS:
        where = place(course, course.check(trial.exercise))
        yield Finding(where, f"The solution takes {slowest:.1f} s.", "Check smaller sizes.")


def wrongs_are_rejected(course: Course, trial: Trial) -> Iterator[Finding]:
    """A check passes no wrong answer; and a wrong answer is an answer: it imports and ends."""
    where = place(course, course.check(trial.exercise))
    for wrong, verdict in trial.wrongs:
        if verdict.passed:
            what = f"The check passes the wrong answer {wrong.name}: it {wrong.slip}."
            cure = 'Add a test that it fails, or write equivalent="why" if nothing can tell.'
            yield Finding(where, what, cure)
        elif verdict.outcome not in _REJECTED:
            what = f"The wrong answer {wrong.name} is {verdict.outcome}: {_why(verdict)}"
            place_of_wrong = place(course, course.wrongs(trial.exercise))
            yield Finding(place_of_wrong, what, "Make it a slip that a learner could run.")


def wrongs_are_named(course: Course, trial: Trial) -> Iterator[Finding]:
    """The diagnosis gives each wrong answer its own name."""
    syntax = {wrong.name: _syntax(source) for wrong, source in _sources(course, trial.exercise)}
    for wrong, verdict in trial.wrongs:
        if verdict.outcome is not Outcome.FAILED:
            continue
        named = verdict.diagnosis.wrong if verdict.diagnosis else ""
        if syntax.get(named) != syntax[wrong.name]:
            called = f"is taken for {named}" if named else "is not recognised"
            where = place(course, course.check(trial.exercise))
            cure = "Let probe(module) return something in which it differs from all others."
            yield Finding(where, f"The wrong answer {wrong.name} {called}.", cure)


def _syntax(source: str) -> str:
    """The same for two sources that differ only in layout and comments."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:  # of Rust, say
        return re.sub(r"//.*|\s", "", source)


def count_is_right(course: Course, trial: Trial) -> Iterator[Finding]:
    """`checks` in info.toml is the number of checks there are."""
    del course
    exercise = trial.exercise
    if trial.counted not in {0, exercise.checks}:
        what = f"{exercise.id} has {trial.counted} checks; info.toml says {exercise.checks}."
        yield Finding("info.toml", what, "Run `nanolab dev check --write`.")


def _why(verdict: Verdict) -> str:
    """The verdict in one sentence."""
    failure = verdict.first_failure
    if verdict.reason or failure is None:
        return verdict.reason or f"{verdict.passed_count} of {verdict.total} checks pass."
    return f"{failure.id}: {failure.message}"
