"""The learner's settings, and where each one comes from.

    NANOLAB_ADVANCE=auto                 the environment (a flag of the command line sets it)
    WORKSPACE/nanolab.toml               the workspace
    ~/.config/nanolab/config.toml        the user; $XDG_CONFIG_HOME and $NANOLAB_CONFIG_HOME move it

The first that has a key wins. A workspace may come from a stranger, so its file cannot set a
command to run.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanolab import storage
from nanolab.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What may stand behind each key; None is any text.
_CHOICES: dict[str, tuple[str, ...] | None] = {
    "advance": ("manual", "auto"),
    "color": ("auto", "always", "never"),
    "editor": None,
}
_COMMANDS = {"editor"}


@dataclass(frozen=True, slots=True)
class _Value:
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Config:
    """The settings in force.

    Attributes:
        advance: After a pass, `manual` waits for the key, `auto` moves on.
        color: `auto`, `always` or `never`.
        editor: The command that opens a file; empty if none is known.
        origin: For each key, where its value comes from: a variable, a file, or `default`.
        warnings: Sentences about what was ignored in the files.
    """

    advance: str = "manual"
    color: str = "auto"
    editor: str = ""
    origin: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def load(root: Path | None, environment: Mapping[str, str] | None = None) -> Config:
    """The settings for the workspace at `root`, or outside of any.

    Raises:
        UsageError: If a file is not TOML, or a value is not allowed; names the place and the key.
    """
    environment = os.environ if environment is None else environment
    warnings: list[str] = []
    user = user_file(environment)
    weakest_first = [_from_habit(environment), _from_file(user, warnings)]
    if root is not None:
        path = root / "nanolab.toml"
        weakest_first.append(_harmless(_from_file(path, warnings), path, warnings))
    weakest_first.append(_from_environment(environment))
    found = {key: value for source in weakest_first for key, value in source.items()}
    origin = {key: found[key].origin if key in found else "default" for key in _CHOICES}
    values = {key: one.value for key, one in found.items()}
    return Config(**values, origin=origin, warnings=tuple(warnings))


def user_file(environment: Mapping[str, str]) -> Path:
    """Where the user's own settings are, whether or not the file exists."""
    own = environment.get("NANOLAB_CONFIG_HOME", "")
    if own:
        return Path(own).expanduser().absolute() / "config.toml"
    variable = "APPDATA" if sys.platform == "win32" else "XDG_CONFIG_HOME"
    home = Path(environment.get(variable, ""))
    if not home.is_absolute():  # a relative one is to be ignored, says the XDG specification
        home = Path(environment.get("HOME") or Path.home()) / ".config"
    return home / "nanolab" / "config.toml"


def _from_environment(environment: Mapping[str, str]) -> dict[str, _Value]:
    values = {}
    for key in _CHOICES:
        variable = f"NANOLAB_{key.upper()}"
        if environment.get(variable):
            value = _allowed(key, environment[variable], variable)
            values[key] = _Value(value, f"${variable}")
    return values


def _from_habit(environment: Mapping[str, str]) -> dict[str, _Value]:
    """What the user told every program."""
    for variable in ("VISUAL", "EDITOR"):
        if environment.get(variable):
            return {"editor": _Value(environment[variable], f"${variable}")}
    return {}


def _from_file(path: Path, warnings: list[str]) -> dict[str, _Value]:
    data = storage.read(path)
    if data is None:
        return {}
    values = {}
    for key, value in _toml(data, path).items():
        if key in _CHOICES:
            values[key] = _Value(_allowed(key, value, f"{path}: {key}"), str(path))
        else:
            warnings.append(f"{path}: unknown key {key!r} is ignored.{_maybe(key)}")
    return values


def _toml(data: bytes, path: Path) -> dict[str, Any]:
    import tomli  # only for those who have a file

    try:
        return tomli.loads(data.decode("utf-8"))
    except ValueError as error:  # also what tomli and decode raise
        raise UsageError(
            f"{path} is not TOML: {error}.", "Mend that line, or remove it."
        ) from error


def _harmless(values: dict[str, _Value], path: Path, warnings: list[str]) -> dict[str, _Value]:
    """Without what only the user may set."""
    warnings.extend(
        f"{path}: {key} is a command, and ignored in a workspace. Set it in your own config.toml."
        for key in values.keys() & _COMMANDS
    )
    return {key: value for key, value in values.items() if key not in _COMMANDS}


def _allowed(key: str, value: object, where: str) -> str:
    choices = _CHOICES[key]
    if isinstance(value, str) and (choices is None or value in choices):
        return value
    cure = f"Write one of: {', '.join(choices)}." if choices else "Write a command in quotes."
    raise UsageError(f"{where} cannot be {value!r:.40}.", cure)


def _maybe(key: str) -> str:
    import difflib

    close = difflib.get_close_matches(key, _CHOICES, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known keys: {', '.join(_CHOICES)}."
