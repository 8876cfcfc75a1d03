"""Exercise files as one importable package, in any process that has the mount on its path.

`assembly.write_mount` makes a folder with `PACKAGE/__init__.py` and `PACKAGE/table.json`. With the
folder on `PYTHONPATH`, importing the package puts a finder in front that looks every submodule up
in the table. Real files, so tracebacks, `python -m` and editors' debuggers work; never bytecode,
because two saves of one size within a second would run the old code.

A Rust file is a module too: `crate` compiles it when it is imported.

Imported by learners' processes: only the standard library, and of nanolab only `crate`.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

COMMAND = "command"  # the exercise that makes its stage a program: `python -m nanochat.dataset`

# sha256 of each file as it was executed: what was judged, even if the file has changed since.
executed: dict[str, str] = {}


def mount(package: str, init_file: str) -> None:
    """Make the submodules of `package` importable; called by the generated `__init__.py`."""
    table = json.loads(Path(init_file).with_name("table.json").read_text(encoding="utf-8"))
    sys.meta_path.insert(0, Finder(package, table["modules"], table["exports"]))


def public_names(source: str) -> list[str]:
    """What a module offers: its top-level functions, classes and constants, in order.

    Names with a leading underscore, and `main`, stay with their file.

    Raises:
        SyntaxError: If the source does not parse.
    """
    names: dict[str, None] = {}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names[node.name] = None
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update((one.id, None) for one in targets if isinstance(one, ast.Name))
    return [name for name in names if not name.startswith("_") and name != "main"]


def main_source(stage: str) -> str:
    """Source of a stage's `__main__`: it runs `main` of the exercise `command`, and exits with that."""
    return (
        f'"""`python -m {stage}` runs main of {stage}.command."""\n\n'
        f"import sys\n\nfrom {stage}.{COMMAND} import main\n\n"
        'if __name__ == "__main__":\n    sys.exit(main())\n'
    )


class Finder(importlib.abc.MetaPathFinder):
    """Finds exercises (`nanochat.gpt.rotary`), stages (`nanochat.gpt`) and upstream's modules.

    Args:
        package: `nanochat`.
        modules: For each exercise's module, its file.
        exports: For each module that upstream has and we have in pieces, where each name lives.
    """

    def __init__(
        self, package: str, modules: dict[str, str], exports: dict[str, dict[str, str]]
    ) -> None:
        self.package = package
        self.modules = modules
        self.exports = exports
        self.stages = {name.rpartition(".")[0] for name in modules}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of a module of the package, or None for everything else."""
        del path, target
        if fullname in self.modules:
            file = self.modules[fullname]
            loader: importlib.abc.Loader = SourceOnlyLoader(fullname, file)
            if file.endswith(".rs"):
                loader = RustLoader(file, self._rust_siblings(fullname))
            return importlib.util.spec_from_file_location(fullname, file, loader=loader)
        stage, _, name = fullname.rpartition(".")
        if name == "__main__" and f"{stage}.{COMMAND}" in self.modules:
            return importlib.machinery.ModuleSpec(fullname, CommandLoader())
        if fullname in self.stages:
            loader = FacadeLoader(self._stage_names)
            return importlib.machinery.ModuleSpec(fullname, loader, is_package=True)
        if fullname in self.exports:
            return importlib.machinery.ModuleSpec(fullname, FacadeLoader(self.exports.__getitem__))
        return None

    def _stage_names(self, stage: str) -> dict[str, str]:
        """For each public name of a stage's exercises, the module that defines it."""
        owners: dict[str, str] = {}
        for module, file in self.modules.items():
            if module.rpartition(".")[0] == stage and file.endswith(".py"):
                source = Path(file).read_text(encoding="utf-8")
                owners.update(dict.fromkeys(public_names(source), module))
        return owners

    def _rust_siblings(self, fullname: str) -> dict[str, str]:
        """For the short name of each other Rust exercise of the stage, its file."""
        stage = fullname.rpartition(".")[0]
        return {
            module.rpartition(".")[2]: file
            for module, file in self.modules.items()
            if module.rpartition(".")[0] == stage and module != fullname and file.endswith(".rs")
        }


class SourceOnlyLoader(importlib.machinery.SourceFileLoader):
    """Compiles the file as it stands on disk now; neither reads nor writes bytecode."""

    def get_code(self, fullname: str) -> CodeType:
        """The module's code; the hash of its source is kept in `executed`."""
        del fullname  # one loader, one file
        data = self.get_data(self.path)
        executed[self.path] = hashlib.sha256(data).hexdigest()
        return self.source_to_code(data, self.path)


class CommandLoader(importlib.abc.InspectLoader):
    """A stage's `__main__`, which has no file of its own."""

    def get_source(self, fullname: str) -> str:
        """What `python -m` on the stage runs."""
        return main_source(fullname.rpartition(".")[0])


class RustLoader(importlib.abc.Loader):
    """Compiles a Rust file; the functions that it offers become the module's.

    Args:
        path: The file.
        siblings: Files that it may use as `crate::name`.
    """

    def __init__(self, path: str, siblings: dict[str, str]) -> None:
        self.path = path
        self.siblings = siblings

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """The compiled module.

        Raises:
            CompileError, NotBuiltError: As `nanolab.crate.load`.
        """
        from nanolab import crate

        data = Path(self.path).read_bytes()
        executed[self.path] = hashlib.sha256(data).hexdigest()
        name = spec.name.rpartition(".")[2]
        sources = {name: data.decode("utf-8", "replace")}
        module = crate.load(sources, {name: self.path}, self.siblings)[name]
        module.__name__ = spec.name
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: what there is was there when it had been compiled."""


class Facade(ModuleType):
    """A module whose names live below it: `double` is the function, not the file it stands in."""

    def __setattr__(self, name: str, value: object) -> None:
        """Bind a name; importing `numbers.double` binds what that module calls `double`."""
        if isinstance(value, ModuleType) and value.__name__ == f"{self.__name__}.{name}":
            value = vars(value).get(name, value)
        super().__setattr__(name, value)


def defer(name: str, owners: dict[str, str]) -> None:
    """Let the module called `name` fetch each of its names only when it is asked for.

    Args:
        name: Of a module that is being imported.
        owners: For each name that it offers, the module that defines it.
    """
    module = sys.modules[name]
    module.__class__ = Facade
    FacadeLoader(lambda _: owners).exec_module(module)


class FacadeLoader(importlib.abc.Loader):
    """A module without a file: each name is fetched, when asked for, from where it lives."""

    def __init__(self, owners_of: Any) -> None:  # noqa: ANN401 - (module name) -> {name: module}
        self.owners_of = owners_of

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        """An empty module."""
        return Facade(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Give the module a `__getattr__` that imports the owner of a name."""

        def fetch(name: str) -> Any:  # noqa: ANN401
            owner = None if name.startswith("__") else self.owners_of(module.__name__).get(name)
            if owner is None:
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
            return getattr(importlib.import_module(owner), name)

        module.__dict__["__getattr__"] = fetch
