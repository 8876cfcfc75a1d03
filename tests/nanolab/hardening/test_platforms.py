"""Where there is no fork, no inotify or no POSIX: as far as Linux can play the other systems."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import queue
import signal
import socket
import subprocess
import sys
import time
from types import ModuleType

import psutil
import pytest
from conftest import REPOSITORY
from hardening.attacks import ATTACKS
from hardening.labs import HANGS, LIMIT, Lab, until
from hardening.victims import Survivor, meets_run
from hardening.writers import System, drive_all

from nanolab import keys, storage
from nanolab.session.events import Interrupted, Key

pytestmark = pytest.mark.hardening

WATCHED = list(ATTACKS)[::2]  # each attack once: every other one on watch, the rest on run
RUN = list(ATTACKS)[1::2]


# A process for each run, as on Windows.


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return Lab(tmp_path_factory.mktemp("run"), NANOLAB_RUNNER="spawn")


@pytest.mark.parametrize("name", RUN)
def test_a_run_without_fork_comes_to_the_right_verdict(lab, tally, name):
    tally.add("attacks without fork", tried=1, contained=0)

    seconds = meets_run(lab, ATTACKS[name])

    if ATTACKS[name].outcome == "timeout":
        tally.measured("run without fork: verdict after the limit", seconds - LIMIT)
    tally.add("attacks without fork", contained=1)


@pytest.fixture(scope="module")
def survivor(tmp_path_factory):
    one = Survivor(tmp_path_factory.mktemp("watch"), NANOLAB_RUNNER="spawn")
    yield one
    one.terminal.close()


@pytest.mark.parametrize("name", WATCHED)
def test_a_watch_without_fork_lives_on(survivor, tally, name):
    tally.add("attacks without fork", tried=1, contained=0)

    seconds = survivor.meets(name, ATTACKS[name])

    survivor.is_well()
    if ATTACKS[name].outcome != "timeout":
        tally.measured("watch without fork: save to verdict", seconds)
    tally.add("attacks without fork", contained=1)


def test_after_all_that_q_quits_a_watch_without_fork(survivor):
    survivor.terminal.press("q")

    assert survivor.terminal.end() == 0
    survivor.lab.assert_only(0)


def test_a_system_that_has_no_fork_gets_a_process_for_each_run(tmp_path):
    lab = Lab(tmp_path)
    with lab.follow("import os; del os.fork"):
        until(lambda: "connect_and_serve" in commands(lab))
        assert "runner.server" not in commands(lab)


def commands(lab):
    """The command lines of all that runs there."""
    words = []
    for process in lab.processes():
        with contextlib.suppress(psutil.Error):
            words += process.cmdline()
    return " ".join(words)


# Saves where nothing is announced as on Linux.

_ELSEWHERE = "import types, nanolab.watcher as w; w.sys = types.SimpleNamespace(platform={!r})"
SYSTEMS = {
    "no fork": System(25, variables={"NANOLAB_RUNNER": "spawn"}),
    "watchfiles, as on macOS": System(25, before=_ELSEWHERE.format("darwin")),
    "watchfiles that polls, as in WSL": System(  # it misses some, and the stat may be first
        25, None, _ELSEWHERE.format("win32"), variables={"WATCHFILES_FORCE_POLLING": "true"}
    ),
}


@pytest.mark.timeout(300)
def test_the_last_save_is_tested_there_too(tmp_path, tally):
    """Fewer moments: without fork each run costs the start of a process."""
    drive_all(tmp_path, SYSTEMS, tally, "saves elsewhere")


# Windows.


@pytest.fixture
def windows(monkeypatch):
    """`windows(module, console)`: the module as Windows would load it, with this `msvcrt`."""

    def load(module, console):
        monkeypatch.setitem(sys.modules, "msvcrt", console)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "platform", "win32")
            spec = importlib.util.spec_from_file_location("on_windows", module.__file__)
            loaded = importlib.util.module_from_spec(spec)
            monkeypatch.setitem(sys.modules, "on_windows", loaded)
            spec.loader.exec_module(loaded)
        return loaded

    return load


class Console(ModuleType):
    """The keys of a Windows console, typed ahead."""

    def __init__(self, typed=""):
        super().__init__("msvcrt")
        self.typed = list(typed)

    def kbhit(self):
        return bool(self.typed)

    def getwch(self):
        return self.typed.pop(0)


def test_the_keys_of_a_windows_console_have_the_same_names(windows):
    console = Console("q\rä\x1b\xe0H\xe0P\x00I\x00Q\xe0\x53\x00\x3bn")
    events = queue.SimpleQueue()
    with windows(keys, console).Keys(events.put) as reader:
        seen = [events.get(timeout=HANGS) for _ in range(9)]
        assert events.empty()  # Delete and F1 have no name here
    expected = ["q", "\n", "ä", "esc", "up", "down", "pageup", "pagedown", "n"]
    assert seen == [Key(name) for name in expected]
    assert not reader._thread.is_alive()

    console.typed = ["x"]
    with reader:
        assert events.get(timeout=HANGS) == Key("x")


def test_windows_has_two_of_the_signals_and_gets_them(windows, monkeypatch):
    loaded = windows(keys, Console())
    for name in ("SIGHUP", "SIGWINCH"):
        monkeypatch.delattr(signal, name)
    events = queue.SimpleQueue()
    before = signal.getsignal(signal.SIGINT)
    with loaded.Signals(events.put):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert events.get(timeout=HANGS) == Interrupted()
    assert events.get(timeout=HANGS).code == 143
    assert signal.getsignal(signal.SIGINT) is before


def test_the_lock_of_windows_leaves_the_pid_readable(windows, tmp_path):
    held = {}

    class Locks(ModuleType):
        LK_NBLCK = 2

        @staticmethod
        def locking(descriptor, mode, size):
            place = os.lseek(descriptor, 0, os.SEEK_CUR)
            assert (mode, size) == (2, 1)
            if held.setdefault(place, descriptor) != descriptor:
                raise OSError(13, "Permission denied")

    loaded = windows(storage, Locks("msvcrt"))
    first, second = (loaded.Lock(tmp_path / "lock") for _ in range(2))

    assert first.acquire()
    assert not second.acquire()
    assert (tmp_path / "lock").read_text() == str(os.getpid())
    assert second.owner == os.getpid()
    assert min(held) > 1 << 20  # far behind the pid
    first.release()


# macOS, and whatever has no way to tie a process to its parent.


def _python(code, *words, **options):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        **options,
    )


def test_where_the_kernel_does_not_a_thread_ends_the_worker_with_the_tutor():
    ours, theirs = socket.socketpair()
    code = (
        "import os, socket, sys, time; from nanolab.runner import child, limits; "
        "limits._prctl = lambda *_: False; "
        "child._end_with(os.getppid(), socket.socket(fileno=int(sys.argv[1]))); time.sleep(60)"
    )
    with _python(code, theirs.fileno(), pass_fds=[theirs.fileno()]) as worker:
        theirs.close()
        time.sleep(0.3)
        assert worker.poll() is None  # as long as the tutor is there, so is the worker

        ours.close()

        assert worker.wait(HANGS) == 1


def test_a_kernel_without_proc_limits_the_rest_and_says_that_memory_is_not():
    code = (
        "import resource, sys; from nanolab.runner import limits; sys.platform = 'darwin'; "
        "limits.data_size = lambda: None; print(limits.confine(3.0), limits.adopt_orphans(), "
        "limits.die_with_parent(1), resource.getrlimit(resource.RLIMIT_FSIZE)[0], "
        "resource.getrlimit(resource.RLIMIT_CPU)[0])"
    )
    with _python(code, stdout=subprocess.PIPE, text=True) as process:
        words = process.stdout.read().split()
    assert words[:3] == ["False"] * 3
    assert int(words[3]) == 64 << 20
    assert 5 <= int(words[4]) <= 7


def test_windows_limits_nothing_from_inside(monkeypatch):
    from nanolab.runner import limits

    monkeypatch.setattr(sys, "platform", "win32")
    assert limits.confine(1.0) is False
    assert limits.adopt_orphans() is False
    assert limits.die_with_parent(1) is False
