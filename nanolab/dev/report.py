"""What `nanolab dev check` found, as values, as JSON and as text for a screen."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rich.console import RenderableType

    from nanolab.course import Course
    from nanolab.views.look import Glyphs


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend.

    Attributes:
        where: A file of the course, relative to its root, with a line if there is one:
            `exercises/05_gpt/rotary.py:12`.
        what: One sentence: what is wrong.
        cure: One sentence: what to do.
        rule: Name of the rule that found it; filled in by whoever applies the rule.
    """

    where: str
    what: str
    cure: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a stage's wrong answers were run, and how many its checks rejected."""

    stage: str
    rejected: int
    wrongs: int


@dataclass(frozen=True, slots=True)
class Report:
    """The end of a `dev check`.

    Attributes:
        findings: In the order of the course; empty if all is well.
        tallies: One for each stage that was checked and has exercises.
        skipped: What could not be checked here, and why; never silently.
        written: Lines of `info.toml` that were corrected.
        seconds: Wall clock.
    """

    findings: tuple[Finding, ...]
    tallies: tuple[Tally, ...]
    skipped: tuple[str, ...]
    written: tuple[str, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether nothing is left to mend."""
        return not self.findings


def place(course: Course, path: Path, line: int = 0) -> str:
    """A file of the course as a finding names it; `line` counts from 1, 0 for none."""
    name = path.relative_to(course.root).as_posix()
    return f"{name}:{line}" if line else name


def to_json(report: Report) -> dict[str, Any]:
    """The report as plain dicts, lists and strings, with its own schema number."""
    return {"schema": 1, "passed": report.passed, **dataclasses.asdict(report)}


def render(report: Report, glyphs: Glyphs) -> RenderableType:
    """The whole report, most important last."""
    lines = [*_tallies(report.tallies, glyphs)]
    lines += [Text(f"{glyphs.passed} corrected {line}", "passed") for line in report.written]
    lines += [Text(f"{glyphs.unfinished} skipped: {one}", "unfinished") for one in report.skipped]
    for finding in report.findings:
        lines += _finding(finding, glyphs)
    return Group(*lines, _summary(report, glyphs))


def _tallies(tallies: Iterable[Tally], glyphs: Glyphs) -> Iterable[Text]:
    for tally in tallies:
        complete = tally.rejected == tally.wrongs
        glyph, style = (glyphs.passed, "passed") if complete else (glyphs.failed, "failed")
        yield Text.assemble(
            (f"{glyph} ", style),
            f"{tally.stage}: {tally.rejected}/{tally.wrongs} wrong answers rejected",
        )


def _finding(finding: Finding, glyphs: Glyphs) -> tuple[Text, Text, Text]:
    return (
        Text.assemble(
            (f"{glyphs.failed} ", "failed"), finding.where, (f"  {finding.rule}", "faint")
        ),
        Text(f"    {finding.what}"),
        Text(f"    {glyphs.arrow} {finding.cure}", "accent"),
    )


def _summary(report: Report, glyphs: Glyphs) -> Text:
    seconds = f" ({report.seconds:.1f} s)"
    if report.passed:
        return Text(f"{glyphs.passed} The course is in order.{seconds}", "passed")
    count = len(report.findings)
    return Text(
        f"{glyphs.failed} {count} {'thing' if count == 1 else 'things'} to mend.{seconds}", "failed"
    )
