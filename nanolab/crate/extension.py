"""Rust files that bind themselves with PyO3: built, and imported as the modules they are."""

from __future__ import annotations

import importlib.util
import re
from importlib.machinery import ExtensionFileLoader
from typing import TYPE_CHECKING

from nanolab.crate.build import build

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

_MODULE = re.compile(r"(#\[pymodule\]\s+(?:pub )?fn )\w+")


def load(
    sources: Mapping[str, str], used: Mapping[str, str], files: Mapping[str, str]
) -> dict[str, ModuleType]:
    """Compile Rust files with a `#[pymodule]` into one library, and import each from it.

    Args:
        sources: Each module's name and source; its `#[pymodule]` is renamed to that.
        used: The sources of files that they use.
        files: For each name, the file that messages shall name.

    Raises:
        CompileError, NotBuiltError: As `nanolab.crate.load`.
    """
    renamed = {name: _MODULE.sub(rf"\g<1>{name}", source) for name, source in sources.items()}
    texts = {f"{name}.rs": source for name, source in {**used, **renamed}.items()}
    modules = "".join(f"mod {name.removesuffix('.rs')};\n" for name in texts)
    texts["lib.rs"] = f"#![allow(dead_code, unused)]\n\n{modules}"
    path = str(build(texts, files, pyo3=True, optimised=True))
    return {name: _import(name, path, files[name]) for name in sources}


def _import(name: str, path: str, file: str) -> ModuleType:
    """The module of that name in a library, which may hold several."""
    loader = ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    module.__file__ = file
    return module
