"""A host that starts a fresh interpreter for each run, ahead of its job."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

from nanolab.errors import EnvironmentalError
from nanolab.runner import launch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nanolab.runner.hosts import Worker

START_SECONDS = 120.0  # importing torch on a cold, busy machine


class SpawnHost:
    """Starts a fresh interpreter for each worker, ahead of its job; it calls back by loopback."""

    def __init__(self, preload: Sequence[str]) -> None:
        self.preload = list(preload)
        self._prepared: SpawnWorker | None = None

    def prepare(self) -> None:
        """Start an interpreter that imports everything and then calls back."""
        if self._prepared is None:
            self._prepared = SpawnWorker(self.preload)

    def take(self) -> Worker:
        """The prepared worker, once it has called back."""
        self.prepare()
        assert self._prepared is not None
        worker, self._prepared = self._prepared, None
        worker.connect()
        return worker

    def alive(self) -> bool:
        """As `Host.alive`: it depends on nothing that could end."""
        return True

    def close(self) -> None:
        """End the worker that waits."""
        if self._prepared is not None:
            self._prepared.end()
            self._prepared = None


class SpawnWorker:
    """A process of its own."""

    channel: socket.socket

    def __init__(self, preload: Sequence[str]) -> None:
        self.token = secrets.token_hex(16)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(START_SECONDS)
        port = self.listener.getsockname()[1]
        code = (
            "from nanolab.runner.child import connect_and_serve; "
            f"connect_and_serve({port}, {self.token!r}, {list(preload)!r})"
        )
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            launch.python(code),
            env={**launch.environment(), launch.MARK: self.token},
            cwd=launch.neutral_directory(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.output, pumped = socket.socketpair()
        threading.Thread(target=self._pump, args=(pumped,), daemon=True).start()

    def connect(self) -> None:
        """Wait for the call.

        Raises:
            EnvironmentalError: If the process ends, or never calls.
        """
        with self.listener:
            while True:
                self.listener.settimeout(0.2)
                try:
                    channel, _ = self.listener.accept()
                except TimeoutError:
                    if self.process.poll() is not None:
                        raise _no_worker() from None
                    continue
                channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                channel.settimeout(5)
                with contextlib.suppress(OSError):
                    if channel.recv(len(self.token) + 1) == self.token.encode() + b"\n":
                        self.channel = channel
                        return
                channel.close()

    def gone(self) -> bool:
        """As `Worker.gone`."""
        return self.process.poll() is not None

    def end(self) -> int | None:
        """As `Worker.end`."""
        status = self.process.poll()
        launch.end_all(self.token)
        self.process.wait()
        self.listener.close()
        if hasattr(self, "channel"):
            self.channel.close()
        self.output.close()
        return status

    def _pump(self, into: socket.socket) -> None:
        """Copy the pipe into a socket: only those can be waited for on every system."""
        assert self.process.stdout is not None
        with into, contextlib.suppress(OSError):
            while data := os.read(self.process.stdout.fileno(), 65536):
                into.sendall(data)
        self.process.stdout.close()


def _no_worker() -> EnvironmentalError:
    return EnvironmentalError(
        "The process that judges exercises ended before it was ready.",
        "Run `nanolab doctor`; often a package is missing or memory is short.",
    )
