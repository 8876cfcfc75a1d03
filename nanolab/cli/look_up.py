"""To look something up: `list`, `map`, `status`, `where`, `read`, `search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nanolab.cli import glance, out
from nanolab.cli.here import here
from nanolab.cli.options import AnyStage, Json, StageName

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.cli.here import Here

commands = typer.Typer()


@commands.command(epilog="Example: nanolab status")
def status(json: Json = False) -> int:
    """Where you are, and what comes next."""
    return glance.status(json=json)


@commands.command("list", epilog="Example: nanolab list welcome")
def list_(name: AnyStage = "", json: Json = False) -> int:
    """The exercises, of the course or of one stage."""
    return glance.list_exercises(name, json=json)


@commands.command("map", epilog="Example: nanolab map")
def map_(json: Json = False) -> int:
    """All stages: passed, open, locked or still coming."""
    return glance.map_stages(json=json)


@commands.command(epilog="Example: cd $(nanolab where --json | jq -r .workspace)")
def where(json: Json = False) -> int:
    """Where everything is: workspace, file, lesson, progress, history, course."""
    return glance.where(json=json)


@commands.command(epilog="Example: nanolab read 1")
def read(name: StageName = "", json: Json = False) -> int:
    """The lesson of a stage."""
    from nanolab import lessons

    at = here()
    stage = at.stage(name)
    lesson = lessons.lesson(at.course, stage)
    if json:
        questions = lessons.questions(at.course, stage)
        out.emit_json(stage=stage.name, lesson=lesson, questions=list(questions))
    else:
        from nanolab.views.lesson import lesson_view

        out.page(lesson_view(lesson, at.look))
    return 0


@commands.command(epilog="Example: nanolab search merge")
def search(
    term: Annotated[str, typer.Argument(help="A word or a phrase.")], json: Json = False
) -> int:
    """Find a term in names, titles, lessons and hints you have seen."""
    at = here()
    hits = [hit for hit in _searchable(at) if term.casefold() in hit[1].casefold()]
    if json:
        out.emit_json(term=term, hits=[{"place": place, "text": text} for place, text in hits])
    elif hits:
        out.emit("\n".join(f"{at.look.paint(place, 'accent')}  {text}" for place, text in hits))
    else:
        out.say(f"Nothing here mentions {term!r}.")
    return 0


def _searchable(at: Here) -> Iterator[tuple[str, str]]:
    """Every line that may be found, with the place where it stands."""
    from nanolab import lessons, progress

    for stage in at.course.stages:
        yield stage.name, f"{stage.title}: {stage.goal}"
        for exercise in stage.exercises:
            yield exercise.id, f"{exercise.name}: {exercise.title}"
            seen = progress.entry(at.progress, exercise).hints_used
            for number, text in enumerate(lessons.hints(at.course, exercise)[:seen], start=1):
                yield f"{exercise.id} hint {number}", " ".join(text.split())
        if not stage.coming:
            for number, line in enumerate(lessons.lesson(at.course, stage).splitlines(), start=1):
                yield f"exercises/{stage.name}/README.md:{number}", line.strip()
