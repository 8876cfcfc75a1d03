"""How a worker process is started: with what interpreter, environment and directory."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from nanolab import crate

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
