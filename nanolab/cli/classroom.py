"""`verify` over the workspaces of a class: one table, whatever state each of them is in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.cli import out
from nanolab.cli.here import current_directory
from nanolab.cli.options import Shelter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nanolab.runner import Job
    from nanolab.verify import Report
    from nanolab.verify.many import Row
    from nanolab.workspace import Workspace


def told_apart(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """The workspaces among the names, and the names of stages and exercises.

    As soon as one is the directory of a workspace, all that exist on the disk are meant as such:
    one of them may have lost its `.nanolab`.
    """
    here = current_directory()
    if not any(_has_state(here / name) for name in names):
        return [], list(names)
    places = [name for name in names if _exists(here / name)]
    return places, [name for name in names if name not in places]


def sheltered(shelter: Shelter) -> bool:
    """Whether the code runs in a sandbox; with `auto`, that there is none is said.

    Raises:
        EnvironmentalError: If there must be one and cannot.
    """
    from nanolab.runner import sandbox

    if shelter is Shelter.NONE:
        return False
    if shelter is Shelter.BWRAP:
        sandbox.require()
        return True
    reason = sandbox.why_not()
    if reason:
        out.say(f"No sandbox: what is judged runs with your rights. {reason} {sandbox.CURE}")
    return not reason


def verify(
    places: Sequence[str],
    names: Sequence[str],
    *,
    jobs: int,
    passed: bool,
    json: bool,
    shelter: Shelter | None,
    resume: Path | None,
) -> int:
    """Judge the workspaces at `places`, row by row.

    Raises:
        NanolabError: If the course, the names, the sandbox or the ledger are not fit for it.
    """
    from nanolab import manifest
    from nanolab import verify as verification
    from nanolab.verify import many
    from nanolab.views.text import one_line

    course = manifest.load()
    exercises = course.select(list(names)) if names else course.exercises
    in_box = sheltered(shelter or Shelter.AUTO)

    def judge(place: Workspace, todo: Sequence[Job]) -> Report:
        more = (verification.confined(course, place),) if in_box else ()
        return verification.verify(course, todo, jobs, _silently, *more)

    def tell(row: Row) -> None:
        if not json:
            out.emit(one_line(many.table_line(row, course, exercises, width)))
            sys.stdout.flush()

    width = max(map(len, ("workspace", *places))) + 1
    here = current_directory()
    ledger = many.Ledger(here / resume if resume else None)
    if not json:
        out.emit(many.table_head(course, exercises, width))
    examiner = many.Examiner(course, exercises, judge, passed)
    result = examiner.round([(name, here / name) for name in places], ledger, tell)
    if json:
        shelter = Shelter.BWRAP if in_box else Shelter.NONE
        out.emit_json(**many.round_fields(result, exercises), sandbox=shelter.value)
    return result.exit_code


def _silently(job: Job, verdict: object) -> None:
    """Of a class, only the rows are told."""
    del job, verdict


def _has_state(path: Path) -> bool:
    return _exists(path / ".nanolab")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # it may not be looked at, but it is there
        return True
