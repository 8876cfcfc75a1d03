"""To begin: bare `nanolab`, and `init`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nanolab import manifest, workspace
from nanolab.cli import glance, out
from nanolab.cli.here import current_directory
from nanolab.errors import WorkspaceError

if TYPE_CHECKING:
    from nanolab.workspace import Workspace

DIRECTORY = "nanolab-workspace"

commands = typer.Typer()


@commands.command(epilog="Example: nanolab init nanolab-workspace")
def init(
    directory: Annotated[
        Path | None,
        typer.Argument(help=f"Default: the one you are in, else {DIRECTORY}.", show_default=False),
    ] = None,
) -> int:
    """Make a workspace: your files, offline, from the packaged course.

    On a workspace it puts back what is missing, and touches nothing else.
    """
    made = _make(current_directory() / directory if directory else _default())
    out.say(f"The workspace is {out.shortened(made.root)}.")
    step = "" if made.root == current_directory() else f"cd {_from_here(made)} && "
    out.say(f"Next: {step}nanolab watch")
    return 0


def bare() -> int:
    """In a workspace watch, elsewhere offer to make one; without a terminal, say what to run."""
    try:
        workspace.find(current_directory())
    except WorkspaceError:
        if not out.interactive():
            raise
        return _offer()
    if not out.interactive():
        code = glance.status()
        out.say("Run `nanolab watch`: it judges every save.")
        return code
    return _watch()


def _offer() -> int:
    place = current_directory() / DIRECTORY
    known = "Go on in" if (place / ".nanolab").is_dir() else "Make"
    question = f"{known} a workspace in {out.shortened(place)}?"
    if not out.confirm(question, yes=False, enter=True):
        out.say("Nothing was made. `nanolab init DIR` makes one elsewhere.")
        return 0
    os.chdir(_make(place).root)
    return _watch()


def _make(root: Path) -> Workspace:
    """Make a workspace, or put back what is missing from one; what is worth knowing is said."""
    course = manifest.load()
    there = workspace.Workspace(root)
    if there.state.is_dir():
        for path in workspace.restore_missing(there, course):
            out.say(f"Put back: {path.relative_to(root)}")
    made = workspace.create(root, course)
    if not workspace.in_repository(made.root):
        out.say("`git init` could not be run: this is no repository. nanolab needs none itself.")
    return made


def _default() -> Path:
    """The workspace around the current directory; without one, the usual place for a new one."""
    try:
        return workspace.find(current_directory()).root
    except WorkspaceError:
        return current_directory() / DIRECTORY


def _watch() -> int:
    from nanolab.cli import practise

    return practise.watch()


def _from_here(made: Workspace) -> str:
    """The path to the workspace as one would type it."""
    import shlex

    here = current_directory()
    path = made.root.relative_to(here) if made.root.is_relative_to(here) else made.root
    return shlex.quote(str(path))
