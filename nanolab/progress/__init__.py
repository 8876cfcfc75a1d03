"""What the learner has done, as a value; what it means for the course; the file it is kept in.

`values` and `rules` are pure: each change takes a progress and returns the next.
"""

from nanolab.progress.file import SCHEMA, load, peek, save, update
from nanolab.progress.rules import (
    current,
    next_exercise,
    passed_files,
    reflection_due,
    stage_done,
    stage_open,
    stage_passed,
)
from nanolab.progress.values import (
    Entry,
    Progress,
    after_verdict,
    entry,
    with_current,
    with_file,
    with_hint,
    with_reflection,
    with_skip,
    with_solution_seen,
    with_welcome,
)

__all__ = [
    "SCHEMA",
    "Entry",
    "Progress",
    "after_verdict",
    "current",
    "entry",
    "load",
    "next_exercise",
    "passed_files",
    "peek",
    "reflection_due",
    "save",
    "stage_done",
    "stage_open",
    "stage_passed",
    "update",
    "with_current",
    "with_file",
    "with_hint",
    "with_reflection",
    "with_skip",
    "with_solution_seen",
    "with_welcome",
]
