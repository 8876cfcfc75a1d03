"""The outermost frame: the one place where an error becomes an exit code.

    0    done, or the exercise passed
    1    the learner's code does not pass
    2    wrong usage, or nothing selected
    3    workspace: none, damaged, or made by a newer nanolab
    4    environment: torch, cargo or disk space is missing
    5    a bug in nanolab; the trace is in a file
    130  Ctrl-C
    141  whoever read our output has gone (`nanolab list | head -1`)
    143  SIGTERM

Everything but the success path is imported when it is needed: `--version` answers in the time of
a bare interpreter.
"""

import os
import sys

UNWRITTEN = 4
INTERRUPTED = 130
CLOSED_PIPE = 141
TERMINATED = 143


def run(args: list[str]) -> int:
    """Carry out a command line, whatever happens, and return its exit code."""
    _prepare_streams()
    try:
        from nanolab.cli.front import answer

        code = answer(args)
        sys.stdout.flush()
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException as error:  # this is where every error ends
        code = _explain(error, args)
    complete = [_flushed(stream) for stream in (sys.stdout, sys.stderr)]
    return code if all(complete) else code or UNWRITTEN


def _prepare_streams() -> None:
    """A character that cannot be shown becomes a question mark; a closed stream, a hole."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _explain(error: BaseException, args: list[str]) -> int:
    """Tell the user what happened, as far as there is something to tell."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, BrokenPipeError):
        _discard(sys.stdout)
        return CLOSED_PIPE
    from nanolab.cli import complaint

    return complaint.explain(error, args)


def _flushed(stream: object) -> bool:
    """Write out what is still buffered; a stream that cannot is discarded."""
    try:
        stream.flush()  # type: ignore[attr-defined]
    except OSError:
        _discard(stream)
        return False
    return True


def _discard(stream: object) -> None:
    """Point a broken stream at nothing, so that the interpreter's last flush succeeds."""
    number = stream.fileno()  # type: ignore[attr-defined]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
