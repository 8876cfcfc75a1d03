"""Where workers come from: forked by a warm server, or started one by one.

Both keep one worker ready ahead of its job, both know how to end it with everything it started.
`NANOLAB_RUNNER=spawn` chooses the second where the first could be had.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nanolab import crate
from nanolab.errors import EnvironmentalError

if TYPE_CHECKING:
    from collections.abc import Sequence

START_SECONDS = 120.0  # importing torch on a cold, busy machine
_MARK = "NANOLAB_WORKER"  # in the environment of a spawned worker and of all it starts
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|(^|_)KEY(_|$)|API_?KEY", re.I)
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


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


def host_for(preload: Sequence[str]) -> Host:
    """The best kind of host that this system has."""
    fork_works = hasattr(os, "fork") and hasattr(socket, "send_fds") and sys.platform != "win32"
    if fork_works and os.environ.get("NANOLAB_RUNNER") != "spawn":
        return ForkHost(preload)
    return SpawnHost(preload)


class ForkHost:
    """A warm server that forks (`server.py`)."""

    def __init__(self, preload: Sequence[str]) -> None:
        self.control, theirs = socket.socketpair()
        code = f"from nanolab.runner.server import main; main({theirs.fileno()}, {list(preload)!r})"
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and code
            _python(code),
            env=environment(),
            cwd=_neutral_directory(),
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
        self.control.close()
        if self._prepared is not None:
            self._prepared.channel.close()
            self._prepared.output.close()
            self._prepared = None
        try:
            self.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def alive(self) -> bool:
        """Whether the server still runs."""
        return self.process.poll() is None

    def kill(self, number: int) -> int | None:
        """Have a worker and all its descendants killed; its exit code, None if it had none."""
        with self._server_may_be_gone():
            self.control.sendall(json.dumps({"kill": number}).encode() + b"\n")
            self.control.settimeout(5)
            for message in self._messages():
                if message.get("dead") == number:
                    status: int | None = message["status"]
                    return status
        return None

    def exited(self, number: int) -> bool:
        """Whether the server has said that a worker ended by itself."""
        with self._server_may_be_gone():
            self.control.settimeout(0)
            return any(message.get("exited") == number for message in self._messages())
        return True

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
            _python(code),
            env={**environment(), _MARK: self.token},
            cwd=_neutral_directory(),
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
        _kill_tree(self.process.pid, self.token)
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


def _kill_tree(pid: int, token: str) -> None:
    """Kill a process, its group, its descendants, and whatever carries its mark."""
    import psutil

    doomed = []
    with contextlib.suppress(psutil.Error):
        doomed = psutil.Process(pid).children(recursive=True)
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(_MARK) == token:
                doomed.append(process)
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for process in doomed:
        with contextlib.suppress(psutil.Error):
            process.kill()
    with contextlib.suppress(psutil.Error):
        psutil.Process(pid).kill()


def environment() -> dict[str, str]:
    """The environment of a worker: the user's, less secrets and what would steer Python."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not _SECRET.search(name)
        and not name.startswith(("PYTHON", "PYTEST", "NANOLAB_", "COV_"))
    }
    kept.update(dict.fromkeys(_ONE_THREAD, "1"))
    kept.update(PYTHONHASHSEED="0", PYTHONDONTWRITEBYTECODE="1", PYTHONIOENCODING="utf-8")
    kept.update(PYTHONUTF8="1", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    kept.update(crate.homes())  # each run has a home of its own
    return kept


def _python(code: str) -> list[str]:
    """Run `code` with this interpreter, this nanolab, and nothing of the current directory.

    A checkout that runs goes before a nanolab that is installed; an installed one is found anyway,
    and its folder, which holds everybody's packages, must not come before Python's own.
    """
    home = str(Path(__file__).resolve().parents[2])
    installed = {"site-packages", "dist-packages"} & set(Path(home).parts)
    order = f"[*path, {home!r}]" if installed else f"[{home!r}, *path]"
    start = f"import sys; path = [p for p in sys.path if p]; sys.path[:] = {order}; "
    return [sys.executable, "-c", start + code]


def _neutral_directory() -> str:
    """Where a worker starts: a directory that holds no learner's files and cannot vanish."""
    return os.path.abspath(os.sep)  # noqa: PTH100


def _no_worker() -> EnvironmentalError:
    return EnvironmentalError(
        "The process that judges exercises ended before it was ready.",
        "Run `nanolab doctor`; often a package is missing or memory is short.",
    )
