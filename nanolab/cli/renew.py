"""A newer course for an older workspace: `update`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from nanolab.cli import out
from nanolab.cli.here import here, now
from nanolab.cli.options import Json

if TYPE_CHECKING:
    from nanolab.update import Plan, Step

commands = typer.Typer()


@commands.command(epilog="Example: nanolab update --dry-run")
def update(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring your workspace to the course of now; your edits stay.

    What you have not touched is replaced, what you have edited is merged. Where both changed the
    same lines, your file stays and the new one lies beside it. `undo` takes all of it back.
    """
    from nanolab import update as renewal
    from nanolab.history import History

    at = here()
    plan = renewal.plan(at.workspace, at.course)
    left_alone: tuple[str, ...] = ()
    if not dry_run:
        store = History(at.workspace)
        left_alone = renewal.apply(plan, at.workspace, at.course, store, now())
        out.say_if(store.notice)
    if json:
        out.emit_json(**_fields(plan, left_alone, dry_run=dry_run))
    else:
        _tell(plan, left_alone, dry_run=dry_run)
    return 0


def _tell(plan: Plan, left_alone: tuple[str, ...], *, dry_run: bool) -> None:
    if not plan.told:
        out.say("Nothing to do: the workspace has the course of now.")
        return
    out.emit("\n".join(_line(step) for step in plan.told))
    for step in plan.told:
        if step.beside:
            out.say(f"{step.path}: {_how_to_settle(step)}")
    for path in left_alone:
        out.say(f"{path} was changed just now, and left alone: run `nanolab update` again.")
    out.say("Nothing was changed yet." if dry_run else "`nanolab undo` takes all of it back.")


def _line(step: Step) -> str:
    source = f"{step.source} -> " if step.source else ""
    beside = f" (new: {step.beside})" if step.beside else ""
    return f"{step.kind.value:<10} {source}{step.path}{beside}"


def _how_to_settle(step: Step) -> str:
    new = step.beside.rpartition("/")[2]
    return (
        f"you and the course changed the same lines. Yours is as it was; take over what you want"
        f" from {new}, delete {new}, and run `nanolab update` again."
    )


def _fields(plan: Plan, left_alone: tuple[str, ...], *, dry_run: bool) -> dict[str, object]:
    steps = [
        {
            "kind": step.kind.name.lower(),
            "path": step.path,
            "source": step.source or None,
            "beside": step.beside or None,
        }
        for step in plan.told
    ]
    return {
        "from": plan.origin or None,
        "done": not dry_run,
        "steps": steps,
        "left_alone": list(left_alone),
    }
