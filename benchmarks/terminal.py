"""A program in a pseudo-terminal, and what stands on its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import queue
import signal
import struct
import subprocess
import termios
import threading
import time
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

COLUMNS, LINES = 120, 40
PATIENCE = 60.0


class Terminal:
    """Runs a command in a terminal of 120 x 40 until the `with` block ends."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> None:
        self.screen = pyte.Screen(COLUMNS, LINES)
        self.stream = pyte.ByteStream(self.screen)
        self.arrived: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "TERM": "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        """End the program as closing the window does, unless it has ended."""
        self.process.send_signal(signal.SIGHUP)
        self.process.wait(timeout=PATIENCE)
        os.close(self.master)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.master, keys.encode())

    def wait_for(
        self, there: Callable[[str], bool], what: str, patience: float = PATIENCE
    ) -> float:
        """The time at which the bytes arrived that made the screen satisfy `there`.

        Raises:
            TimeoutError: If that has not happened after `patience` seconds; shows the screen.
        """
        deadline = time.perf_counter() + patience
        when = time.perf_counter()
        while not there(self.text):
            try:
                when, data = self.arrived.get(timeout=max(deadline - time.perf_counter(), 0))
            except queue.Empty:
                raise TimeoutError(f"{what} never came to the screen:\n{self.text}") from None
            self.stream.feed(data)
        return when

    def _read(self) -> None:
        """Stamp the bytes as they arrive; parsing them happens elsewhere, off the clock."""
        while True:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return
            self.arrived.put((time.perf_counter(), data))
