"""The rule that no solution travels into a learner's workspace."""

from __future__ import annotations

import ast
import hashlib
import re
import tempfile
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import workspace
from nanolab.dev.report import Finding
from nanolab.dev.rust import bodies
from nanolab.errors import NanolabError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course

_FENCED = re.compile(r"^[ ]*```\w*\n(.*?)^[ ]*```", re.M | re.S)


def no_solution_in_a_workspace(course: Course) -> Iterator[Finding]:
    """In a fresh workspace no file holds a function body that only a solution has.

    Each is told once: a lesson lies there twice, with the base of later updates.
    """
    secrets = {
        digest: f"{exercise.id}: {name}"
        for exercise in course.exercises
        for digest, name in _secrets(course.stub(exercise), course.solution(exercise)).items()
    }
    with tempfile.TemporaryDirectory() as directory:
        try:
            root = workspace.create(Path(directory) / "workspace", course).root
        except NanolabError as error:
            yield Finding("exercises", f"No workspace can be made of this: {error}", error.cure)
            return
        # what the learner sees comes before what lies hidden
        for path in sorted(root.rglob("*"), key=lambda path: (".nanolab" in path.parts, path)):
            if path.is_symlink() or not path.is_file():
                continue  # links lead to files that are searched themselves
            for digest in _blocks(path) & secrets.keys():
                where = path.relative_to(root).as_posix()
                what = f"A fresh workspace holds the solution of {secrets.pop(digest)}."
                yield Finding(where, what, "Take it out of the stub or lesson it comes from.")


def _secrets(stub: Path, solution: Path) -> dict[str, str]:
    """Digest -> name, of each function of the solution whose body the stub does not have."""
    if solution.suffix == ".rs" and solution.is_file() and stub.is_file():
        return {
            digest: name
            for digest, name in bodies(solution.read_text(encoding="utf-8")).items()
            if digest not in _blocks(stub)
        }
    try:
        known = _blocks(stub)
        tree = ast.parse(solution.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}  # another rule tells
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = {_digest(one.body): one.name for one in ast.walk(tree) if isinstance(one, functions)}
    return {digest: name for digest, name in found.items() if digest not in known}


def _blocks(path: Path) -> set[str]:
    """Digests of every block of statements in a file: whole, and each nested one.

    Of Rust, of each function. Of a text that is neither, of its fenced blocks.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return set()
    if path.suffix == ".rs":
        return set(bodies(text))
    sources = [text] if path.suffix == ".py" else _FENCED.findall(text)
    return {
        digest
        for source in map(textwrap.dedent, sources)
        for digest in (*_digests(source), *bodies(source))
    }


def _digests(source: str) -> Iterator[str]:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                yield _digest(block)


def _digest(body: list[ast.stmt]) -> str:
    """Of the statements' syntax, without docstring, comments and layout."""
    first = body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    dump = "\n".join(ast.dump(node) for node in body[documented:])
    return hashlib.sha256(dump.encode()).hexdigest()
