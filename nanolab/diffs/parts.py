"""Two Python files side by side, function by function."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nanolab.diffs.rows import CONTEXT, Diff, Line, compare, compare_lines, lines
from nanolab.diffs.structure import parse

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Part:
    """A function, class or method by its qualified name; the empty name is the rest of the file."""

    name: str
    diff: Diff


def by_function(left: str, right: str, context: int = CONTEXT) -> tuple[Part, ...]:
    """The same, in parts: one for each function, class and method of either side, then the rest.

    In the order of `right`, then what only `left` has. If a side does not parse, the whole file
    is one part without a name.
    """
    before, after = _parts(left), _parts(right)
    if before is None or after is None:
        return (Part("", compare(left, right, context)),)
    names = [*(name for name in {**after, **before} if name), ""]
    return tuple(
        Part(name, compare_lines(before.get(name, ()), after.get(name, ()), context))
        for name in names
    )


def _parts(source: str) -> dict[str, list[Line]] | None:
    """The lines of each function, class and method by name, the rest under the empty name."""
    tree = parse(source)
    if tree is None:
        return None
    numbered = lines(source)
    owner = [""] * len(numbered)
    for name, first, last in _definitions(tree, ""):
        owner[first - 1 : last] = [name] * (last - first + 1)
    parts: dict[str, list[Line]] = {}
    for name, line in zip(owner, numbered, strict=True):
        parts.setdefault(name, []).append(line)
    return parts


def _definitions(parent: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, int, int]]:
    """Name, first and last line of each definition, a class before its methods."""
    for node in parent.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            yield prefix + node.name, first, node.end_lineno or first
            if isinstance(node, ast.ClassDef):
                yield from _definitions(node, f"{prefix}{node.name}.")
