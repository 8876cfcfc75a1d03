"""What a runner is asked (`Job`), what it tells on the way and at the end, and how it travels."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanolab import assembly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nanolab.course import Course, Exercise
    from nanolab.verdict import Check, Verdict

# Words that both ends of a run know.
CLOSING = "closing"  # the event after which nothing more comes
CANARY = "canary"  # a check that must fail: if it passes, so would anything
TRACE_FILE = "trace.txt"  # where the interpreter stood when time was up


@dataclass(frozen=True, slots=True)
class Demo:
    """What `nanolab show` and `nanolab bench` run instead of the checks.

    Attributes:
        module: The exercise's demo.
        ask: `show` or `bench`, a function of it.
        reference: The assembly of solutions, which the learner's code is shown beside.
        width: In columns, of the drawing.
    """

    module: Path
    ask: str
    reference: assembly.Table
    width: int = 80


@dataclass(frozen=True, slots=True)
class Job:
    """One exercise file to judge.

    Attributes:
        exercise: Whose check judges.
        file: The file to judge: the learner's, the solution, or a wrong.
        table: The assembly in which it is judged.
        check: The pytest module.
        wrongs: The module of named wrong answers, for the diagnosis.
        solution: The reference answer, for the diagnosis.
        tree: Whose file this is, for the verdict.
        seed: Of every random generator, before each check.
        preload: Modules that the worker should have imported.
        demo: What to run instead of the checks; None for the checks.
    """

    exercise: Exercise
    file: Path
    table: assembly.Table
    check: Path
    wrongs: Path
    solution: Path
    tree: str = "exercises"
    seed: int = 0
    preload: tuple[str, ...] = ()
    demo: Demo | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a demo gave: pieces of text with styles, or the rows of a race."""

    job: Job
    value: list[Any]


@dataclass(frozen=True, slots=True)
class CheckDone:
    """One check of a running job has ended."""

    job: Job
    check: Check


@dataclass(frozen=True, slots=True)
class Judged:
    """A job has ended; comes exactly once for each start."""

    job: Job
    verdict: Verdict


def job_for(  # noqa: PLR0913 - three say what is judged, three how
    course: Course,
    exercise: Exercise,
    file: Path,
    *,
    passed: Mapping[str, Path] | None = None,
    tree: str = "exercises",
    seed: int = 0,
) -> Job:
    """The one recipe of watch, run, verify and dev check: `file` under check, the rest solutions.

    `passed` are the learner's passed files by exercise id, for exercises that are `assembled`.
    """
    file = Path(file).absolute()
    return Job(
        exercise=exercise,
        file=file,
        table=assembly.under_check(course, exercise, file, passed or {}),
        check=course.check(exercise),
        wrongs=course.wrongs(exercise),
        solution=course.solution(exercise),
        tree=tree,
        seed=seed,
        preload=course.stage_of(exercise).preload,
    )


def to_wire(job: Job, *, nonce: str, directory: Path) -> bytes:
    """The job as one line for the child.

    Args:
        job: The job.
        nonce: Unguessable; every line of the report must carry it.
        directory: The run's own temporary directory.
    """
    module = next(name for name, file in job.table.modules.items() if file == str(job.file))
    data: dict[str, Any] = {
        "module": module,
        "file": str(job.file),
        "table": asdict(job.table),
        "check": str(job.check),
        "wrongs": str(job.wrongs),
        "solution": str(job.solution),
        "seed": job.seed,
        "timeout": job.exercise.timeout,
        "nonce": nonce,
        "directory": str(directory),
        "ask": job.demo.ask if job.demo else "",
    }
    if job.demo:
        data["demo"], data["width"] = str(job.demo.module), job.demo.width
        data["reference"] = asdict(job.demo.reference)
    return json.dumps(data).encode() + b"\n"
