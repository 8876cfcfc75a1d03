"""For CI, teachers and the end of the road: `verify`, `doctor`, `export`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nanolab import progress
from nanolab.cli import out
from nanolab.cli.complete import exercise_names
from nanolab.cli.here import current_directory, here, now
from nanolab.cli.options import Json, Shelter, Yes
from nanolab.errors import UsageError, WorkspaceError

if TYPE_CHECKING:
    from nanolab.runner import Job
    from nanolab.verdict import Verdict
    from nanolab.verify import Report

commands = typer.Typer()


@commands.command(
    epilog="Example: nanolab verify welcome --junit verdicts.xml; for a class: "
    "nanolab verify submissions/* --resume round.jsonl"
)
def verify(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAMES",
            help="Stages and exercises, default: the whole course; and workspaces, default: this.",
            autocompletion=exercise_names,
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", "-j", min=1, help="How many at a time. Default: 2.")
    ] = 2,
    solutions: Annotated[
        bool, typer.Option("--solutions", help="Judge the solutions; needs no workspace.")
    ] = False,
    passed: Annotated[
        bool, typer.Option("--passed", help="Only what has passed before: has it broken?")
    ] = False,
    json: Json = False,
    junit: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write JUnit XML there.")
    ] = None,
    github: Annotated[
        bool,
        typer.Option("--github", help="Annotate lines, write the step summary (set on GitHub)."),
    ] = False,
    sandbox: Annotated[
        Shelter | None,
        typer.Option(
            help="Where the code runs: bwrap is without network, home and other files. "
            "Default: none in your own workspace, auto for workspaces that are named.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Of many workspaces: keep what is judged there."),
    ] = None,
) -> int:
    """Judge many exercises; exit 0 only if every one passes.

    With directories among the names: the workspaces of a class, a row for each.
    When several go wrong, the gravest gives the exit code: 5, 4, 3, then 1.
    """
    from nanolab import manifest
    from nanolab import verify as verification
    from nanolab.cli import classroom
    from nanolab.verify.exercism import report_fields

    places, rest = classroom.told_apart(names or [])
    if places:
        if solutions or junit or github:
            raise UsageError(
                "--solutions, --junit and --github are for one workspace.", "Leave them out."
            )
        return classroom.verify(
            places, rest, jobs=jobs, passed=passed, json=json, shelter=sandbox, resume=resume
        )
    if resume:
        raise UsageError("--resume is for many workspaces.", "Name their directories.")
    sheltered = classroom.sheltered(sandbox or Shelter.NONE)
    at = None if solutions else here()
    course = at.course if at else manifest.load()
    chosen = course.select(names) if names else course.exercises
    if passed and at:
        chosen = tuple(one for one in chosen if progress.entry(at.progress, one).passed)
    teller = _Teller(json=json, github=github or os.environ.get("GITHUB_ACTIONS") == "true")
    own = progress.passed_files(course, at.workspace, at.progress) if at else {}
    todo = verification.jobs_for(course, at.workspace if at else None, chosen, own)
    place = at.workspace if at else None
    more = (verification.confined(course, place),) if sheltered else ()
    report = verification.verify(course, todo, jobs, teller.tell, *more)
    if junit:
        _write_junit(current_directory() / junit, report)
    if json:
        shelter = Shelter.BWRAP if sheltered else Shelter.NONE
        out.emit_json(**report_fields(course, report), sandbox=shelter.value)
    teller.end(report)
    return report.exit_code


class _Teller:
    """Says each verdict as it comes, and at the end what they add up to."""

    def __init__(self, *, json: bool, github: bool) -> None:
        self.json = json
        self.github = github
        self.look = out.look()

    def tell(self, job: Job, verdict: Verdict) -> None:
        """One exercise has been judged."""
        from nanolab.verify import github, lines

        if self.json:
            return
        if self.github:
            out.emit(github.commands(verdict, job.file, github.checkout()))
        else:
            out.emit(lines.verdict_lines(verdict, self.look))
        sys.stdout.flush()

    def end(self, report: Report) -> None:
        """All have been judged, or it was interrupted."""
        from nanolab.verify import github, lines

        summary_file = os.environ.get("GITHUB_STEP_SUMMARY")
        if self.github and summary_file:
            with Path(summary_file).open("a", encoding="utf-8") as file:
                file.write(github.summary(report))
        if not self.json:
            out.emit(lines.total_line(report))
        for fault in report.faults:
            out.say_error(fault)


def _write_junit(path: Path, report: Report) -> None:
    from nanolab import storage
    from nanolab.verify.junit import junit

    storage.write_atomic(path, junit(report, now()))


@commands.command(epilog="Example: nanolab doctor")
def doctor(json: Json = False) -> int:
    """A report on this machine and workspace, fit to paste; exit 4 if something blocks you."""
    from nanolab import doctor as surgery

    findings = surgery.examine(current_directory())
    if json:
        out.emit_json(findings=[asdict(one) for one in findings])
    else:
        out.emit(surgery.report(findings))
    return 4 if any(one.blocks for one in findings) else 0


@commands.command(epilog="Example: nanolab export ~/my-nanochat")
def export(
    directory: Annotated[Path, typer.Argument(help="Gets one folder, the package.")],
    yes: Yes = False,
) -> int:
    """Write your package as plain files that need no nanolab.

    What you have not passed yet comes from the solutions.
    """
    from nanolab import assembly, storage

    at = here()
    target = (current_directory() / directory).absolute()
    package = target / at.course.package
    if package.exists() and not out.confirm(f"Overwrite {out.shortened(package)}?", yes=yes):
        out.say("Nothing was written.")
        return 0
    try:
        with storage.translated(target):
            passed = progress.passed_files(at.course, at.workspace, at.progress)
            table = assembly.assemble(at.course, passed)
            written = assembly.write_package(target, table)
    except (SyntaxError, UnicodeDecodeError) as error:
        raise WorkspaceError(
            f"A file of yours that had passed no longer parses: {error}.",
            "`nanolab verify --passed` says which; mend it, or `nanolab undo`.",
        ) from error
    out.say(f"{len(written)} files are in {out.shortened(package)}.")
    return 0
