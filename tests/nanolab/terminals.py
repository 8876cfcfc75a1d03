"""Programs on a terminal of their own, read as a person reads it: `import terminals`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

LONG = 12  # seconds; the first run waits for a process to get warm
SIZE = (100, 30)  # columns and rows


def _take_terminal():
    """Make stdin the terminal of this process, so that Ctrl-C is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program on a terminal of its own, and what stands on its screen."""

    def __init__(self, arguments, directory, environment, size=SIZE):
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._ours, self._theirs = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(
            arguments, cwd=directory, env=environment, start_new_session=True,
            stdin=self._theirs, stdout=self._theirs, stderr=self._theirs,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - no other thread runs here
        )  # fmt: skip

    @property
    def mode(self):
        """The settings of the terminal now."""
        return termios.tcgetattr(self._theirs)

    @property
    def text(self):
        """What stands on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def press(self, keys):
        os.write(self._ours, keys.encode())

    def resize(self, columns, rows):
        """Give the terminal another size, without a signal to the program."""
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def until(self, wanted):
        """Wait for a text; fails with the screen if it never comes."""
        self.wait(lambda: wanted in self.text, wanted)

    def end(self):
        """Wait for the end of the program; its exit code."""
        self.wait(lambda: self.process.poll() is not None, "the end")
        return self.process.returncode

    def wait(self, reached, wanted):
        """Read what is shown until `reached()`; `wanted` says what for."""
        end = time.monotonic() + LONG
        while not reached():
            assert time.monotonic() < end, f"{wanted!r} never came:\n{self.text}"
            ready, _, _ = select.select([self._ours], [], [], 0.05)
            if ready:
                data = os.read(self._ours, 65536)
                self.raw += data
                self._stream.feed(data)

    def close(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)
