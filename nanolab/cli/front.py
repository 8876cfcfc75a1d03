"""The front door: global options anywhere, then the commands that must answer at once.

`--version`, `--help`, and the plain forms of `list`, `map`, `status`, `hint` and `where`, run here
without typer. Everything else, their unusual forms included, goes to the typer app, whose
commands of the same names call the same functions.
"""

import os
import sys

COLOURS = ("auto", "always", "never")

# What the plain forms may hold: a type for each keyword argument of the function in `glance`.
PLAIN: dict[str, dict[str, type]] = {
    "list": {"name": str, "json": bool},
    "map": {"json": bool},
    "status": {"json": bool},
    "hint": {"name": str, "level": int, "yes": bool, "json": bool},
    "where": {"json": bool},
}


def answer(args: list[str]) -> int:
    """Carry out a command line and return its exit code.

    Raises:
        NanolabError: If it cannot be carried out.
    """
    args = _take_globals(args)
    if args in (["--version"], ["--help"], ["-h"]):
        from nanolab.cli import overview

        sys.stdout.write(overview.VERSION if args == ["--version"] else overview.TEXT)
        return 0
    if "_NANOLAB_COMPLETE" in os.environ:
        from nanolab.cli.complete import offer_names

        if offer_names(os.environ):
            return 0
    return _quickly(args)


def _quickly(args: list[str]) -> int:
    options = PLAIN.get(args[0]) if args else None
    words = plain(args[1:], options) if options else None
    if words is not None:
        return _glance(args, words)
    from nanolab.cli import app

    return app.run(args)


def _glance(args: list[str], words: dict[str, object]) -> int:
    """Answer a quick command, from memory if nothing has changed."""
    from nanolab.cli.recall import Recall

    recall = Recall(args)
    known = recall.answer()
    if known is not None:
        sys.stdout.write(known)
        return 0
    recall.watch()
    from nanolab.cli import glance, out

    out.emitted.clear()
    out.said.clear()
    code = glance.COMMANDS[args[0]](**words)
    if code == 0 and not out.said:
        recall.keep("".join(out.emitted))
    return code


def plain(words: list[str], options: dict[str, type]) -> dict[str, object] | None:
    """The keyword arguments that `words` stand for, or None where typer has to look.

    Args:
        words: What follows the command.
        options: For each argument its type: `bool` is a flag, `int` an option with a value,
            and a `str` the one word that may stand alone.
    """
    found: dict[str, object] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name = word[2:] if word.startswith("--") else ""
        if not word.startswith("-"):
            name = next((one for one, kind in options.items() if kind is str), "")
            value: object = word
        elif options.get(name) is bool:
            value = True
        elif options.get(name) is int and rest and rest[0].isdecimal():
            value = int(rest.pop(0))
        else:
            return None
        if not name or name in found:
            return None
        found[name] = value
    return found


def _take_globals(args: list[str]) -> list[str]:
    """`args` without `--color` and `--debug`, which become environment variables.

    The environment is where config and children look; a flag thus wins over what stood there.
    """
    rest = list(args)
    kept: list[str] = []
    while rest and rest[0] != "--":
        word = rest.pop(0)
        if word == "--debug":
            os.environ["NANOLAB_DEBUG"] = "1"
        elif word == "--color" or word.startswith("--color="):
            _set_colour(word.partition("=")[2] if "=" in word else (rest.pop(0) if rest else ""))
        else:
            kept.append(word)
    return kept + rest


def _set_colour(choice: str) -> None:
    if choice not in COLOURS:
        from nanolab.errors import UsageError

        raise UsageError(f"--color cannot be {choice!r}.", f"Write one of: {', '.join(COLOURS)}.")
    os.environ["NANOLAB_COLOR"] = choice
