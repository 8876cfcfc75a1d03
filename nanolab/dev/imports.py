"""Rules about names: who imports what from whom, and who offers what."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nanolab.assembly import assemble, module_name
from nanolab.dev.report import Finding, place
from nanolab.mount import public_names

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage


def imports_come_earlier(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """An exercise builds only on required stages and on earlier exercises of its own stage."""
    allowed = _earlier(course, exercise)
    for path in (course.stub(exercise), course.solution(exercise), course.check(exercise)):
        own = {exercise.id} if path == course.check(exercise) else set()
        for line, module, name in imported(path):
            inside = module == course.package or module.startswith(f"{course.package}.")
            if not inside and not module.startswith("."):
                continue
            dotted = f"{module}.{name}" if name else module
            owner = _owner(course, dotted)
            if owner is None:
                what = f"No exercise provides {dotted}."
                cure = f"Import names from a module such as {module_name(course, exercise)}."
                yield Finding(place(course, path, line), what, cure)
            elif owner not in allowed | own:
                what = f"It imports {dotted}, but {owner} does not come before {exercise.id}."
                cure = "Add the stage to `requires` in info.toml, or reorder the exercises."
                yield Finding(place(course, path, line), what, cure)


def needs_are_inherited(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """An exercise needs what the exercises need that it, or its check, imports."""
    missing: dict[str, str] = {}
    for path in (course.stub(exercise), course.solution(exercise), course.check(exercise)):
        for _, module, name in imported(path):
            owner = course.exercise(_owner(course, f"{module}.{name}" if name else module) or "")
            for need in owner.needs if owner else ():
                if need not in exercise.needs:
                    missing[need] = owner.id if owner else ""
    for need, owner_id in missing.items():
        what = f"{exercise.id} does not say that it needs {need}, as {owner_id} does."
        yield Finding("info.toml", what, f'Add "{need}" to its needs.')


def torch_is_declared(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Torch is imported only where info.toml says so, or the first stages grow slow."""
    preload = course.stage_of(exercise).preload
    if any(one.partition(".")[0] == "torch" for one in (*preload, *exercise.needs)):
        return
    for path in (course.stub(exercise), course.solution(exercise), course.check(exercise)):
        for line, module, _ in imported(path):
            if module.partition(".")[0] == "torch":
                what = "It imports torch, and info.toml does not say so."
                cure = 'Write preload = ["torch"] for the stage, or needs = ["torch"].'
                yield Finding(place(course, path, line), what, cure)


def kit_stays_with_checks(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """Stubs and solutions do without the checks' kit, which no learner's package has."""
    for path in (course.stub(exercise), course.solution(exercise)):
        for line, module, _ in imported(path):
            if module.partition(".")[0] == "kit":
                cure = "Write it into the exercise, or hand it over as an argument."
                yield Finding(place(course, path, line), f"It imports {module}.", cure)


def public_names_are_unique(course: Course, stage: Stage) -> Iterator[Finding]:
    """Within a stage each public name has one home, since the stage's package offers them all."""
    homes: dict[str, Exercise] = {}
    for exercise in stage.exercises:
        for name in offers(course, exercise):
            first = homes.setdefault(name, exercise)
            if first != exercise:
                where = place(course, course.solution(exercise))
                what = f"{name} stands in {first.id} too."
                yield Finding(where, what, "Rename one, or begin it with an underscore.")


def upstream_names_exist(course: Course, exercise: Exercise) -> Iterator[Finding]:
    """What info.toml says an exercise re-implements is a public name of its solution."""
    public = offers(course, exercise)
    defined = _dotted(course.solution(exercise))
    for source in exercise.upstream:
        path, _, name = source.partition("::")
        if not name or not path.endswith(".py"):
            continue
        if name.partition(".")[0] not in public or ("." in name and name not in defined):
            what = f"{exercise.id} names {source}, but its solution has no public {name}."
            yield Finding("info.toml", what, "Mend the name in `upstream` or in the solution.")


def imported(path: Path) -> Iterator[tuple[int, str, str]]:
    """(line, module, name) of every import in a file, wherever it stands; name may be empty.

    None for a Rust file: those use each other only, and `crate` finds them.
    """
    if path.suffix != ".py":
        return
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, module, alias.name) for alias in node.names)


def offers(course: Course, exercise: Exercise) -> list[str]:
    """Public names of a solution; none if it is missing or does not parse (another rule tells)."""
    try:
        return public_names(course.solution(exercise).read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return []


def _earlier(course: Course, exercise: Exercise) -> set[str]:
    """Ids of the exercises that this one may build on."""
    stage = course.stage_of(exercise)
    required: set[str] = set()
    open_names = list(stage.requires)
    while open_names:
        name = open_names.pop()
        if name not in required:
            required.add(name)
            open_names += next(one.requires for one in course.stages if one.name == name)
    ids = {one.id for one in course.exercises if one.stage in required}
    own = [one.id for one in stage.exercises]
    return ids | set(own[: own.index(exercise.id)])


def _owner(course: Course, dotted: str) -> str | None:
    """Id of the exercise behind a dotted name of the package; None if there is no such name."""
    exports = assemble(course, {}).exports
    modules = {module_name(course, one): one for one in course.exercises}
    module, _, name = dotted.rpartition(".")
    home = exports.get(module, {}).get(name, module)
    for known in (dotted, home):
        if known in modules:
            return modules[known].id
    for known, exercise in modules.items():
        if known.rpartition(".")[0] == module and name in offers(course, exercise):
            return exercise.id
    return None


def _dotted(path: Path) -> set[str]:
    """`Class.method` for every method of a Python module."""
    if path.suffix != ".py":
        return set()
    classes = [node for node in ast.parse(path.read_bytes()).body if isinstance(node, ast.ClassDef)]
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        f"{one.name}.{inner.name}"
        for one in classes
        for inner in one.body
        if isinstance(inner, functions)
    }
