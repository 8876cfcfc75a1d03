"""For contributors: `dev new`, `dev check`."""

from __future__ import annotations

from typing import Annotated

import typer

from nanolab import manifest
from nanolab.cli import out
from nanolab.cli.complete import stage_names
from nanolab.cli.options import Json

app = typer.Typer(help="For contributors: add exercises, and let the course check itself.")


@app.command("new", epilog="Example: nanolab dev new gpt rotary")
def new(
    stage: Annotated[str, typer.Argument(help="A stage.", autocompletion=stage_names)],
    name: Annotated[str, typer.Argument(help="The short name of the exercise to add.")],
    kind: Annotated[str, typer.Option("--kind", help="Its language: python or rust.")] = "python",
) -> int:
    """Write the files of a new exercise, with everything to fill in marked."""
    from nanolab.dev import scaffold

    for path in scaffold.new(manifest.load(), stage, name, kind):
        out.emit(out.shortened(path))
    out.say("Fill in what says WRITE, then: nanolab dev check")
    return 0


@app.command("check", epilog="Example: nanolab dev check welcome --write")
def check(
    stages: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="STAGES", help="Default: the whole course.", autocompletion=stage_names
        ),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Correct the counts of checks in info.toml.")
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="How many at a time.")] = 2,
    json: Json = False,
) -> int:
    """Prove the course: stubs unsolved, solutions pass, every wrong answer rejected."""
    from nanolab.dev import proof, report

    course = manifest.load()
    found = proof.check(course, stages or (), jobs=jobs, write=write, progress=out.say)
    if json:
        out.emit_json(**report.to_json(found))
    else:
        out.console().print(report.render(found, out.look().glyphs))
    return 0 if found.passed else 1
