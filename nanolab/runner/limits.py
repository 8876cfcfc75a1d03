"""What a child may use, and how it is tied to its parent; each is set where the system has it.

Wall clock and output are watched from outside (`supervise.py`); these hold inside.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

MEMORY = 2 << 30  # bytes above what the warm process already uses
FILE_SIZE = 64 << 20  # bytes, of any one file written
CPU_GRACE = 1  # seconds of processor time beyond the wall-clock limit

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def confine(timeout: float) -> bool:
    """Limit this process, for good, before it runs a learner's code.

    The memory limit is relative, on data (RLIMIT_DATA): an absolute one, or one on address
    space, breaks torch, which maps far more than it uses.

    Args:
        timeout: The wall-clock limit of the run, in seconds.

    Returns:
        Whether memory is limited from inside; if not, somebody must watch it from outside.
    """
    if sys.platform == "win32":
        return False
    import resource

    cpu = int(timeout) + 1 + CPU_GRACE
    spent = sum(os.times()[:2])
    _lower(resource.RLIMIT_CPU, cpu + int(spent))
    _lower(resource.RLIMIT_FSIZE, FILE_SIZE)
    _lower(resource.RLIMIT_CORE, 0)
    used = data_size()
    if used is None:
        return False
    _lower(resource.RLIMIT_DATA, used + MEMORY)
    return True


def _lower(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(which, (value, value))


def data_size() -> int | None:
    """Bytes of this process's data segments (what RLIMIT_DATA counts); None where unknown."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    line = next(line for line in status.splitlines() if line.startswith("VmData:"))
    return int(line.split()[1]) * 1024


def die_with_parent(parent: int) -> bool:
    """Have the kernel kill this process when its parent ends (Linux).

    Args:
        parent: The parent's pid as the caller knows it; if it is gone already, exit at once.

    Returns:
        Whether it will.
    """
    tied = hasattr(signal, "SIGKILL") and _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if tied and os.getppid() != parent:
        os._exit(1)
    return tied


def adopt_orphans() -> bool:
    """Make this process the parent of whatever its descendants leave behind (Linux)."""
    return _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def _prctl(option: int, value: int) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    return bool(ctypes.CDLL(None, use_errno=True).prctl(option, int(value), 0, 0, 0) == 0)
