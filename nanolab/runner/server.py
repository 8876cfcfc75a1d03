"""The warm server: imports once, forks a fresh worker for each run, and buries what they leave.

It talks with the tutor over one Unix socket, in lines of JSON. `{"fork": n}` comes with two file
descriptors, the new worker's channel and its output; `{"kill": n}` ends that worker and everything
it started, also what left its process group, and answers `{"dead": n, "status": …}`. When the
tutor goes away, so does everything below.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanolab.runner import child, limits

if TYPE_CHECKING:
    from collections.abc import Sequence

_BURIAL_SECONDS = 2.0


def main(control_fd: int, preload: Sequence[str]) -> None:
    """Serve until the tutor closes its end of the control socket.

    Args:
        control_fd: The inherited file descriptor of the control socket.
        preload: Modules to import before the first fork.
    """
    control = socket.socket(fileno=control_fd)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is the tutor's
    limits.adopt_orphans()
    child.import_everything(preload)
    _say(control, {"ready": True, "pid": os.getpid()})
    Server(control).serve()


class Server:
    """Forks, reaps and kills; holds at most one worker at a time."""

    def __init__(self, control: socket.socket) -> None:
        self.control = control
        self.worker = 0  # pid
        self.number = 0
        self.status: int | None = None
        self.pending = b""
        self.wake, self.waker = os.pipe()  # written to by the interpreter at each signal

    def serve(self) -> None:
        """Handle requests and deaths until the tutor is gone."""
        os.set_blocking(self.waker, False)
        signal.set_wakeup_fd(self.waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while True:
            sources: list[Any] = [self.control, self.wake]
            ready, _, _ = select.select(sources, [], [])
            if self.wake in ready:
                os.read(self.wake, 512)
                self._reap()
            if self.control in ready and not self._request():
                self._bury()
                os._exit(0)

    def _request(self) -> bool:
        """Read and answer what the tutor asks; False at the end of file."""
        data, fds, _, _ = socket.recv_fds(self.control, 4096, 2)
        if not data:
            return False
        self.pending += data
        while b"\n" in self.pending:
            line, _, self.pending = self.pending.partition(b"\n")
            request = json.loads(line)
            if "fork" in request:
                self._fork(request["fork"], *fds)
            elif "kill" in request:
                self._bury()
                _say(self.control, {"dead": request["kill"], "status": self.status})
        return True

    def _fork(self, number: int, channel_fd: int, output_fd: int) -> None:
        self._bury()
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            os.close(self.wake)
            self.control.close()
            _become_worker(parent, channel_fd, output_fd)
        os.close(channel_fd)
        os.close(output_fd)
        self.worker, self.number, self.status = pid, number, None
        _say(self.control, {"forked": number, "pid": pid})

    def _reap(self) -> None:
        """Collect the dead; tell the tutor if the worker is among them."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self.worker:
                    self.worker, self.status = 0, os.waitstatus_to_exitcode(status)
                    _say(self.control, {"exited": self.number, "status": self.status})

    def _bury(self) -> None:
        """Kill the worker and all descendants, orphans too, until none is left."""
        deadline = time.monotonic() + _BURIAL_SECONDS
        if self.worker:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.worker, signal.SIGKILL)
        while time.monotonic() < deadline:
            children = _children()
            for pid in children:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            self._reap()
            if not children and not self.worker:
                return
            time.sleep(0.0005)


def _become_worker(parent: int, channel_fd: int, output_fd: int) -> None:
    """In the forked child: leave the server behind and serve one job. Never returns."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        limits.die_with_parent(parent)
        os.dup2(output_fd, 1)
        os.dup2(output_fd, 2)
        os.close(output_fd)
        child.serve_one(socket.socket(fileno=channel_fd))
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(70)


def _children() -> list[int]:
    """Pids of the children of this process; empty where the system does not say."""
    try:
        text = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(pid) for pid in text.split()]


def _say(control: socket.socket, message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        control.sendall(json.dumps(message).encode() + b"\n")
