"""What goes where: answers to stdout, messages and questions to stderr, one JSON object if asked.

Light on purpose: rich is imported by `console` alone, json by `emit_json`.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nanolab import __version__
from nanolab.errors import NanolabError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console, RenderableType

    from nanolab.views.look import Look

SCHEMA = 1
emitted: list[str] = []  # what this process has printed, and
said: list[str] = []  # what it has told beside it
_NO = {"", "0", "false"}


def emit(text: str) -> None:
    """Print an answer."""
    emitted.append(text.rstrip("\n") + "\n")
    sys.stdout.write(emitted[-1])


def emit_json(**fields: object) -> None:
    """Print an answer as the one object that `--json` promises."""
    import json

    answer = {"schema": SCHEMA, "nanolab": __version__, **fields}
    emit(json.dumps(answer, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """Tell the user something that was not asked for."""
    said.append(text.rstrip("\n") + "\n")
    sys.stderr.write(said[-1])


def say_if(notice: str) -> None:
    """Tell the user what a room below has to say, if anything."""
    if notice:
        say(notice)


def say_error(error: NanolabError) -> None:
    """What is wrong, and below it what to do."""
    from nanolab.views.text import clean

    cure = f"\n         {error.cure}" if error.cure else ""
    say(clean(f"nanolab: {error}{cure}"))


def confirm(question: str, *, yes: bool, enter: bool = False) -> bool:
    """Whether the user agrees.

    Args:
        question: What is asked.
        yes: The answer given ahead by `--yes`.
        enter: Whether Enter alone means yes.

    Raises:
        UsageError: If nobody is there to ask.
    """
    if yes:
        return True
    if not interactive():
        raise UsageError(f"{question} Nobody is here to answer.", "Add --yes if you mean it.")
    answer = ask(f"{question} {'[Y/n]' if enter else '[y/N]'} ").lower()
    return answer in {"y", "yes"} or (enter and not answer)


def ask(prompt: str) -> str:
    """One line from the user; on a pipe, its next line.

    Raises:
        EOFError: If there is none.
    """
    said.append(prompt)
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def go_on() -> bool:
    """Whether to show the next page: Enter goes on, q ends; without a terminal always."""
    if not interactive():
        return True
    return not ask("Enter: next, q: enough ").lower().startswith("q")


def page(view: RenderableType) -> None:
    """Show a long text: through the user's pager on a terminal, else as it is."""
    screen = console()
    if not interactive():
        screen.print(view)
        return
    # less by itself would show colours as codes, and a short text on an empty screen.
    os.environ.setdefault("LESS", "-FRX")
    with screen.pager(styles=colour()):
        screen.print(view)


def interactive() -> bool:
    """Whether a person sits at both ends of this terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not in_ci()


def in_ci() -> bool:
    """Whether this runs in continuous integration."""
    return os.environ.get("CI", "").lower() not in _NO


def colour() -> bool:
    """Whether stdout gets colour: `--color` or NANOLAB_COLOR, then NO_COLOR, then the terminal."""
    choice = os.environ.get("NANOLAB_COLOR", "auto")
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def look(root: Path | None = None) -> Look:
    """How stdout looks: its width, symbols and colour; paths are shown relative to `root`."""
    from nanolab.views.look import Look, glyphs_for

    return Look(
        width=_width(),
        glyphs=glyphs_for(sys.stdout.encoding or "ascii"),
        colour=colour(),
        links=colour() and sys.stdout.isatty(),
        root=root,
    )


def _width() -> int:
    """Columns of stdout: `COLUMNS`, the terminal's, or 80; shutil's own costs 3 ms to import."""
    wanted = os.environ.get("COLUMNS", "")
    if wanted.isdecimal() and int(wanted):
        return int(wanted)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):  # no terminal, or no descriptor at all
        return 80


def console() -> Console:
    """A rich console on stdout that shows text as it is: no markup, emoji or highlighting."""
    from rich.console import Console

    from nanolab.views.theme import THEME

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            """Leave it to `edge`; rich itself would exit with 1."""
            raise BrokenPipeError

    return Screen(
        theme=THEME,
        force_terminal=colour(),
        no_color=not colour(),
        markup=False,
        emoji=False,
        highlight=False,
    )


def shortened(path: Path) -> str:
    """The path with `~` for the home directory."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    text = str(path)
    return "~" + text[len(home) :] if text == home or text.startswith(home + os.sep) else text
