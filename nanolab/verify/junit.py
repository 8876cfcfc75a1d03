"""A report as JUnit XML, valid for the strict schema (Ant's) and for Jenkins' looser one.

One suite per exercise, one case per check. A run that ended without a failing check (a syntax
error, a timeout) is a case of its own, so that no failure hides in a suite that looks green.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # only writes; reads no XML

from nanolab.verdict import Check, Outcome, Verdict
from nanolab.views.text import clean

if TYPE_CHECKING:
    from nanolab.verify import Report

# What XML 1.0 cannot carry, even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FAILURES = {Outcome.FAILED, Outcome.UNFINISHED}


def junit(report: Report, now: str) -> bytes:
    """The document, as UTF-8.

    Args:
        report: What to say.
        now: ISO-8601 in UTC; its zone is dropped, as the schema demands.
    """
    root = ET.Element("testsuites")
    for number, verdict in enumerate(report.verdicts):
        root.append(_suite(verdict, number, now.rstrip("Z")))
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _suite(verdict: Verdict, number: int, now: str) -> ET.Element:
    cases = [_case(verdict, check) for check in verdict.checks]
    if not verdict.passed and verdict.first_failure is None:
        cases.append(_whole_run(verdict))
    suite = ET.Element(
        "testsuite",
        {
            "id": str(number),
            "package": "nanolab",
            "name": verdict.exercise,
            "timestamp": now,
            "hostname": "localhost",
            "tests": str(len(cases)),
            "failures": str(sum(case.find("failure") is not None for case in cases)),
            "errors": str(sum(case.find("error") is not None for case in cases)),
            "time": f"{verdict.seconds:.3f}",
        },
    )
    ET.SubElement(suite, "properties")
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = _clean(verdict.output)
    ET.SubElement(suite, "system-err").text = ""
    return suite


def _case(verdict: Verdict, check: Check) -> ET.Element:
    case = _named(check.title, verdict, check.seconds)
    if not check.passed:
        detail = (check.message, _pair(check), check.autopsy, *_frames(check))
        text = "\n".join(part for part in detail if part)
        _complain(case, check.outcome, check.message or str(check.outcome), text)
    return case


def _whole_run(verdict: Verdict) -> ET.Element:
    case = _named("the run", verdict, verdict.seconds)
    _complain(case, verdict.outcome, verdict.reason or str(verdict.outcome), verdict.reason)
    return case


def _named(name: str, verdict: Verdict, seconds: float) -> ET.Element:
    classname = verdict.exercise.replace("/", ".")
    fields = {"name": _clean(name), "classname": classname, "time": f"{seconds:.3f}"}
    return ET.Element("testcase", fields)


def _complain(case: ET.Element, outcome: Outcome, message: str, text: str) -> None:
    tag = "failure" if outcome in _FAILURES else "error"
    found = ET.SubElement(case, tag, {"message": _clean(message), "type": str(outcome)})
    found.text = _clean(text)


def _pair(check: Check) -> str:
    if not check.expected and not check.actual:
        return ""
    return f"expected: {check.expected}\nactual:   {check.actual}"


def _frames(check: Check) -> list[str]:
    return [f"{frame.file}:{frame.line} in {frame.function}" for frame in check.frames]


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", clean(text))
