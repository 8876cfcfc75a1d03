"""Rust exercises as Python modules: compiled when they are imported, called like functions.

A Rust exercise is one file, std only, of plain safe functions. `load` puts it into a small crate
beside a door (`door.rs`), has cargo build that, and gives a module whose functions take and return
Python's values. What rustc says comes as a `CompileError`, a panic as a `RustPanicError` that
points at the learner's line, a `todo!()` as a `NotImplementedError`.

A file that uses PyO3 needs no door: it says itself what Python sees (`extension.py`).

Imported by learners' processes: only the standard library.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from nanolab.crate import extension
from nanolab.crate.build import CompileError, NotBuiltError, build, homes
from nanolab.crate.library import Library, RustPanicError
from nanolab.crate.signatures import aliases, entrance, signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nanolab.crate.signatures import Signature

__all__ = ["CompileError", "NotBuiltError", "RustPanicError", "homes", "load"]

_UNFINISHED = ("not yet implemented", "not implemented")
_HERE = Path(__file__).parent
_PYO3 = re.compile(r"^use pyo3::", re.M)
_SIBLING = re.compile(r"\b(?:crate|super)::(\w+)\b")


def load(
    sources: Mapping[str, str],
    files: Mapping[str, str],
    siblings: Mapping[str, str] | None = None,
    *,
    optimised: bool = True,
) -> dict[str, ModuleType]:
    """Compile Rust files together and make each a Python module.

    Args:
        sources: Each module's name and source, as it shall be compiled.
        files: For each name, the file that messages and tracebacks shall name.
        siblings: For each further name that they may use as `crate::name`, its file.
        optimised: Whether the code shall be fast; otherwise building it is, if it is much.

    Raises:
        CompileError: If rustc refuses them.
        NotBuiltError: If cargo is missing, or cannot build anything here.
    """
    siblings = siblings or {}
    used = _used(sources, siblings)
    files = {**{name: siblings[name] for name in used}, **files}
    if any(map(_PYO3.search, sources.values())):
        return extension.load(sources, used, files)
    names = {name: type_ for source in used.values() for name, type_ in aliases(source).items()}
    bound = {name: signatures(source, names) for name, source in sources.items()}
    texts = {f"{name}.rs": source for name, source in {**used, **sources}.items()}
    texts["wire.rs"] = (_HERE / "wire.rs").read_text(encoding="utf-8")
    door = (_HERE / "door.rs").read_text(encoding="utf-8")
    texts["lib.rs"] = door + entrance({**used, **sources}, bound)
    library = Library(build(texts, files, pyo3=False, optimised=optimised))
    return {name: _module(name, bound[name], library, files) for name in sources}


def _used(sources: Mapping[str, str], siblings: Mapping[str, str]) -> dict[str, str]:
    """The sources of the siblings that are used as `crate::name`, by each other too."""
    found: dict[str, str] = {}
    todo = [*sources.values()]
    while todo:
        for name in _SIBLING.findall(todo.pop()):
            if name in siblings and name not in found and name not in sources:
                found[name] = Path(siblings[name]).read_text(encoding="utf-8")
                todo.append(found[name])
    return found


def _module(
    name: str, found: tuple[Signature, ...], library: Library, files: Mapping[str, str]
) -> ModuleType:
    module = ModuleType(name)
    module.__file__ = files[name]
    for one in found:
        function = _function(name, one, library, files)
        function.__module__ = name
        setattr(module, one.name, function)
    return module


def _function(
    module: str, one: Signature, library: Library, files: Mapping[str, str]
) -> Callable[..., object]:
    """The Python face of a Rust function: it checks how many arguments came, and hands them on."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(each.name, kind) for each in one.arguments])
    changing = [at for at, each in enumerate(one.arguments) if each.changes]

    def function(*args: object, **kwargs: object) -> object:
        given = signature.bind(*args, **kwargs).args
        try:
            result, *changed = library.call(f"{module}::{one.name}", given, 1 + len(changing))
        except RustPanicError as panic:
            _raise_in_rust(panic, files)
        for at, value in zip(changing, changed, strict=True):
            _change(given[at], value)
        return result

    function.__name__ = function.__qualname__ = one.name
    function.__doc__ = one.doc
    function.__signature__ = signature  # type: ignore[attr-defined]  # what inspect looks at
    return function


def _change(value: object, new: object) -> None:
    """What a `&mut` of Rust did to its value, done to Python's."""
    if isinstance(value, list) and isinstance(new, list):
        value[:] = new
    elif isinstance(value, dict) and isinstance(new, dict):
        value.clear()
        value.update(new)


def _raise_in_rust(panic: RustPanicError, files: Mapping[str, str]) -> None:
    """Raise a panic, or what a `todo!()` means, such that the traceback ends in the Rust file.

    Raises:
        NotImplementedError, RustPanicError: Always.
    """
    file = files.get(Path(panic.file).stem, panic.file)
    unfinished = str(panic).startswith(_UNFINISHED)
    error = NotImplementedError(str(panic)) if unfinished else panic.with_traceback(None)
    code = compile("\n" * (panic.line - 1) + "raise error from None", file, "exec")
    exec(code, {"error": error})  # noqa: S102 - four words of our own
