"""Answers given before, given again: the quickest way to answer a glance.

What `list`, `map`, `status`, `hint` and `where` print follows from files. To work it out takes
five times as long as a bare Python takes to start (importing `dataclasses` alone takes longer than
one more start); to see that no file has changed takes a `stat` of each. So an answer is kept in
the workspace with the files that were opened for it, the ones that were not there included. An
answer for which anything was written, or anything said on stderr, is not kept.

Imports next to nothing, `typing` neither.
"""

import os
import sys

from nanolab import __version__

_STEERS = ("COLUMNS", "NO_COLOR", "TERM", "CI", "HOME", "APPDATA", "VISUAL", "EDITOR", "LANG")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Recall:
    """One command line, and the place where its answer is kept.

    Args:
        args: The words of the command line.
    """

    def __init__(self, args: list[str]) -> None:
        here = _here()
        self.place = _place(here, args[0])
        self.key = _key(here, args)
        self.opened: dict[str, tuple[int, ...]] = {}
        self.wrote = False

    def answer(self) -> str | None:
        """The answer that was kept, if it still holds; None otherwise."""
        if not self.place:
            return None
        try:
            with open(self.place, encoding="utf-8", newline="") as file:  # noqa: PTH123
                key, sources, answer = file.read().split("\0")
        except (OSError, ValueError):
            return None
        if key != self.key or not all(map(_unchanged, sources.split("\n"))):
            return None
        return answer

    def watch(self) -> None:
        """Note, from now on, what is opened; each file as it is before it is read."""
        sys.addaudithook(self._note)

    def keep(self, answer: str) -> None:
        """Keep an answer that was worked out under `watch`, unless something was written."""
        if not self.place or self.wrote:
            return
        sources = dict(self.opened)
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] == "nanolab" and getattr(module, "__file__", None):
                sources[str(module.__file__)] = _state(str(module.__file__))
        lines = (f"{' '.join(map(str, state))} {path}" for path, state in sources.items())
        draft = f"{self.place}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self.place), exist_ok=True)  # noqa: PTH103, PTH120
            with open(draft, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123
                file.write("\0".join((self.key, "\n".join(lines), answer)))
            os.replace(draft, self.place)  # noqa: PTH105
        except (OSError, ValueError):
            return  # not kept: the next answer takes a little longer

    def _note(self, event: str, details: tuple[object, ...]) -> None:
        if event != "open" or not isinstance(details[0], str):
            return
        path, mode, flags = str(details[0]), details[1], details[2]
        if path.endswith(".pyc"):
            return  # Python's own: each module's source is looked at
        if set(str(mode or "")) & set("wax+") or (isinstance(flags, int) and flags & _WRITES):
            self.wrote = True
        elif path not in self.opened:
            self.opened[path] = _state(path)


def _here() -> str:
    """The current directory; empty if it has been deleted."""
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError:
        return ""


def _place(here: str, command: str) -> str:
    """Where the answer to `command` is kept; empty without a workspace."""
    folder = os.environ.get("NANOLAB_WORKSPACE") or here
    while not os.path.isdir(os.path.join(folder, ".nanolab")):  # noqa: PTH112, PTH118
        folder, before = os.path.dirname(folder), folder  # noqa: PTH120
        if folder == before:
            return ""
    return os.path.join(folder, ".nanolab", "cache", command)  # noqa: PTH118


def _key(here: str, args: list[str]) -> str:
    """All but files that an answer depends on."""
    steering = {
        name: value
        for name, value in os.environ.items()
        if name in _STEERS or name.startswith(("NANOLAB_", "XDG_", "LC_"))
    }
    try:
        columns = os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError):
        columns = 0
    stdout = (sys.stdout.isatty(), sys.stdout.encoding, columns)
    where = (here, sys.version, __version__)
    return repr((args, where, stdout, sorted(steering.items()))).replace("\0", "")


def _state(path: str) -> tuple[int, ...]:
    """What changes when a file does: time, size and number; zeros for no file."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)


def _unchanged(line: str) -> bool:
    time, size, number, path = line.split(" ", 3)
    return _state(path) == (int(time), int(size), int(number))
