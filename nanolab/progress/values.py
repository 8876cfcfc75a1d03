"""What the learner has done, as a value, and how what happens changes it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from nanolab.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nanolab.course import Exercise, Stage
    from nanolab.verdict import Verdict

# Longer than this between two runs, and the learner was elsewhere.
_PAUSE = 600.0
# No try by the learner: an untouched stub, or a run that never judged.
_NO_ATTEMPT = {Outcome.UNFINISHED, Outcome.CANCELLED, Outcome.UNAVAILABLE}
_NO_JUDGEMENT = {Outcome.CANCELLED, Outcome.UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known about one exercise. Times are UTC, as in `2026-11-21T10:00:00Z`.

    Attributes:
        passed: Whether it has passed; stays so if a later version fails.
        broken: Whether it had passed and the version judged last did not.
        first_passed: When it passed for the first time.
        attempts: How many different contents were judged, stubs not counted.
        hints_used: The highest level of hint seen.
        seconds: Time at work: between judged runs, pauses above ten minutes not counted.
        sha256: Of the file that passed last.
        tried: sha256 of the file judged last.
        last_run: When it was judged last.
        skipped: Whether the learner passed it by.
        solution_seen: Whether the learner asked for the solution before passing.
    """

    passed: bool = False
    broken: bool = False
    first_passed: str = ""
    attempts: int = 0
    hints_used: int = 0
    seconds: float = 0.0
    sha256: str = ""
    tried: str = ""
    last_run: str = ""
    skipped: bool = False
    solution_seen: bool = False

    @property
    def done(self) -> bool:
        """Whether the learner may move on from it: passed or skipped."""
        return self.passed or self.skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """All that is remembered of a learner.

    Attributes:
        current: Id of the exercise that the learner is at; empty at first.
        entries: By exercise id; also those of exercises that this course does not have.
        reflections: For each stage whose questions were dealt with, `answered` or `skipped`.
        welcomed: Whether the welcome was shown.
    """

    current: str = ""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    reflections: Mapping[str, str] = field(default_factory=dict)
    welcomed: bool = False


def entry(progress: Progress, exercise: Exercise) -> Entry:
    """What is known about an exercise; a blank entry if nothing is."""
    return progress.entries.get(exercise.id, Entry())


def after_verdict(progress: Progress, exercise: Exercise, verdict: Verdict, now: str) -> Progress:
    """The progress after a run; unchanged unless the learner's own file was judged."""
    if verdict.tree != "exercises" or verdict.outcome in _NO_JUDGEMENT:
        return progress
    old = entry(progress, exercise)
    same = bool(verdict.sha256) and verdict.sha256 == old.tried
    new = replace(
        old,
        attempts=old.attempts + (not same and verdict.outcome not in _NO_ATTEMPT),
        seconds=round(old.seconds + _at_work(old.last_run, now), 1),
        tried=verdict.sha256,
        last_run=now,
        broken=old.passed and not verdict.passed,
    )
    if verdict.passed:
        first = old.first_passed or now
        new = replace(new, passed=True, first_passed=first, sha256=verdict.sha256)
    return _with(progress, exercise, new)


def with_hint(progress: Progress, exercise: Exercise, level: int) -> Progress:
    """Having seen the hint of this level, from 1."""
    old = entry(progress, exercise)
    return _with(progress, exercise, replace(old, hints_used=max(old.hints_used, level)))


def with_solution_seen(progress: Progress, exercise: Exercise) -> Progress:
    """Having seen the solution; after a pass that is no secret, and not noted."""
    old = entry(progress, exercise)
    return progress if old.passed else _with(progress, exercise, replace(old, solution_seen=True))


def with_skip(progress: Progress, exercise: Exercise) -> Progress:
    """Having passed the exercise by."""
    return _with(progress, exercise, replace(entry(progress, exercise), skipped=True))


def with_file(progress: Progress, exercise: Exercise, sha256: str) -> Progress:
    """With a file of this content put in place: passed if and only if it is the one that passed.

    What the exercise took so far is remembered.
    """
    old = entry(progress, exercise)
    passed = bool(old.first_passed) and old.sha256 == sha256
    new = replace(old, passed=passed, broken=False, skipped=False)
    return _with(progress, exercise, new)


def with_current(progress: Progress, exercise: Exercise) -> Progress:
    """With the learner at this exercise."""
    return replace(progress, current=exercise.id)


def with_welcome(progress: Progress) -> Progress:
    """Having shown the welcome."""
    return replace(progress, welcomed=True)


def with_reflection(progress: Progress, stage: Stage, *, skipped: bool = False) -> Progress:
    """With a stage's questions answered, or passed by; an answer is never taken back."""
    if progress.reflections.get(stage.name) == "answered":
        return progress
    dealt_with = {stage.name: "skipped" if skipped else "answered"}
    return replace(progress, reflections={**progress.reflections, **dealt_with})


def _with(progress: Progress, exercise: Exercise, new: Entry) -> Progress:
    return replace(progress, entries={**progress.entries, exercise.id: new})


def _at_work(last_run: str, now: str) -> float:
    """Seconds of work between two runs."""
    try:
        gap = (_time(now) - _time(last_run)).total_seconds()
    except ValueError:
        return 0.0
    return gap if 0 < gap <= _PAUSE else 0.0


def _time(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z")
