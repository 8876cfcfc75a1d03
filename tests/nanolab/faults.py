"""Faults in the way of whatever writes, at the first, second, … last write of a piece of work.

Python tells its audit hooks of every file that it is about to open, rename or remove. A hook may
kill the process there, or refuse as a full disk would. The work runs in a fork, for a hook stays.
"""

from __future__ import annotations

import os
import signal
import sys

import pytest

NEEDS_FORK = pytest.mark.skipif(not hasattr(os, "fork"), reason="faults are put into a fork")

_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
# What changes a name; `open` makes files, and by `fsync` they are filled.
NAMES = frozenset(
    {"os.chmod", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}
)
_UNTOUCHED, _BUG = 99, 70  # exit codes of a fork
WRITES = NAMES | {"open", "fsync"}


def killed_at(step, work, *, events=WRITES):
    """Whether a process that does the work is killed right before its write number `step`."""

    def kill():
        os.kill(os.getpid(), signal.SIGKILL)

    status = _in_fork(step, kill, work, events=events)
    assert status != _BUG
    return status == -signal.SIGKILL


def refused_at(step, code, work, *, forever=False):
    """The exit code of a process whose write number `step` fails with an errno; None if none did.

    Args:
        step: From 1.
        code: As in `errno.ENOSPC`.
        work: Returns the exit code; runs in a process of its own.
        forever: Whether every later write fails too, as on a disk that stays full.
    """

    def refuse():
        raise OSError(code, os.strerror(code), "somewhere")

    status = _in_fork(step, refuse, work, forever=forever)
    assert status != _BUG
    return None if status == _UNTOUCHED else status


def _in_fork(step, fault, work, *, forever=False, events=WRITES):
    child = os.fork()
    if child == 0:
        try:
            left = _arm(step, fault, events, forever=forever)
            code = work() or 0
            os._exit(_UNTOUCHED if left[0] > 0 and fault.__name__ == "refuse" else code)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(_BUG)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _arm(step, fault, events, *, forever):
    """Count writes from now on in this process; the list holds how many are left to the fault."""
    left = [step]

    def count():
        left[0] -= 1
        if left[0] == 0 or (forever and left[0] < 0):
            fault()

    def hook(event, details):
        if event in events and (event != "open" or _opens_to_write(details)):
            count()

    def sync(_):  # only a power cut asks what was synced, and syncing takes most of the time
        if "fsync" in events:
            count()

    sys.addaudithook(hook)
    os.fsync = sync
    return left


def _opens_to_write(details):
    path, mode, flags = details
    if "__pycache__" in str(path) or path == os.devnull:
        return False
    return bool(set(str(mode or "")) & set("wax+") or (isinstance(flags, int) and flags & _FLAGS))
