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
from nanolab.cli.here import current_directory, here, now
from nanolab.cli.options import AnyNames, Json, Yes
from nanolab.errors import WorkspaceError

if TYPE_CHECKING:
    from nanolab.runner import Job
    from nanolab.verdict import Verdict
    from nanolab.verify import Report

commands = typer.Typer()


@commands.command(epilog="Example: nanolab verify welcome --junit verdicts.xml")
def verify(
    names: AnyNames = None,
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
) -> int:
    """Judge many exercises; exit 0 only if every one passes.

    When several go wrong, the gravest gives the exit code: 5, 4, 3, then 1.
    """
    from nanolab import manifest
    from nanolab import verify as verification
    from nanolab.verify.exercism import report_fields

    at = None if solutions else here()
    course = at.course if at else manifest.load()
    chosen = course.select(names) if names else course.exercises
    if passed and at:
        chosen = tuple(one for one in chosen if progress.entry(at.progress, one).passed)
    teller = _Teller(json=json, github=github or os.environ.get("GITHUB_ACTIONS") == "true")
    own = progress.passed_files(course, at.workspace, at.progress) if at else {}
    todo = verification.jobs_for(course, at.workspace if at else None, chosen, own)
    report = verification.verify(course, todo, jobs, teller.tell)
    if junit:
        _write_junit(current_directory() / junit, report)
    if json:
        out.emit_json(**report_fields(course, report))
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
