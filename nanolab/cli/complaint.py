"""What the user reads when a command could not do its work, and where the trace of a bug goes."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from datetime import datetime, timezone
from pathlib import Path

from nanolab import __version__, storage
from nanolab.cli import out
from nanolab.errors import NanolabError, UsageError

# What an operating system says about the machine, not about a mistake of ours.
_OF_THE_MACHINE = {
    errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS,
}  # fmt: skip


def explain(error: BaseException, args: list[str]) -> int:
    """Say what is wrong and what to do; return the exit code that goes with it.

    The sentence goes to stderr or, with `--json` among `args`, as an object to stdout.
    """
    if os.environ.get("NANOLAB_DEBUG"):
        traceback.print_exception(error)
    known = _translate(error) or _bug(error, args)
    with contextlib.suppress(OSError):  # the streams may be what is broken
        _tell(known, as_json="--json" in args)
    return known.exit_code


def _tell(error: NanolabError, *, as_json: bool) -> None:
    if as_json:
        problem = {"code": error.exit_code, "kind": error.kind}
        out.emit_json(error={**problem, "message": str(error), "fix": error.cure})
    else:
        out.say_error(error)


def _translate(error: BaseException) -> NanolabError | None:
    """The member of our family that says what `error` says; None for a bug."""
    if isinstance(error, NanolabError):
        return None if type(error) is NanolabError else error
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        path = Path(os.fsdecode(error.filename)) if error.filename else Path("the output")
        return storage.explain(error, path)
    if isinstance(error, EOFError):
        return UsageError("The question was not answered.", "Answer it, or add --yes.")
    return None


def _bug(error: BaseException, args: list[str]) -> NanolabError:
    """Keep the trace of an error that nobody foresaw."""
    kept = _keep(_report(error, args))
    what = f"{type(error).__name__}: {error}".strip().rstrip(":")
    cure = (
        f"Please report it, with {out.shortened(kept)}." if kept else "Add --debug for the trace."
    )
    return NanolabError(f"This is a bug in nanolab: {what}", cure)


def _report(error: BaseException, args: list[str]) -> str:
    trace = "".join(traceback.format_exception(error))
    return (
        f"nanolab {__version__}, Python {sys.version.split()[0]}, {sys.platform}\n"
        f"command: nanolab {' '.join(args)}\n\n{trace}"
    )


def _keep(report: str) -> Path | None:
    """Write the report into the workspace or else the temporary folder; None if neither will."""
    name = f"crash-{datetime.now(timezone.utc):%Y%m%d-%H%M%S}-{os.getpid()}.txt"
    return _written(_state_folder(), name, report) or _written(
        Path(tempfile.gettempdir()), name, report
    )


def _written(folder: Path | None, name: str, text: str) -> Path | None:
    if folder is None:
        return None
    try:
        (folder / name).write_text(text, encoding="utf-8", errors="replace")
    except OSError:
        return None
    return folder / name


def _state_folder() -> Path | None:
    """`.nanolab` of the workspace around the current directory, if there is one."""
    try:
        here = Path.cwd()
    except OSError:
        return None
    candidates = (folder / ".nanolab" for folder in (here, *here.parents))
    return next((folder for folder in candidates if folder.is_dir()), None)
