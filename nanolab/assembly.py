"""The package that exercise files add up to: which file stands for which module.

Exercise `05_gpt/rotary` is the module `nanochat.gpt.rotary`; the stage is the package
`nanochat.gpt`; and a module that upstream has in one piece, say `nanochat.common`, hands out the
names that exercises re-implement (the `upstream` key of `info.toml`).
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.mount import COMMAND, main_source, public_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nanolab.course import Course, Exercise


@dataclass(frozen=True, slots=True)
class Table:
    """A whole assembly.

    Attributes:
        package: Its name, `nanochat`.
        modules: For each module `nanochat.gpt.rotary`, the absolute path of its file.
        exports: For each module of upstream that lives here in pieces, `{name: module}`.
    """

    package: str
    modules: dict[str, str]
    exports: dict[str, dict[str, str]]


def module_name(course: Course, exercise: Exercise) -> str:
    """The module that an exercise is: `nanochat.gpt.rotary`."""
    return f"{course.package}.{exercise.stage[3:]}.{exercise.name}"


def under_check(
    course: Course, exercise: Exercise, file: Path, passed: Mapping[str, Path]
) -> Table:
    """`file` for the exercise, solutions for all others: an early slip turns no later check red.

    An exercise that is `assembled` stands on the learner's `passed` files instead: it checks that
    they work together.
    """
    return assemble(course, {**(passed if exercise.assembled else {}), exercise.id: file})


def assemble(course: Course, files: Mapping[str, Path]) -> Table:
    """The given file for each exercise id in `files`, the solution for every other exercise."""
    modules = {
        module_name(course, exercise): str(files.get(exercise.id, course.solution(exercise)))
        for exercise in course.exercises
    }
    return Table(course.package, modules, _exports(course))


def _exports(course: Course) -> dict[str, dict[str, str]]:
    stages = {f"{course.package}.{stage.slug}" for stage in course.stages}
    exports: dict[str, dict[str, str]] = {}
    for exercise in course.exercises:
        for source in exercise.upstream:
            path, _, name = source.partition("::")
            module = path.removesuffix(".py").replace("/", ".")
            inside = module.startswith(f"{course.package}.") and path.endswith(".py")
            if name and inside and module not in stages:
                names = exports.setdefault(module, {})
                names[name.partition(".")[0]] = module_name(course, exercise)
    return exports


def write_mount(directory: Path, table: Table) -> None:
    """Make `directory` fit for `PYTHONPATH`: importing the package there serves the table."""
    package = directory / table.package
    package.mkdir(parents=True, exist_ok=True)
    (package / "table.json").write_text(json.dumps(asdict(table)), encoding="utf-8")
    (package / "__init__.py").write_text(
        f'"""{table.package}, made of exercise files by nanolab."""\n\n'
        "from nanolab.mount import mount\n\nmount(__name__, __file__)\n",
        encoding="utf-8",
    )


def write_package(
    directory: Path, table: Table, facade: Callable[[str, Mapping[str, str]], str] | None = None
) -> list[Path]:
    """Write the assembly as plain files that need no nanolab, below `directory/PACKAGE`.

    Args:
        directory: Where the package's folder goes.
        table: The assembly.
        facade: Makes the source of a module that only re-exports; `plain_facade` by default.

    Returns:
        The files written.

    Raises:
        OSError: If a file cannot be read or written.
        SyntaxError: If an exercise file does not parse.
    """
    facade = facade or plain_facade
    root = directory / table.package
    sources = {
        module: Path(file).read_text(encoding="utf-8") for module, file in table.modules.items()
    }
    texts = {root / "__init__.py": f'"""{table.package}, exported by nanolab."""\n'}
    stages: dict[str, dict[str, str]] = {}
    for module, source in sources.items():
        stage, _, name = module.rpartition(".")
        owners = stages.setdefault(stage, {})
        suffix = Path(table.modules[module]).suffix
        texts[_file(directory, stage).with_suffix("") / f"{name}{suffix}"] = source
        if suffix == ".py":
            owners.update(dict.fromkeys(public_names(source), module))
    for stage, owners in stages.items():
        folder = _file(directory, stage).with_suffix("")
        texts[folder / "__init__.py"] = facade(stage, owners)
        if f"{stage}.{COMMAND}" in sources:
            texts[folder / "__main__.py"] = main_source(stage)
    for module, owners in table.exports.items():
        texts[_file(directory, module)] = facade(module, owners)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():  # an editor's link to the learner's own file, of an earlier time
            path.unlink()
        path.write_text(text, encoding="utf-8")
    return sorted(texts)


def plain_facade(module: str, owners: Mapping[str, str]) -> str:
    """Source of a module that only re-exports: each name from the module that owns it."""
    listed = "".join(f'    "{name}",\n' for name in owners)
    imports = "\n".join(_imports(owners, "{0}"))
    return f'"""{module}: its names live in the modules below."""\n\n{imports}\n\n__all__ = [\n{listed}]\n'


def deferring_facade(module: str, owners: Mapping[str, str]) -> str:
    """The same for a workspace, where half of the modules are unfinished.

    A type checker reads the imports; when a file is run by hand, a module is imported only once
    one of its names is asked for.
    """
    imports = "\n".join(f"    {line}" for line in _imports(owners, "{0} as {0}"))
    listed = "".join(f'        "{name}": "{owner}",\n' for name, owner in owners.items())
    return (
        f'"""{module}: its names live in the modules below."""\n\n'
        f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n{imports}\nelse:\n"
        f"    from nanolab.mount import defer\n\n    defer(__name__, {{\n{listed}    }})\n"
    )


def _imports(owners: Mapping[str, str], form: str) -> Iterator[str]:
    """One line for each owner; `x as x` tells a type checker that the name is handed on."""
    for owner in dict.fromkeys(owners.values()):
        names = (form.format(name) for name, where in owners.items() if where == owner)
        yield f"from {owner} import {', '.join(names)}"


def write_editor_paths(directory: Path, course: Course, exercises: Path) -> None:
    """Let a type checker resolve `nanochat.gpt.rotary` in a workspace.

    `directory` (for `extraPaths`) gets packages whose modules are links to the learner's files,
    relative ones, so that the workspace can be moved; where links are not allowed, copies of the
    stubs.

    Raises:
        OSError: If `directory` cannot be written.
    """
    table = assemble(course, {})
    python = [one for one in course.exercises if one.kind == "python"]
    shutil.rmtree(directory, ignore_errors=True)
    write_package(
        directory,
        Table(
            table.package,
            {module_name(course, one): str(course.stub(one)) for one in python},
            table.exports,
        ),
        deferring_facade,
    )
    for exercise in python:
        link = _file(directory, module_name(course, exercise))
        target = exercises / exercise.file
        temporary = link.with_suffix(".tmp")
        with contextlib.suppress(OSError):
            temporary.symlink_to(os.path.relpath(target, link.parent))
            temporary.replace(link)


def _file(directory: Path, module: str) -> Path:
    return directory.joinpath(*module.split(".")).with_suffix(".py")
