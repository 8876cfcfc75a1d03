"""What the two kinds of host have in common: `fork.py` and `spawn.py`.

Both keep one worker ready ahead of its job, both know how to end it with everything it started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket


class Worker(Protocol):
    """A process that waits for one job.

    Attributes:
        channel: The job goes in, the report comes out.
        output: What the learner's code prints.
    """

    channel: socket.socket
    output: socket.socket

    def gone(self) -> bool:
        """Whether the process has ended, though somebody may still hold its channel open."""

    def end(self) -> int | None:
        """Kill the worker and everything it started.

        Returns:
            The exit code it had ended with before; negative for a signal; None if unknown.
        """


class Host(Protocol):
    """Makes workers, one at a time."""

    def prepare(self) -> None:
        """Begin to make the next worker; returns at once."""

    def take(self) -> Worker:
        """The prepared worker; waits until there is one.

        Raises:
            EnvironmentalError: If none can be made.
        """

    def alive(self) -> bool:
        """Whether it can still make workers."""

    def close(self) -> None:
        """End everything."""
