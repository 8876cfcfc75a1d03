"""A report for GitHub Actions: annotations on the lines, a group per exercise, a step summary."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.verdict import Frame, Outcome, Verdict
from nanolab.verify.lines import reason
from nanolab.views.text import clean, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.verify import Report

_WORDS = {Outcome.PASSED: "✅", Outcome.UNFINISHED: "🟡", Outcome.UNAVAILABLE: "⚪"}


def commands(verdict: Verdict, file: Path, root: Path) -> str:
    """The workflow commands of one exercise, as lines.

    Args:
        verdict: What came of it.
        file: The file that was judged.
        root: The checkout; annotations need paths relative to it.
    """
    return "\n".join(_commands(verdict, file, root))


def _commands(verdict: Verdict, file: Path, root: Path) -> Iterator[str]:
    count = f"{verdict.passed_count} of {verdict.total} checks"
    yield f"::group::{_data(f'{verdict.exercise}: {verdict.outcome}, {count}')}"
    for check in verdict.checks:
        yield _plain(f"{check.outcome}: {check.title}")
    if verdict.output:
        yield from map(_plain, verdict.output.splitlines())
    yield "::endgroup::"
    if not verdict.passed:
        where = f"file={_property(_relative(file, root))},line={_line(verdict, file)}"
        title = _property(f"{verdict.exercise}: {verdict.outcome}")
        yield f"::error {where},title={title}::{_data(reason(verdict) or str(verdict.outcome))}"


def summary(report: Report) -> str:
    """The step summary, as Markdown."""
    rows = [
        f"| {_WORDS.get(one.outcome, '❌')} {one.outcome} | `{one.exercise}` "
        f"| {one.passed_count}/{one.total} | {_cell(reason(one))} |"
        for one in report.verdicts
    ]
    heading = f"### nanolab: {report.passed_count} of {report.selected} exercises pass"
    table = ["| verdict | exercise | checks | |", "|---|---|---|---|", *rows]
    faults = [f"- {_cell(f'{fault} {fault.cure}')}" for fault in report.faults]
    return "\n".join([heading, "", *table, "", *faults]) + "\n"


def checkout() -> Path:
    """The root of the repository that the workflow runs in."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def _relative(file: Path, root: Path) -> str:
    return Path(os.path.relpath(file, root)).as_posix()


def _line(verdict: Verdict, file: Path) -> int:
    """The line to annotate: where it broke, else the innermost one of the first failure, else 1."""
    failure = verdict.first_failure
    places: list[Frame] = [*(failure.frames if failure else ())]
    places += [verdict.place] if verdict.place else []
    lines = [place.line for place in places if Path(place.file).name == file.name]
    return lines[-1] if lines else 1


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(line: str) -> str:
    """A line of log that cannot be taken for a command: a learner may print `::error::`."""
    return clean(line).replace("::", ": :").replace("##[", "## [")


def _cell(text: str) -> str:
    return one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
