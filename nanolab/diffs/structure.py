"""What is left of Python source without names, comments, docstrings and layout."""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs)
_KEPT = {"self", "cls"}


def normalize(source: str) -> str | None:
    """The structure of Python source: no comments, docstrings or layout, one name per local.

    Arguments and local variables are renamed in order of appearance, so that two functions which
    differ in names only come out equal. None if the source does not parse.
    """
    tree = parse(source)
    if tree is None:
        return None
    for node in ast.walk(tree):
        _drop_docstring(node)
    try:
        _rename(tree, {})
        return ast.unparse(tree) + "\n"
    except RecursionError:  # an expression nested a thousand deep
        return None


def parse(source: str) -> ast.Module | None:
    """The syntax tree of Python source, or None if it does not parse; warnings are its run's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _drop_docstring(node: ast.AST) -> None:
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
        return
    if ast.get_docstring(node, clean=False) is None:
        return
    node.body = node.body[1:] or ([] if isinstance(node, ast.Module) else [ast.Pass()])


def _rename(node: ast.AST, names: dict[str, str]) -> None:
    """Rename below `node`; `names` holds what the functions around it have renamed."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Name):
            child.id = names.get(child.id, child.id)
        elif isinstance(child, ast.arg):
            child.arg = names.get(child.arg, child.arg)
        elif isinstance(child, _NAMED) and child.name:
            child.name = names.get(child.name, child.name)
        elif isinstance(child, (ast.Global, ast.Nonlocal)):
            child.names = [names.get(name, name) for name in child.names]
        _rename(child, _inside(child, names) if isinstance(child, _FUNCTIONS) else names)


def _inside(function: ast.AST, names: dict[str, str]) -> dict[str, str]:
    """`names` and those of the function's arguments and locals, in order of appearance."""
    own: dict[str, None] = {}
    foreign = set(_KEPT)
    for node in _scope(function):
        if isinstance(node, ast.arg):
            own[node.arg] = None
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            own[node.id] = None
        elif isinstance(node, _NAMED) and node.name:
            own[node.name] = None
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            foreign.update(node.names)
    added = [name for name in own if name not in foreign]
    return names | {name: f"v{number}" for number, name in enumerate(added, start=len(names) + 1)}


def _scope(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in the scope of a function, without the inside of the scopes in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            yield from _scope(child)
