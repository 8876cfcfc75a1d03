"""Many workspaces judged one after the other, for a teacher: a row for each, whatever it is like.

Nothing is written into any of them. What has been judged is kept in a ledger, if one is wanted, so
that an interrupted round goes on where it was, and a second one judges only what has changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nanolab import __version__, progress, storage, workspace
from nanolab.errors import NanolabError, WorkspaceError
from nanolab.verdict import Outcome
from nanolab.verify import GRAVEST_FIRST, INTERRUPTED, jobs_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from nanolab.course import Course, Exercise
    from nanolab.runner import Job
    from nanolab.verify import Report
    from nanolab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one workspace.

    Attributes:
        name: The directory as it was given.
        outcomes: For each exercise that was judged, its outcome.
        fault: Why nothing, or not everything, could be judged; None if all was.
        known: Whether it was in the ledger, and not judged again.
    """

    name: str
    outcomes: Mapping[str, str] = field(default_factory=dict)
    fault: NanolabError | None = None
    known: bool = False

    def passed(self, exercises: Sequence[Exercise]) -> int:
        """How many of these exercises passed."""
        return sum(self.outcomes.get(one.id) == Outcome.PASSED.value for one in exercises)

    @property
    def exit_code(self) -> int:
        """The gravest of 5, 4, 3 and 1 that applies; 0 if everything passed."""
        codes = {_CODES.get(outcome, 1) for outcome in self.outcomes.values()}
        codes |= {self.fault.exit_code} if self.fault else set()
        return next((code for code in GRAVEST_FIRST if code in codes), 0)


_CODES = {Outcome.PASSED.value: 0, Outcome.UNAVAILABLE.value: 4}


@dataclass(frozen=True, slots=True)
class Round:
    """What came of all of them.

    Attributes:
        rows: One for each workspace that was looked at, in the order given.
        interrupted: Whether Ctrl-C ended it early.
    """

    rows: tuple[Row, ...]
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """As of a single verification, over all rows."""
        if self.interrupted:
            return INTERRUPTED
        codes = {row.exit_code for row in self.rows}
        return next((code for code in GRAVEST_FIRST if code in codes), 0)


class Ledger:
    """A file of what was judged, one JSON object a line, only ever added to.

    Args:
        path: The file; None for a ledger that remembers nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        data = (storage.read(path) if path else None) or b""
        self._known = dict(filter(None, map(_entry, data.splitlines())))

    def find(self, content: str) -> Mapping[str, str] | None:
        """The outcomes for a content that was judged before."""
        return self._known.get(content)

    def add(self, name: str, content: str, outcomes: dict[str, str]) -> None:
        """Remember what came of a content.

        Raises:
            EnvironmentalError, WorkspaceError: If it cannot be written.
        """
        self._known[content] = outcomes
        if self._path:
            entry = {"workspace": name, "content": content, "outcomes": outcomes}
            storage.append_line(self._path, json.dumps(entry, sort_keys=True).encode())


def _entry(line: bytes) -> tuple[str, dict[str, str]] | None:
    """Content and outcomes of a line; None for one that a crash cut short."""
    try:
        entry = json.loads(line)
        outcomes = {str(id_): str(one) for id_, one in entry["outcomes"].items()}
        return str(entry["content"]), outcomes
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class Examiner:
    """How a workspace is judged.

    Attributes:
        course: The course.
        exercises: Those to judge.
        judge: Judges the jobs of one workspace, in a sandbox of its own if there is one.
        only_passed: Whether only what the learner has passed before is judged.
    """

    course: Course
    exercises: tuple[Exercise, ...]
    judge: Callable[[Workspace, Sequence[Job]], Report]
    only_passed: bool = False

    def round(
        self, places: Sequence[tuple[str, Path]], ledger: Ledger, on_row: Callable[[Row], None]
    ) -> Round:
        """Judge every workspace; none stops the others.

        Args:
            places: For each its name, and where it is.
            ledger: What is known already, and takes what is learnt.
            on_row: Called for each row as it is ready.

        Raises:
            EnvironmentalError, WorkspaceError: If the ledger cannot be written.
        """
        rows: list[Row] = []
        for name, root in places:
            row = self._row(name, root, ledger)
            if row is None:
                return Round(tuple(rows), interrupted=True)
            rows.append(row)
            on_row(row)
        return Round(tuple(rows))

    def _row(self, name: str, root: Path, ledger: Ledger) -> Row | None:
        """The row of one workspace, whatever it is like; None if it was interrupted."""
        try:
            return self._judged(name, root, ledger)
        except NanolabError as error:
            fault = error
        except OSError as error:
            fault = storage.explain(error, root)
        except Exception as error:  # a bug on one workspace must not cost the others
            what = f"This is a bug in nanolab: {type(error).__name__}: {error}"
            fault = NanolabError(what, "Please report it.")
        return Row(name, fault=fault)

    def _judged(self, name: str, root: Path, ledger: Ledger) -> Row | None:
        place, jobs = self._jobs(root)
        if not jobs:
            return Row(name)
        content = _content(jobs)
        known = ledger.find(content)
        if known is not None:
            return Row(name, known, known=True)
        report = self.judge(place, jobs)
        if report.interrupted:
            return None
        outcomes = {one.exercise: one.outcome.value for one in report.verdicts}
        if report.faults:
            return Row(name, outcomes, report.faults[0])
        ledger.add(name, content, outcomes)
        return Row(name, outcomes)

    def _jobs(self, root: Path) -> tuple[Workspace, tuple[Job, ...]]:
        place = workspace.Workspace(root)
        if not place.state.is_dir():
            raise WorkspaceError("There is no workspace here.", "It has no folder .nanolab.")
        state = progress.peek(place, self.course)
        own = progress.passed_files(self.course, place, state)
        chosen = self.exercises
        if self.only_passed:
            chosen = tuple(one for one in chosen if one.id in own)
        return place, jobs_for(self.course, place, chosen, own) if chosen else ()


def _content(jobs: Sequence[Job]) -> str:
    """A digest of all that the outcomes depend on: the files, the checks, and this nanolab."""
    digest = hashlib.sha256(__version__.encode())
    for job in jobs:
        digest.update(job.exercise.id.encode())
        for path in (job.file, job.check, job.solution):
            data = storage.read(path) if storage.is_plain(path) else None
            digest.update(b"-" if data is None else hashlib.sha256(data).digest())
        if job.exercise.assembled:
            digest.update(json.dumps(job.table.modules, sort_keys=True).encode())
    return digest.hexdigest()


def table_head(course: Course, exercises: Sequence[Exercise], width: int) -> str:
    """The heading of the table: a column for each stage that has exercises in it."""
    numbers = "".join(f"{f'{stage:02d}':>7}" for stage in _stages(course, exercises))
    return f"{'workspace':<{width}}{numbers}{'all':>9}"


def table_line(row: Row, course: Course, exercises: Sequence[Exercise], width: int) -> str:
    """One row of the table; what could not be judged says why."""
    if row.fault and not row.outcomes:
        return f"{row.name:<{width}}  {row.fault.advice}"
    cells = [f"{row.passed(ours)}/{len(ours)}" for ours in _stages(course, exercises).values()]
    line = "".join(f"{cell:>7}" for cell in cells)
    total = f"{row.passed(exercises)}/{len(exercises)}"
    why = f"  {row.fault.advice}" if row.fault else ""
    return f"{row.name:<{width}}{line}{total:>9}{why}"


def _stages(course: Course, exercises: Sequence[Exercise]) -> dict[int, list[Exercise]]:
    stages: dict[int, list[Exercise]] = {}
    for one in exercises:
        stages.setdefault(course.stage_of(one).number, []).append(one)
    return stages


def round_fields(result: Round, exercises: Sequence[Exercise]) -> dict[str, object]:
    """Everything for `--json`, without the envelope."""
    return {
        "selected": len(exercises),
        "interrupted": result.interrupted,
        "workspaces": [
            {
                "workspace": row.name,
                "passed": row.passed(exercises),
                "exercises": dict(row.outcomes),
                "known": row.known,
                "error": None
                if row.fault is None
                else {
                    "code": row.fault.exit_code,
                    "kind": row.fault.kind,
                    "message": str(row.fault),
                    "fix": row.fault.cure,
                },
            }
            for row in result.rows
        ],
    }
