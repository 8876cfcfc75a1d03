"""How a worker process is started, and how it is ended with everything that it started."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import crate

if TYPE_CHECKING:
    import psutil

_END_SECONDS = 2.0
MARK = "NANOLAB_WORKER"  # in the environment of a host's process and of all it starts
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|(^|_)KEY(_|$)|API_?KEY", re.I)
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def environment() -> dict[str, str]:
    """The environment of a worker: the user's, less secrets and what would steer Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not _SECRET.search(name)
        and not name.startswith(("PYTHON", "PYTEST", "NANOLAB_", "COV_"))
    }
    kept.update(dict.fromkeys(_ONE_THREAD, "1"))
    kept.update(PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", PYTHONIOENCODING="utf-8")
    kept.update(PYTHONUTF8="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    kept.update(crate.homes())  # each run has a home of its own
    return kept


def python(code: str) -> list[str]:
    """Run `code` with this interpreter, this nanolab, and nothing of the current directory.

    A checkout that runs goes before a nanolab that is installed; an installed one is found anyway,
    and its folder, which holds everybody's packages, must not come before Python's own.
    """
    home = str(Path(__file__).resolve().parents[2])
    installed = {"site-packages", "dist-packages"} & set(Path(home).parts)
    order = f"[*path, {home!r}]" if installed else f"[{home!r}, *path]"
    start = f"import sys; path = [p for p in sys.path if p]; sys.path[:] = {order}; "
    return [sys.executable, "-c", start + code]


def neutral_directory() -> str:
    """Where a worker starts: a directory that holds no learner's files and cannot vanish."""
    return os.path.abspath(os.sep)  # noqa: PTH100


def end_all(token: str) -> None:
    """Kill all that carries a mark, and all that descends from it, until none is left."""
    import psutil

    deadline = time.monotonic() + _END_SECONDS
    while (doomed := _carriers(token)) and time.monotonic() < deadline:
        for process in doomed:
            with contextlib.suppress(psutil.Error):
                process.kill()


def _carriers(token: str) -> list[psutil.Process]:
    """Processes with the mark in their environment, and those that descend from them."""
    import psutil

    everybody: dict[int, tuple[psutil.Process, int]] = {}
    found: set[int] = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE:
                everybody[process.pid] = process, process.ppid()
                if process.environ().get(MARK) == token:
                    found.add(process.pid)
    more = found
    while more:
        more = {pid for pid, (_, parent) in everybody.items() if parent in more} - found
        found |= more
    return [everybody[pid][0] for pid in found]
