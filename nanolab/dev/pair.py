"""Rules about a stub and its solution: they differ only where the stub says TODO."""

from __future__ import annotations

import ast
import copy
import io
import re
import tokenize
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from nanolab.dev.report import Finding, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nanolab.course import Course, Exercise

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
SIZE = re.compile(r"\([^()]*\d+ lines?\)")


class Piece(NamedTuple):
    """A statement, or the head of a definition: what must be equal, and where it stands."""

    content: str
    source: str
    line: int


def stub_has_todo(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A stub says what to do, inside a function."""
    path = course.stub(exercise)
    source = path.read_text(encoding="utf-8")
    lines = todo_lines(source)
    if not lines:
        cure = "Write `# TODO: goal. (2 lines)` where the learner's code goes."
        yield Finding(place(course, path), "The stub has no TODO.", cure)
    homes = _functions(ast.parse(source))
    for line in lines:
        if not any(first <= line <= last for first, last in homes.values()):
            cure = "Move it into the function that the learner completes, above the `raise`."
            yield Finding(place(course, path, line), "This TODO is in no function.", cure)


def todos_say_goal_and_size(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A TODO says how much code to expect: `(2 lines)`."""
    path = course.stub(exercise)
    source = path.read_text(encoding="utf-8")
    comments = _comments(source)
    for line in todo_lines(source):
        text = comments[line]
        following = line + 1
        while following in comments and "TODO" not in comments[following]:
            text += comments[following]
            following += 1
        if not SIZE.search(text):
            cure = "End it with the solution's size: `(1 line)`."
            yield Finding(place(course, path, line), "The TODO does not say how long.", cure)


def solution_has_no_todo(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """A solution leaves nothing to do."""
    path = course.solution(exercise)
    for line in todo_lines(path.read_text(encoding="utf-8")):
        cure = "Replace the TODO by the code, or by a comment that says why."
        yield Finding(place(course, path, line), "The solution still says TODO.", cure)


def stub_and_solution_agree(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Imports, order, signatures, docstrings, constants, and all bodies without a TODO are equal."""
    stub = course.stub(exercise).read_text(encoding="utf-8")
    solution = course.solution(exercise).read_text(encoding="utf-8")
    found = first_difference(stub, solution)
    if found is not None:
        ours, theirs = found
        where = place(course, course.stub(exercise), ours.line if ours else 0)
        what = f"The stub has {_quote(ours)} where the solution has {_quote(theirs)}."
        yield Finding(where, what, "Make them equal, or put a TODO into that function.")


def first_difference(stub: str, solution: str) -> tuple[Piece | None, Piece | None] | None:
    """The first piece of each that differs from the other's, None for a missing one.

    The bodies of functions that hold a TODO in the stub are left out on both sides.

    Raises:
        SyntaxError: If one of them does not parse.
    """
    stub_tree = ast.parse(stub)
    free = _functions_with(stub_tree, todo_lines(stub))
    left = pieces(stub_tree.body, free)
    right = pieces(ast.parse(solution).body, free)
    for ours, theirs in zip_longest(left, right):
        if ours is None or theirs is None or ours.content != theirs.content:
            return ours, theirs
    return None


def pieces(body: Sequence[ast.stmt], free: set[str], scope: str = "") -> Iterator[Piece]:
    """Every statement in order, definitions taken apart; bodies of `free` functions left out."""
    for node in body:
        if not isinstance(node, _DEFINITIONS):
            yield Piece(f"{scope} {ast.dump(node)}", ast.unparse(node), node.lineno)
            continue
        name = f"{scope}{node.name}"
        head = _head(node)
        yield Piece(f"{scope} {ast.dump(head)}", ast.unparse(head).rstrip(" ."), node.lineno)
        inside = node.body[:1] if ast.get_docstring(node) is not None else []
        yield from pieces(inside if name in free else node.body, free, f"{name}.")


def todo_lines(source: str) -> list[int]:
    """Lines, counted from 1, with a comment that says TODO."""
    return [line for line, comment in _comments(source).items() if "TODO" in comment]


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def _head(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ast.stmt:
    """The definition with an empty body: decorators, name, arguments or bases, annotations."""
    head = copy.copy(node)
    head.body = [ast.Expr(ast.Constant(...))]
    return head


def _functions(tree: ast.Module) -> dict[str, tuple[int, int]]:
    """For each function, by dotted name, the lines of its body."""
    found: dict[str, tuple[int, int]] = {}

    def visit(node: ast.AST, scope: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _DEFINITIONS):
                name = f"{scope}{child.name}"
                if not isinstance(child, ast.ClassDef):
                    found[name] = (child.lineno, child.end_lineno or child.lineno)
                visit(child, f"{name}.")
            else:
                visit(child, scope)

    visit(tree, "")
    return found


def _functions_with(tree: ast.Module, lines: Sequence[int]) -> set[str]:
    """Names of the innermost functions around each of the lines."""
    spans = _functions(tree)
    chosen = set()
    for line in lines:
        around = [name for name, (first, last) in spans.items() if first <= line <= last]
        chosen.update(sorted(around, key=lambda name: spans[name][0])[-1:])
    return chosen


def _quote(piece: Piece | None) -> str:
    if piece is None:
        return "nothing"
    text = piece.source.splitlines()[0]
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"
