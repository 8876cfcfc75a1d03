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

from nanolab import __version__
from nanolab.cli import contribute, judge, keep, look_up, practise, start, think
from nanolab.errors import UsageError

EXIT_CODES = (
    "Exit codes: 0 done or passed, 1 your code does not pass, 2 wrong usage, 3 workspace, "
    "4 environment, 5 a bug in nanolab."
)

app = typer.Typer(
    name="nanolab",
    help="rustlings for language models: rebuild nanochat in your terminal.",
    epilog=f"Example: nanolab init && cd nanolab-workspace && nanolab watch\n\n{EXIT_CODES}",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (start, practise, look_up, think, keep, judge):
    app.registered_commands += group.commands.registered_commands
app.add_typer(contribute.app, name="dev")


@app.callback(invoke_without_command=True)
def bare(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    color: Annotated[
        str, typer.Option(metavar="WHEN", help="auto, always or never; anywhere on the line.")
    ] = "auto",
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the trace of an error; anywhere on the line.")
    ] = False,
) -> int:
    """Rebuild nanochat in your terminal, one small function at a time."""
    del color, debug  # `front` has taken them; here they are only described
    if version:
        sys.stdout.write(f"nanolab {__version__}\n")
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
