"""A fuse against endless loops: what spins is stopped, and the check can say what spun."""

from __future__ import annotations

import signal
from contextlib import contextmanager

# What has spun once in this process will spin again, and then needs less time to show it.
_burnt = []
_SHORT = 0.05


class SpinningError(AssertionError):
    """The code used up its time and had not come back."""


class _Burnt(BaseException):  # not an Exception, which code may catch
    """Raised inside whatever spins."""


@contextmanager
def fuse(message, seconds=0.3):
    """Stop what runs inside after so much computing, and fail with the message.

    Seconds of this process's own work are counted, not of the wall clock, so a busy machine burns
    nothing. Where there is no such timer (Windows), the exercise's time limit has to do.

    Args:
        message: What the learner reads.
        seconds: Far more than a right answer needs.

    Raises:
        SpinningError: When the time is up.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def burn(*_):
        raise _Burnt

    if _burnt:
        seconds = min(seconds, _SHORT)
    before = signal.signal(signal.SIGVTALRM, burn)
    # again and again, should the first one land where Python swallows exceptions
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 0.1)
    try:
        yield
    except _Burnt:
        _burnt.append(message)
        raise SpinningError(message) from None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
