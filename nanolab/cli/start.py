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
        Path, typer.Argument(help="Where; made if it is not there.", show_default=False)
    ] = Path(DIRECTORY),
) -> int:
    """Make a workspace: your files, offline, from the packaged course.

    On a workspace it puts back what is missing, and touches nothing else.
    """
    made = workspace.create(current_directory() / directory, manifest.load())
    out.say(f"The workspace is {out.shortened(made.root)}.")
    out.say(f"Next: cd {_from_here(made)} && nanolab watch")
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
    if not out.confirm(f"{known} a workspace in {out.shortened(place)}?", yes=False):
        out.say("Nothing was made. `nanolab init DIR` makes one elsewhere.")
        return 0
    os.chdir(workspace.create(place, manifest.load()).root)
    return _watch()


def _watch() -> int:
    from nanolab.cli import practise

    return practise.watch()


def _from_here(made: Workspace) -> str:
    """The path to the workspace as one would type it."""
    import shlex

    here = current_directory()
    path = made.root.relative_to(here) if made.root.is_relative_to(here) else made.root
    return shlex.quote(str(path))
