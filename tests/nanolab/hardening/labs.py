"""A workspace, the real nanolab in it, and an eye on every process that it starts."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psutil
from conftest import COURSE, REPOSITORY
from terminals import Terminal

from nanolab import manifest
from nanolab.workspace import create

if TYPE_CHECKING:
    from pathlib import Path

LIMIT = 1.0  # seconds, of the exercise `total`: whoever never ends attacks that one
HANGS = 30.0  # seconds: no measure of speed; whatever takes longer never ends
MARK = "LAB_MARK"  # a variable that nanolab hands on
SIZE = (100, 40)
# As the installed command does it: the current directory is on no path.
_START = "import sys; del sys.path[0]; {}; from nanolab.__main__ import main; main()"


@dataclass(frozen=True)
class Answer:
    """What `nanolab run --json` came to."""

    code: int
    verdict: dict
    err: str
    seconds: float


class Lab:
    """A copy of the miniature course, a workspace of it, and processes that can be told apart.

    Args:
        folder: Empty; for the course and the workspace.
        name: Of the workspace.
        preload: Modules that the warm process of the first stage imports.
        variables: Environment of every nanolab started here.
    """

    def __init__(self, folder: Path, name="lab", preload=(), **variables):
        self.course = manifest.load(_course(folder / "course", preload))
        self.workspace = create(folder / name, self.course)
        self.at = self.workspace.root  # where the learner stands
        self.mark = uuid.uuid4().hex
        kept = {key: value for key, value in os.environ.items() if key not in {"CI", "NO_COLOR"}}
        self.environment = {
            **kept, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "TERM": "xterm-256color",
            "PYTHONPATH": str(REPOSITORY), "NANOLAB_COURSE": str(self.course.root),
            MARK: self.mark, **variables,
        }  # fmt: skip

    def file(self, name):
        """The learner's file of an exercise."""
        return self.at / "exercises" / self.course.find(name).file

    def run(self, name="double"):
        """`nanolab run NAME --json` in a process of its own."""
        begun = time.monotonic()
        done = subprocess.run(
            nanolab("run", name, "--json"),
            cwd=self.at, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=HANGS, check=False,
        )  # fmt: skip
        seconds = time.monotonic() - begun
        out, err = done.stdout.decode(), done.stderr.decode(errors="replace")
        return Answer(done.returncode, json.loads(out), err, seconds)

    def watch(self, *options, size=SIZE):
        """`nanolab watch` on a terminal of its own; whoever asks closes it."""
        return Terminal(nanolab("watch", *options), self.at, self.environment, size)

    def follow(self, before="pass"):
        """`nanolab watch --json` as a program reads it; `before` is run in it first."""
        return Follower(nanolab("watch", "--json", before=before), self)

    def processes(self):
        """All that live and were started here, nanolab itself among them."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                marked = process.environ().get(MARK) == self.mark
                if marked and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def assert_only(self, most):
        """No more than so many processes are left, at the latest after a few seconds."""
        deadline = time.monotonic() + 10
        while len(left := self.processes()) > most and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(left) <= most, [process.as_dict(["pid", "ppid", "cmdline"]) for process in left]


def nanolab(*words, before="pass"):
    """The command line of a nanolab that runs a statement first."""
    return [sys.executable, "-c", _START.format(before), *words]


class Follower:
    """A `nanolab watch --json`, and all that it has said so far."""

    def __init__(self, command, lab):
        self.said = []  # (when, event)
        self._news = threading.Condition()
        self.process = subprocess.Popen(
            command, cwd=lab.at, env=lab.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        self.wait(self.tested, "the first verdict")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(HANGS)
        self._reader.join(HANGS)
        self.process.stdout.close()

    def _read(self):
        for line in self.process.stdout:
            with self._news:
                self.said.append((time.monotonic(), json.loads(line)))
                self._news.notify_all()

    def tested(self):
        """The sha256 of the last verdict that counts; empty while a run is under way."""
        for _, event in reversed(self.said):
            if event["event"] == "run_started":
                return ""
            if event["event"] == "run_finished" and event["current"]:
                return event["verdict"]["sha256"]
        return ""

    def wait(self, reached, wanted):
        """Wait for `reached()`; when it came."""
        with self._news:
            met = self._news.wait_for(reached, HANGS)
            assert met, f"{wanted} never came; the last events: {self.said[-6:]}"
            return self.said[-1][0]


def until(reached):
    """Wait for what no event tells."""
    deadline = time.monotonic() + HANGS
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _course(folder, preload):
    """The miniature course with a short limit for `total`."""
    shutil.copytree(COURSE, folder)
    text = (folder / "info.toml").read_text()
    text = text.replace(
        'title = "All together"\n', f'title = "All together"\n  timeout = {LIMIT}\n'
    )
    if preload:
        text = text.replace("minutes = 5\n", f"minutes = 5\npreload = {list(preload)}\n", 1)
    (folder / "info.toml").write_text(text)
    return folder
