"""The typer app: every command with its help, completion and options.

The commands live in one module for each thing that a learner does; `front` answers the plain
forms of the quickest ones without coming here.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Annotated, Any

import typer
import typer.core

from nanolab.cli import (
    contribute,
    demos,
    judge,
    keep,
    look_up,
    overview,
    practise,
    renew,
    start,
    think,
)
from nanolab.errors import UsageError

app = typer.Typer(
    name="nanolab",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (start, renew, practise, demos, look_up, think, keep, judge):
    app.registered_commands += group.commands.registered_commands
app.add_typer(contribute.app, name="dev")


class _Root(typer.core.TyperGroup):
    """The group of all commands, whose help is written out in `overview`."""

    def get_help(self, ctx: typer.Context) -> str:  # type: ignore[override]
        """The overview."""
        del ctx
        return overview.TEXT.rstrip("\n")


@app.callback(invoke_without_command=True, cls=_Root)
def bare(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version")] = False,
) -> int:
    """Everything that stands before a command; without a command, begin or go on."""
    if version:
        sys.stdout.write(overview.VERSION)
    elif context.invoked_subcommand is None:
        return start.bare()
    return 0


def run(args: list[str]) -> int:
    """Carry out a command line and return its exit code.

    Raises:
        NanolabError: If it cannot be carried out, or makes no sense.
    """
    signal.signal(signal.SIGTERM, _terminate)
    command = typer.main.get_command(app)
    if "_NANOLAB_COMPLETE" in os.environ:
        command(prog_name="nanolab")  # completes, and exits
    try:
        # Not `command()`, which would catch Ctrl-C and closed pipes before `edge` can.
        with command.make_context("nanolab", list(args)) as context:
            code = command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    except _BAD_USAGE as error:
        path = error.ctx.command_path if error.ctx else "nanolab"
        raise UsageError(error.format_message(), f"See `{path} --help`.") from error
    return code if isinstance(code, int) else 0


# Typer stands on a copy of click, or in earlier versions on click itself: ask it for the class.
_BAD_USAGE: Any = typer.BadParameter.__bases__[0]


def _terminate(number: int, frame: object) -> None:
    """SIGTERM: leave by way of every `finally`."""
    del frame
    sys.exit(128 + number)
