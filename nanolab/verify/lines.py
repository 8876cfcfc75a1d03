"""A report as lines of text, one for each exercise and more only where something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanolab.views.look import glyph_of, style_of
from nanolab.views.text import clean

if TYPE_CHECKING:
    from nanolab.verdict import Verdict
    from nanolab.verify import Report
    from nanolab.views.look import Look


def verdict_lines(verdict: Verdict, look: Look) -> str:
    """One exercise: symbol, outcome, id, checks; below it the first thing to read."""
    head = f"{glyph_of(verdict.outcome, look.glyphs)} {verdict.outcome!s:<11}"
    count = f"{verdict.passed_count}/{verdict.total} checks"
    line = f"{look.paint(head, style_of(verdict.outcome))} {verdict.exercise:<28} {count}"
    return "\n".join([line, *(f"    {one}" for one in _reasons(verdict))])


def reason(verdict: Verdict) -> str:
    """Why it did not pass, in a line or a few: the run's own reason or the first failing check.

    Empty for a pass; a diagnosis has a line of its own.
    """
    if verdict.passed:
        return ""
    failure = verdict.first_failure
    said = [verdict.reason]
    if failure and not verdict.reason:
        said = [f"{failure.title.rstrip('.')}: {failure.message}".rstrip(": ")]
    if verdict.diagnosis:
        said.append(f"Your code {verdict.diagnosis.slip}.")
    return "\n".join(said)


def total_line(report: Report) -> str:
    """How many passed of how many, and whether the report is complete."""
    total = f"{report.passed_count} of {report.selected} exercises pass."
    missing = report.selected - len(report.verdicts)
    return f"{total} {missing} were not judged." if missing else total


def _reasons(verdict: Verdict) -> list[str]:
    return [line for line in clean(reason(verdict)).splitlines() if line.strip()]
