"""`nanolab dev check`: every rule, applied to the course."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.dev import checks, files, imports, leaks, pair, rust, style, texts, trial
from nanolab.dev.counts import write_counts
from nanolab.dev.report import Finding, Report, Tally
from nanolab.runner import Runner, unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from nanolab.course import Course, Exercise, Stage
    from nanolab.dev.trial import Trial
    from nanolab.runner import Job
    from nanolab.verdict import Verdict

    Rule = Callable[..., Iterable[Finding]]

# A rule is a function: it takes the course and a subject, and yields findings. Its name is shown.
# Where a first rule finds something, the ones that rely on it are not asked.
FIRST_FILE_RULES: tuple[Rule, ...] = (files.files_are_there, files.files_parse)
FIRST_WRONG_RULES: tuple[Rule, ...] = (checks.wrongs_load,)
FIRST_TEXT_RULES: tuple[Rule, ...] = (files.texts_are_there,)
LANGUAGE_RULES: dict[str, tuple[Rule, ...]] = {
    "python": (
        pair.stub_has_todo,
        pair.todos_say_goal_and_size,
        pair.solution_has_no_todo,
        pair.stub_and_solution_agree,
    ),
    "rust": (
        rust.rust_stub_has_todo,
        rust.rust_solution_has_no_todo,
        rust.rust_stub_and_solution_agree,
        rust.rust_is_formatted,
        rust.rust_is_safe,
    ),
}
EXERCISE_RULES: tuple[Rule, ...] = (
    imports.imports_come_earlier,
    imports.torch_is_declared,
    imports.needs_are_inherited,
    imports.kit_stays_with_checks,
    imports.upstream_names_exist,
    checks.check_has_probe,
    checks.check_tests_have_titles,
    checks.three_wrongs,
    checks.wrongs_are_well_named,
    checks.wrongs_fit_the_solution,
)
HINT_RULES: tuple[Rule, ...] = (texts.three_hints, texts.hints_keep_the_secret)
TRIAL_RULES: tuple[Rule, ...] = (
    trial.stub_is_unfinished,
    trial.solution_passes,
    trial.solution_is_quick,
    trial.wrongs_are_rejected,
    trial.wrongs_are_named,
    trial.count_is_right,
)
STAGE_RULES: tuple[Rule, ...] = (imports.public_names_are_unique, texts.no_blanks_left)
TEXT_RULES: tuple[Rule, ...] = (
    files.links_lead_somewhere,
    texts.hints_name_exercises,
    texts.lesson_asks_questions,
    texts.every_question_is_answered,
)
COURSE_RULES: tuple[Rule, ...] = (
    files.no_stray_files,
    style.well_formatted,
    leaks.no_solution_in_a_workspace,
)


def check(
    course: Course,
    names: Sequence[str] = (),
    *,
    jobs: int = 1,
    write: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Apply every rule to the stages called `names`, or to all; course rules always.

    Args:
        course: A checkout's course.
        names: Of stages, as `Course.find_stage` takes them.
        jobs: How many exercises to run at a time.
        write: Correct the `checks` counts in info.toml.
        progress: Called with a line of text as soon as an exercise has been run.

    Raises:
        UnknownNameError: If a name is no stage's.
        UsageError: If the course is installed, not a checkout.
        CourseError: If info.toml cannot be corrected.
    """
    files.require_checkout(course)
    began = time.monotonic()
    wanted = {course.find_stage(name) for name in names} or set(course.stages)
    stages = [stage for stage in course.stages if stage in wanted and not stage.coming]
    able, skipped = _able(course, stages)
    trials = {}
    for one in _try_all(course, able, jobs):
        trials[one.exercise.id] = one
        if progress:
            progress(f"{one.exercise.id}: {one.rejected}/{len(one.wrongs)} wrong answers rejected")
    found = [*course_findings(course)]
    for stage in stages:
        found += stage_findings(course, stage, trials)
    written = _write_counts(course, trials) if write else ()
    if written:
        found = [one for one in found if one.rule != _name(trial.count_is_right)]
    return Report(
        findings=tuple(found),
        tallies=tuple(_tally(stage, trials) for stage in stages),
        skipped=tuple(skipped),
        written=written,
        seconds=time.monotonic() - began,
    )


def _able(course: Course, stages: Sequence[Stage]) -> tuple[list[Exercise], list[str]]:
    """The exercises that can be run here; and what cannot be checked, with the reason."""
    able, skipped = [], []
    for exercise in (one for stage in stages for one in stage.exercises):
        reason = unavailable(course, exercise)
        if reason:
            skipped.append(f"{exercise.id} was not run. {reason}")
        elif not _first_findings(course, exercise):
            able.append(exercise)
    return able, skipped if style.ruff_is_here() else [*skipped, style.MISSING]


def _try_all(course: Course, exercises: Sequence[Exercise], jobs: int) -> Iterator[Trial]:
    """The trial of each exercise, in order, `jobs` of them at a time."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        idle: queue.SimpleQueue[Runner] = queue.SimpleQueue()
        for _ in range(max(min(jobs, len(exercises)), 1)):
            idle.put(stack.enter_context(Runner()))

        stopped = threading.Event()

        def judge(job: Job) -> Verdict:
            if stopped.is_set():
                raise CancelledError
            runner = idle.get()
            try:
                return runner.run(job)
            finally:
                idle.put(runner)

        pool = ThreadPoolExecutor(max(jobs, 1))
        stack.callback(pool.shutdown, cancel_futures=True)
        stack.callback(stopped.set)  # first of all, so that Ctrl-C waits for one run at most
        yield from pool.map(lambda one: trial.try_out(course, one, judge, scratch), exercises)


def course_findings(course: Course) -> Iterator[Finding]:
    """What the rules about the course as a whole find."""
    yield from _apply(COURSE_RULES, course)


def stage_findings(course: Course, stage: Stage, trials: dict[str, Trial]) -> Iterator[Finding]:
    """What the rules about a stage, its exercises and their trials find.

    Args:
        course: The course.
        stage: One that has exercises.
        trials: By exercise id; rules about running are not asked where there is none.
    """
    missing = [*_apply(FIRST_TEXT_RULES, course, stage)]
    yield from missing
    yield from _apply(STAGE_RULES + (() if missing else TEXT_RULES), course, stage)
    for exercise in stage.exercises:
        first = _first_findings(course, exercise)
        yield from first
        rules = LANGUAGE_RULES[exercise.kind] + EXERCISE_RULES
        rules += () if missing else HINT_RULES
        yield from _apply(() if first else rules, course, exercise)
        if exercise.id in trials:
            yield from _apply(TRIAL_RULES, course, trials[exercise.id])


def _first_findings(course: Course, exercise: Exercise) -> list[Finding]:
    """Why an exercise cannot be looked at any further, if it cannot."""
    found = [*_apply(FIRST_FILE_RULES, course, exercise)]
    return found or [*_apply(FIRST_WRONG_RULES, course, exercise)]


def _apply(rules: Iterable[Rule], *subject: object) -> Iterator[Finding]:
    for rule in rules:
        yield from (replace(finding, rule=_name(rule)) for finding in rule(*subject))


def _name(rule: Rule) -> str:
    return rule.__name__.replace("_", "-")


def _write_counts(course: Course, trials: dict[str, Trial]) -> tuple[str, ...]:
    wrong = {
        id_: one.counted
        for id_, one in trials.items()
        if one.counted not in {0, one.exercise.checks}
    }
    return write_counts(course, wrong) if wrong else ()


def _tally(stage: Stage, trials: dict[str, Trial]) -> Tally:
    own = [trials[one.id] for one in stage.exercises if one.id in trials]
    return Tally(stage.name, sum(one.rejected for one in own), sum(len(one.wrongs) for one in own))
