"""What every test of the tutor may use: a course of three exercises, a workspace, a fake runner."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from nanolab import manifest
from nanolab.verdict import Check, Outcome, Verdict

COURSE = Path(__file__).parent / "course"
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """An empty home, so that no test reads or writes the settings of whoever runs it."""
    folder = tmp_path_factory.mktemp("home")
    # rustup's cargo looks for its toolchains in the home of whoever runs the tests
    for variable, default in (("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")):
        monkeypatch.setenv(variable, os.environ.get(variable, str(Path.home() / default)))
    for variable in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(folder))
    return folder


@pytest.fixture
def memory_path(tmp_path):
    """A folder in memory, where the system has one: for tests that write thousands of files."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory, prefix="nanolab-test-") as folder:
        yield Path(folder)


@pytest.fixture
def mini():
    """The miniature course, where it lies; never write into it."""
    return manifest.load(COURSE)


@pytest.fixture
def mini_copy(tmp_path):
    """A copy of the miniature course, for a test to break; load it with `manifest.load`."""
    return Path(shutil.copytree(COURSE, tmp_path / "course"))


@pytest.fixture
def workspace(tmp_path, mini):
    """A fresh workspace of the miniature course."""
    from nanolab.workspace import create

    return create(tmp_path / "lab", mini)


@pytest.fixture
def solve():
    """`solve(workspace, course, exercise)`: what a learner does who writes the solution."""

    def write(workspace, course, exercise):
        shutil.copyfile(course.solution(exercise), workspace.file(exercise))

    return write


@pytest.fixture
def fake_runner():
    """A runner that judges by looking; see `FakeRunner`."""
    return FakeRunner()


def judge(job):
    """The verdict of a teacher who only knows the solution and the stub by heart."""
    source = job.file.read_bytes()
    if source == job.solution.read_bytes():
        outcome = Outcome.PASSED
    elif b"raise NotImplementedError" in source:
        outcome = Outcome.UNFINISHED
    else:
        outcome = Outcome.FAILED
    total = job.exercise.checks
    checks = tuple(
        Check(f"test_{number}", f"check {number}", outcome) for number in range(1, total + 1)
    )
    return Verdict(job.exercise.id, job.tree, outcome, checks, total)


class FakeRunner:
    """`nanolab.runner.Runner` without a process: answers before `start` returns.

    Args:
        judge: A function Job -> Verdict.
    """

    def __init__(self, judge=judge):
        self.judge = judge
        self.jobs = []
        self.cancelled = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def warm_up(self, preload=()):
        """Nothing is cold here."""

    def start(self, job, emit):
        """Emit every check, then the verdict."""
        from nanolab.runner import CheckDone, Judged

        verdict = self.run(job)
        for check in verdict.checks:
            emit(CheckDone(job, check))
        emit(Judged(job, verdict))

    def cancel(self):
        """Nothing is ever under way."""
        self.cancelled += 1

    def run(self, job):
        """Judge, and remember that it was asked."""
        self.jobs.append(job)
        return self.judge(job)

    def close(self):
        """Nothing to end."""


@dataclass(frozen=True)
class Answer:
    """What a command line came to."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """What stdout holds, parsed."""
        return json.loads(self.out)


@pytest.fixture
def cli(workspace, monkeypatch, capsys):
    """`cli("list", "1")`: the command line in this process, in the workspace, not on a terminal."""
    from nanolab.cli import edge

    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("NANOLAB_COURSE", str(COURSE))
    on_term = signal.getsignal(signal.SIGTERM)

    def run(*words, typed=""):
        monkeypatch.setenv("NANOLAB_COLOR", "auto")
        monkeypatch.setenv("NANOLAB_DEBUG", "")
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = edge.run([str(word) for word in words])
        return Answer(code, *capsys.readouterr())

    yield run
    signal.signal(signal.SIGTERM, on_term)


@pytest.fixture
def environment():
    """Of a nanolab that runs in a process of its own, on a terminal with colours."""
    kept = {**os.environ, "NANOLAB_COURSE": str(COURSE), "TERM": "xterm-256color"}
    return {key: value for key, value in kept.items() if key not in {"CI", "NO_COLOR"}}


@pytest.fixture
def shell(workspace):
    """`shell("list | head -1")`: a bash line with `nanolab` in it, in processes of its own."""
    environment = {**os.environ, "NANOLAB_COURSE": str(COURSE), "PYTHONPATH": str(REPOSITORY)}
    nanolab = f'nanolab() {{ {shlex.quote(sys.executable)} -m nanolab "$@"; }}; '

    def run(line, cwd=workspace.root, **variables):
        done = subprocess.run(
            ["bash", "-c", nanolab + line],
            cwd=cwd,
            env={**environment, **variables},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )
        out, err = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        return Answer(done.returncode, out, err)

    return run
