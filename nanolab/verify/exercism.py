"""A report as JSON, each exercise in the words of Exercism's test runner interface, version 3.

Beside its `status`, `message` and `tests`, an exercise says what only nanolab knows: `outcome`,
`diagnosis` and `seconds`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nanolab.verdict import Check, Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from nanolab.course import Course
    from nanolab.verify import Report

VERSION = 3
_OUR_FAILURES = {Outcome.FAILED, Outcome.UNFINISHED}


def report_fields(course: Course, report: Report) -> dict[str, Any]:
    """The whole report, without the envelope that every JSON answer has."""
    return {
        "version": VERSION,
        "status": "pass" if report.exit_code == 0 else "fail" if report.exit_code == 1 else "error",
        "selected": report.selected,
        "passed": report.passed_count,
        "interrupted": report.interrupted,
        "exercises": [exercise_fields(course, verdict) for verdict in report.verdicts],
        "errors": [
            {"code": fault.exit_code, "kind": fault.kind, "message": str(fault), "fix": fault.cure}
            for fault in report.faults
        ],
    }


def exercise_fields(course: Course, verdict: Verdict) -> dict[str, Any]:
    """One exercise: `tests` holds its checks, `task_id` its place in the course, from 1."""
    exercise = next(one for one in course.exercises if one.id == verdict.exercise)
    task = course.exercises.index(exercise) + 1
    code = _functions(course.check(exercise))
    failure = verdict.first_failure
    return {
        "id": verdict.exercise,
        "tree": verdict.tree,
        "version": VERSION,
        "status": _status(verdict.outcome),
        "message": verdict.reason or (failure.message if failure else "") or None,
        "outcome": str(verdict.outcome),
        "diagnosis": verdict.diagnosis.slip if verdict.diagnosis else None,
        "seconds": round(verdict.seconds, 3),
        "output": verdict.output,
        "tests": [_test(check, code.get(check.id, ""), task) for check in verdict.checks],
    }


def _test(check: Check, code: str, task: int) -> dict[str, Any]:
    return {
        "name": check.title,
        "status": _status(check.outcome),
        "message": None if check.passed else _message(check),
        "output": None,
        "test_code": code,
        "task_id": task,
        "duration_s": round(check.seconds, 3),
    }


def _message(check: Check) -> str:
    lines = [check.message]
    if check.expected or check.actual:
        lines += [f"expected: {check.expected}", f"actual:   {check.actual}"]
    return "\n".join(line for line in (*lines, check.autopsy) if line)


def _status(outcome: Outcome) -> str:
    if outcome is Outcome.PASSED:
        return "pass"
    return "fail" if outcome in _OUR_FAILURES else "error"


def _functions(check: Path) -> dict[str, str]:
    """Source of each top-level function of a check module, by name; empty if it cannot be read."""
    try:
        source = check.read_text(encoding="utf-8")
        nodes = ast.parse(source).body
    except (OSError, ValueError, SyntaxError):
        return {}
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef))
    return {node.name: ast.get_source_segment(source, node) or "" for node in functions}
