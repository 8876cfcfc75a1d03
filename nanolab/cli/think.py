"""To think about it: `reflect`, `note`, `journal`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nanolab import progress
from nanolab.cli import glance, out
from nanolab.cli.here import here, now
from nanolab.cli.options import Json, StageName

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nanolab.cli.here import Here
    from nanolab.course import Stage

commands = typer.Typer()


@commands.command(epilog="Example: nanolab reflect welcome")
def reflect(
    name: StageName = "",
    skip: Annotated[bool, typer.Option("--skip", help="Open the next stage unanswered.")] = False,
    json: Json = False,
) -> int:
    """Answer the questions of a stage, one line each; then read what we would say.

    Without a name: the stage whose questions are due.
    """
    from nanolab import lessons

    at = here()
    due = None if name else progress.reflection_due(at.course, at.progress)
    stage = due or at.stage(name)
    questions = lessons.questions(at.course, stage)
    if json:
        state = at.progress.reflections.get(stage.name)
        out.emit_json(stage=stage.name, questions=list(questions), state=state)
        return 0
    if not skip:
        _ask(at, stage, questions)
    at.update(lambda kept: progress.with_reflection(kept, stage, skipped=skip))
    out.say("Skipped." if skip else "Thank you. Your answers are in `nanolab journal`.")
    return glance.status()


def _ask(at: Here, stage: Stage, questions: Sequence[str]) -> None:
    """Ask each question, keep the answer, and show the course's own."""
    from nanolab import lessons, notes

    answers = lessons.answers(at.course, stage)
    for number, question in enumerate(questions, start=1):
        out.say(f"\n{stage.title}, question {number} of {len(questions)}\n{question}")
        answer = out.ask("> ")
        if answer:
            notes.add(at.workspace, answer, now(), about=stage.name, question=number)
        if number <= len(answers):
            out.say(f"\nThe course's answer:\n{answers[number - 1]}")


@commands.command(epilog='Example: nanolab note "softmax over the last axis, not the first"')
def note(
    text: Annotated[list[str], typer.Argument(help="What you want to remember.")],
) -> int:
    """Keep a thought; it stands in the journal with its time."""
    from nanolab import notes

    at = here()
    notes.add(at.workspace, " ".join(text), now())
    out.say("Noted. `nanolab journal` shows it.")
    return 0


@commands.command(epilog="Example: nanolab journal > journal.md")
def journal() -> int:
    """Your log as Markdown: what you passed and when, your answers and notes."""
    from nanolab import notes

    at = here()
    out.emit(notes.journal(at.course, at.progress, notes.load(at.workspace)))
    return 0
