"""info.toml -> Course: parsed once, and refused with a sentence that says what to write.

The format is described in CONTRIBUTING.md. Every rule that needs only the text of `info.toml`
is checked here; rules about the files it names are `nanolab dev check`'s.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from nanolab.course import SUFFIXES, Course, Exercise, Need, Stage
from nanolab.errors import CourseError

FORMAT_VERSION = 1

_STAGE_NAME = re.compile(r"[0-9]{2}_[a-z][a-z0-9_]{0,28}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_UPSTREAM = re.compile(r"[\w./-]+\.(py|rs|sh|html)(::\w+(\.\w+)?)?")

# key -> (type, required); `list` always means a list of strings.
_Shape = dict[str, tuple[type, bool]]
_TOP: _Shape = {
    "format_version": (int, True),
    "title": (str, True),
    "package": (str, True),
    "welcome": (str, False),
    "final": (str, False),
    "upstream": (dict, True),
    "needs": (dict, False),
    "stages": (list, True),
}
_UPSTREAM_TABLE: _Shape = {"repo": (str, True), "commit": (str, True)}
_NEED: _Shape = {"module": (str, False), "program": (str, False), "cure": (str, True)}
_STAGE: _Shape = {
    "name": (str, True),
    "title": (str, True),
    "goal": (str, True),
    "minutes": (int, True),
    "requires": (list, False),
    "optional": (bool, False),
    "preload": (list, False),
    "exercises": (list, False),
}
_EXERCISE: _Shape = {
    "name": (str, True),
    "title": (str, True),
    "checks": (int, True),
    "upstream": (list, False),
    "kind": (str, False),
    "timeout": (float, False),
    "needs": (list, False),
    "aliases": (list, False),
    "assembled": (bool, False),
}
_MAY_BE_EMPTY = {"welcome", "final", "module", "program"}
_TABLE_LISTS = {"stages", "exercises"}
_WORDS = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}


def course_root() -> Path:
    """Where the course lies: `$NANOLAB_COURSE`, else inside the installed package.

    In a checkout, where nothing was packaged, it is the folder around the package.
    The current directory plays no part.
    """
    chosen = os.environ.get("NANOLAB_COURSE")
    if chosen:
        return Path(chosen).expanduser().absolute()
    package = Path(__file__).absolute().parent
    packaged = package / "_course"
    return packaged if packaged.is_dir() else package.parent


def load(root: Path | None = None) -> Course:
    """Read the course whose `info.toml` lies in `root` (default: `course_root()`).

    Raises:
        CourseError: If the file is missing or malformed; the message names the stage and the
            exercise, and says what is wrong and what to write.
    """
    import tomli  # not needed to answer --version

    root = (root or course_root()).absolute()
    path = root / "info.toml"
    try:
        text = path.read_bytes().decode("utf-8")
        data = tomli.loads(text)
    except OSError as error:
        cure = "Reinstall nanolab, or point NANOLAB_COURSE at the folder of an info.toml."
        raise CourseError(f"Cannot read {path}: {error.strerror}.", cure) from error
    except UnicodeDecodeError as error:
        raise CourseError(
            f"{path} is not UTF-8 (byte {error.start}).", "Save it as UTF-8."
        ) from error
    except tomli.TOMLDecodeError as error:
        raise CourseError(f"{path} is not valid TOML: {error}.", "Mend that line.") from error
    return parse(data, root)


def parse(data: dict[str, Any], root: Path) -> Course:
    """Make a `Course` of parsed TOML.

    Raises:
        CourseError: As `load`.
    """
    where = "info.toml"
    _version(data)
    _shape(data, _TOP, where)
    _name(data["package"], _NAME, f"{where}: package")
    _shape(data["upstream"], _UPSTREAM_TABLE, f"{where}: [upstream]")
    needs = tuple(_need(name, table) for name, table in data.get("needs", {}).items())
    stages: list[Stage] = []
    for position, table in enumerate(data["stages"], start=1):
        stages.append(_stage(table, position, stages, {need.name for need in needs}))
    if not stages:
        raise CourseError(f"{where}: there are no stages.", "Write at least one [[stages]] table.")
    _unique_ids(stages)
    return Course(
        root=root,
        title=data["title"],
        package=data["package"],
        repo=data["upstream"]["repo"],
        commit=data["upstream"]["commit"],
        welcome=data.get("welcome", "").strip(),
        final=data.get("final", "").strip(),
        stages=tuple(stages),
        needs=needs,
    )


def _version(data: dict[str, Any]) -> None:
    version = data.get("format_version")
    if type(version) is not int:
        raise CourseError(
            "info.toml: format_version is missing.", "Begin the file with format_version = 1."
        )
    if version > FORMAT_VERSION:
        raise CourseError(
            f"info.toml has format {version}; this nanolab reads {FORMAT_VERSION}.",
            "Upgrade: pip install -U nanolab.",
        )
    if version < FORMAT_VERSION:
        raise CourseError(
            f"info.toml has the unknown format {version}.", "Write format_version = 1."
        )


def _need(name: str, table: Any) -> Need:  # noqa: ANN401 - straight from the parser
    where = f"info.toml: [needs.{name}]"
    _name(name, _NAME, where)
    _shape(table, _NEED, where)
    if bool(table.get("module")) == bool(table.get("program")):
        raise CourseError(
            f"{where}: exactly one of module and program is needed.", "Remove or add one."
        )
    return Need(name, table.get("module", ""), table.get("program", ""), table["cure"])


def _stage(table: Any, position: int, before: list[Stage], needs: set[str]) -> Stage:  # noqa: ANN401
    where = f"info.toml: stage {position}"
    _is_table(table, where)
    if isinstance(table.get("name"), str):
        where = f"info.toml: stage {table['name']}"
    _shape(table, _STAGE, where)
    name = table["name"]
    _name(name, _STAGE_NAME, f"{where}: name", "two digits, an underscore and a slug, as in 05_gpt")
    if int(name[:2]) != position:
        raise CourseError(
            f"{where} stands at position {position}.",
            f"Number the stages in order: {position:02d}_{name[3:]}.",
        )
    if table["minutes"] < 1:
        raise CourseError(
            f"{where}: minutes is {table['minutes']}.", "Write an honest estimate, at least 1."
        )
    known = [stage.name for stage in before]
    requires = tuple(table.get("requires", known[-1:]))
    for required in requires:
        if required not in known:
            raise CourseError(
                f"{where}: requires {required!r}, which is no stage before it.{_maybe(required, known)}",
                f"Write one of: {', '.join(known) or '(none: this is the first stage)'}.",
            )
    return Stage(
        name=name,
        title=table["title"],
        goal=table["goal"],
        minutes=table["minutes"],
        requires=requires,
        optional=table.get("optional", False),
        preload=tuple(table.get("preload", ())),
        exercises=_exercises(table.get("exercises", []), name, needs),
    )


def _exercises(tables: list[Any], stage: str, needs: set[str]) -> tuple[Exercise, ...]:
    exercises: list[Exercise] = []
    for position, table in enumerate(tables, start=1):
        exercise = _exercise(table, stage, position, needs)
        if exercise.name in {one.name for one in exercises}:
            raise CourseError(
                f"info.toml: stage {stage} has two exercises {exercise.name}.",
                "Rename one of them.",
            )
        exercises.append(exercise)
    return tuple(exercises)


def _exercise(table: Any, stage: str, position: int, needs: set[str]) -> Exercise:  # noqa: ANN401
    where = f"info.toml: stage {stage}, exercise {position}"
    _is_table(table, where)
    if isinstance(table.get("name"), str):
        where = f"info.toml: {stage}/{table['name']}"
    _shape(table, _EXERCISE, where)
    _name(table["name"], _NAME, f"{where}: name")
    timeout = float(table.get("timeout", 10))
    if not 0 < timeout <= 600:
        raise CourseError(
            f"{where}: timeout is {timeout:g}.", "Write seconds, above 0 and up to 600."
        )
    if table["checks"] < 1:
        raise CourseError(
            f"{where}: checks is {table['checks']}.",
            "Run `nanolab dev check --write` to count them.",
        )
    for need in table.get("needs", ()):
        if need not in needs:
            raise CourseError(
                f"{where}: needs {need!r}, which is not in [needs].{_maybe(need, needs)}",
                f"Add a table [needs.{need}] with module or program, and cure.",
            )
    for source in table.get("upstream", ()):
        if not _UPSTREAM.fullmatch(source):
            raise CourseError(
                f"{where}: upstream {source!r} is not of the form path.py::name.",
                'Write, say, "nanochat/gpt.py::apply_rotary_emb".',
            )
    return Exercise(
        stage=stage,
        name=table["name"],
        title=table["title"],
        checks=table["checks"],
        upstream=tuple(table.get("upstream", ())),
        kind=_kind(table, where),
        timeout=timeout,
        needs=tuple(table.get("needs", ())),
        aliases=tuple(table.get("aliases", ())),
        assembled=table.get("assembled", False),
    )


def _kind(table: dict[str, Any], where: str) -> str:
    kind: str = table.get("kind", "python")
    if kind not in SUFFIXES:
        raise CourseError(
            f"{where}: kind is {kind!r}.{_maybe(kind, SUFFIXES)}",
            f"Write one of: {', '.join(SUFFIXES)}.",
        )
    return kind


def _unique_ids(stages: list[Stage]) -> None:
    seen: set[str] = set()
    for exercise in (one for stage in stages for one in stage.exercises):
        for id_ in (exercise.id, *exercise.aliases):
            if id_ in seen:
                raise CourseError(
                    f"info.toml: {id_} names two exercises (an id or alias is never used again).",
                    f"Change one of them; the second is in {exercise.id}.",
                )
            seen.add(id_)


def _shape(table: Any, shape: _Shape, where: str) -> None:  # noqa: ANN401
    _is_table(table, where)
    for key in table:
        if key not in shape:
            raise CourseError(
                f"{where}: unknown key {key!r}.{_maybe(key, shape)}",
                f"Known keys: {', '.join(shape)}.",
            )
    for key, (kind, required) in shape.items():
        if key not in table:
            if required:
                raise CourseError(f"{where}: {key} is missing.", f"Add {key} = {_example(kind)}.")
            continue
        _type(table[key], kind, key, where)


def _type(value: Any, kind: type, key: str, where: str) -> None:  # noqa: ANN401
    if kind is dict:
        return _is_table(value, f"{where}: {key}")
    if kind is list:
        items_are = dict if key in _TABLE_LISTS else str
        if not isinstance(value, list) or not all(isinstance(item, items_are) for item in value):
            what = f"[[{key}]] tables" if items_are is dict else "a list of strings"
            raise CourseError(f"{where}: {key} must be {what}.", f"It is {value!r:.60}.")
        return None
    accepted: tuple[type, ...] = (int, float) if kind is float else (kind,)
    if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
        raise CourseError(f"{where}: {key} must be {_WORDS[kind]}.", f"It is {value!r:.60}.")
    if isinstance(value, str) and key not in _MAY_BE_EMPTY and not value.strip():
        raise CourseError(f"{where}: {key} is empty.", "Write at least a word.")
    return None


def _is_table(value: Any, where: str) -> None:  # noqa: ANN401
    if not isinstance(value, dict):
        raise CourseError(f"{where} must be a table.", f"It is {value!r:.60}.")


def _name(name: str, pattern: re.Pattern[str], where: str, rule: str = "") -> None:
    if not pattern.fullmatch(name):
        rule = rule or "1 to 32 characters of a-z, 0-9 and _, a letter first"
        raise CourseError(f"{where}: {name!r} is not allowed.", f"A name is {rule}.")


def _maybe(word: str, known: Any) -> str:  # noqa: ANN401 - any collection of strings
    import difflib

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _example(kind: type) -> str:
    return {str: '"…"', int: "1", float: "10", bool: "false", list: "[…]", dict: "{…}"}[kind]
