"""Arguments and options that several commands share."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from nanolab.cli.complete import exercise_names, stage_names


class Shelter(str, Enum):
    """Where `verify` runs the code of others."""

    AUTO = "auto"
    BWRAP = "bwrap"
    NONE = "none"


ExerciseName = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="An exercise: id, short name or unique prefix. Default: the current one.",
        autocompletion=exercise_names,
        show_default=False,
    ),
]
OneExercise = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="An exercise: id, short name or unique prefix.",
        autocompletion=exercise_names,
    ),
]
StageName = Annotated[
    str,
    typer.Argument(
        metavar="STAGE",
        help="A stage: number, name or unique prefix. Default: the current one.",
        autocompletion=stage_names,
        show_default=False,
    ),
]
AnyStage = Annotated[
    str,
    typer.Argument(
        metavar="STAGE",
        help="A stage: number, name or unique prefix. Default: all of them.",
        autocompletion=stage_names,
        show_default=False,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer yes ahead of the question.")]
