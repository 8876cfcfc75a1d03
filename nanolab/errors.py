"""What keeps nanolab from doing what it was asked, and the exit code of each.

    NanolabError                5   a bug in nanolab, if raised as itself
    ├── UsageError              2   the command was called wrongly, or selects nothing
    │   └── UnknownNameError    2   no stage or exercise of that name
    ├── WorkspaceError          3   no workspace, or one that cannot be read or written
    │   ├── NewerWorkspaceError 3   made by a later nanolab
    │   └── MissingFileError    3   an exercise file was deleted or renamed
    ├── EnvironmentalError      4   something outside is missing: torch, cargo, git, disk space
    └── CourseError             5   the course itself is malformed (info.toml, a missing file)

A learner's code that does not pass is no error: it is a `Verdict`. An error says that nanolab
could not judge, show or keep something. Its message is one sentence about what is wrong; `cure`
is one sentence about what to do.
"""

from __future__ import annotations

from typing import ClassVar


class NanolabError(Exception):
    """Base of the family; `str(error)` is what is wrong, `error.cure` what to do about it."""

    exit_code: ClassVar[int] = 5
    kind: ClassVar[str] = "bug"

    def __init__(self, message: str, cure: str = "") -> None:
        super().__init__(message)
        self.cure = cure

    @property
    def advice(self) -> str:
        """What is wrong and what to do, on one line."""
        return f"{self} {self.cure}".strip()


class UsageError(NanolabError):
    """The command line asks for something that makes no sense, or for nothing at all."""

    exit_code = 2
    kind = "usage"


class UnknownNameError(UsageError):
    """No stage or exercise answers to the name; `near` holds what may have been meant."""

    def __init__(self, name: str, near: tuple[str, ...] = ()) -> None:
        cure = f"Did you mean {' or '.join(near)}?" if near else "See `nanolab list` for the names."
        super().__init__(f"There is no stage or exercise {name!r}.", cure)
        self.near = near


class WorkspaceError(NanolabError):
    """There is no workspace here, or its files cannot be read or written."""

    exit_code = 3
    kind = "workspace"


class NewerWorkspaceError(WorkspaceError):
    """The workspace was written by a later version of nanolab than this one."""


class MissingFileError(WorkspaceError):
    """The learner's file of an exercise, as `05_gpt/rotary.py`, was deleted or renamed."""

    def __init__(self, file: str) -> None:
        short = file.rpartition("/")[2]
        name = short.partition(".")[0]
        cure = f"`nanolab reset {name}` brings it back, or rename yours to {short}."
        super().__init__(f"exercises/{file} is missing.", cure)


class EnvironmentalError(NanolabError):
    """Something outside nanolab is missing or too old: torch, cargo, git, disk space."""

    exit_code = 4
    kind = "environment"


class CourseError(NanolabError):
    """The course is malformed: a contributor has something to mend in `info.toml` or its files."""

    exit_code = 5
    kind = "course"
