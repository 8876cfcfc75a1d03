"""A host that keeps a warm server, which forks a worker for each run (`server.py`)."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import socket
import subprocess
from typing import TYPE_CHECKING, Any

from nanolab.runner import launch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nanolab.runner.hosts import Worker
    from nanolab.runner.sandbox import Sandbox


class ForkHost:
    """A warm server that forks (`server.py`).

    Args:
        preload: Modules that it imports.
        sandbox: What it lives in, with everything that it forks; None for nothing.
        scratch: The one folder that it may write to, if it lives in a sandbox.
    """

    def __init__(
        self, preload: Sequence[str], sandbox: Sandbox | None = None, scratch: Path | None = None
    ) -> None:
        self.control, theirs = socket.socketpair()
        self.token = secrets.token_hex(16)
        code = f"from nanolab.runner.server import main; main({theirs.fileno()}, {list(preload)!r})"
        command = launch.python(code)
        if sandbox is not None and scratch is not None:
            command = sandbox.command(scratch, command)
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            command,
            env={**launch.environment(), launch.MARK: self.token},
            cwd=launch.neutral_directory(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self._pending = b""
        self._number = 0
        self._prepared: ForkWorker | None = None

    def prepare(self) -> None:
        """Ask the server to fork; it will, once it is warm."""
        if self._prepared is None:
            self._number += 1
            channel, their_channel = socket.socketpair()
            output, their_output = socket.socketpair()
            message = json.dumps({"fork": self._number}).encode() + b"\n"
            with their_channel, their_output, self._server_may_be_gone():
                fds = [their_channel.fileno(), their_output.fileno()]
                socket.send_fds(self.control, [message], fds)
            self._prepared = ForkWorker(self, self._number, channel, output)

    def take(self) -> Worker:
        """The forked worker, though it may still be warming up: its channel will tell."""
        self.prepare()
        assert self._prepared is not None
        worker, self._prepared = self._prepared, None
        return worker

    def close(self) -> None:
        """Closing the control socket ends the server, and it ends what it made."""
        self._wake()
        self.control.close()
        if self._prepared is not None:
            self._prepared.channel.close()
            self._prepared.output.close()
            self._prepared = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=3)
        if self.process.poll() != 0:  # somebody has killed it, and its orphans have no parent
            launch.end_all(self.token)
            self.process.wait()

    def alive(self) -> bool:
        """Whether the server still runs."""
        return self.process.poll() is None

    def kill(self, number: int) -> int | None:
        """Have a worker and all its descendants killed; its exit code, None if it had none.

        A server that does not answer is killed itself; another will take its place.
        """
        with self._server_may_be_gone():
            self._wake()
            self.control.sendall(json.dumps({"kill": number}).encode() + b"\n")
            self.control.settimeout(5)
            for message in self._messages():
                if message.get("dead") == number:
                    status: int | None = message["status"]
                    return status
        self.process.kill()
        self.process.wait()
        return None

    def exited(self, number: int) -> bool:
        """Whether the server has said that a worker ended by itself."""
        with self._server_may_be_gone():
            self.control.settimeout(0)
            return any(message.get("exited") == number for message in self._messages())
        return True

    def _wake(self) -> None:
        """Let the server go on, if the code that it judged has stopped it."""
        self.process.send_signal(signal.SIGCONT)

    def _messages(self) -> Any:  # noqa: ANN401 - an iterator of dicts
        """What the server says, until it has nothing more to say or the timeout is over."""
        while True:
            while b"\n" in self._pending:
                line, _, self._pending = self._pending.partition(b"\n")
                yield json.loads(line)
            try:
                data = self.control.recv(4096)
            except (BlockingIOError, TimeoutError):
                return
            if not data:
                raise ConnectionResetError
            self._pending += data

    @contextlib.contextmanager
    def _server_may_be_gone(self) -> Any:  # noqa: ANN401
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, OSError):
            yield


class ForkWorker:
    """A child of the warm server."""

    def __init__(
        self, host: ForkHost, number: int, channel: socket.socket, output: socket.socket
    ) -> None:
        self.host = host
        self.number = number
        self.channel = channel
        self.output = output

    def gone(self) -> bool:
        """As `Worker.gone`."""
        return not self.host.alive() or self.host.exited(self.number)

    def end(self) -> int | None:
        """As `Worker.end`."""
        status = self.host.kill(self.number)
        self.channel.close()
        self.output.close()
        return status
