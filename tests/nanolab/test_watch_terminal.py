"""`nanolab watch` as a learner meets it: in a terminal, with the real runner and real saves."""

import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time

import pyte
import pytest
from conftest import COURSE

from nanolab import progress as learner

LONG = 12  # seconds; the first run waits for a process to get warm
COLUMNS, ROWS = 100, 30


def _take_terminal():
    """Make stdin the terminal of this process, so that Ctrl-C is a signal."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A program on a terminal of its own, and what stands on its screen."""

    def __init__(self, arguments, directory, environment, size=(COLUMNS, ROWS)):
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        self._ours, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
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

    def until(self, wanted):
        """Wait for a text; fails with the screen if it never comes."""
        self._until(lambda: wanted in self.text, wanted)

    def end(self):
        """Wait for the end of the program; its exit code."""
        self._until(lambda: self.process.poll() is not None, "the end")
        return self.process.returncode

    def _until(self, reached, wanted):
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


@pytest.fixture
def environment():
    kept = {**os.environ, "NANOLAB_COURSE": str(COURSE), "TERM": "xterm-256color"}
    return {key: value for key, value in kept.items() if key not in {"CI", "NO_COLOR"}}


@pytest.fixture
def watch(workspace, environment):
    """`watch()`: a watch in a terminal of its own, ready for keys."""
    terminals = []

    def start(*options, size=(COLUMNS, ROWS)):
        arguments = [sys.executable, "-m", "nanolab", "watch", *options]
        terminals.append(Terminal(arguments, workspace.root, environment, size))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def in_place(path, text):
    path.write_text(text)


def atomically(path, text):
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text)
    beside.replace(path)


def as_vim(path, text):
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def test_a_learner_solves_the_course_by_saving_files(watch, mini, workspace):
    terminal = watch()
    terminal.until("Three small functions")
    terminal.press("q")
    terminal.until("Not finished yet")

    for exercise, save in zip(mini.exercises, (as_vim, atomically, in_place), strict=True):
        terminal.until(f"exercises/{exercise.id}.py\n")
        save(workspace.file(exercise), mini.solution(exercise).read_text())
        terminal.until("Passed")
        terminal.press("n")
        if exercise == mini.exercises[1]:
            terminal.until("Why does a total begin at zero?")
            terminal.press("n")
            terminal.until("\n>")
            terminal.press("zero\n")
            terminal.until("2. Why does")
            terminal.press("\n")
    terminal.until("Stage 2 is done")
    terminal.press("qq")

    assert terminal.end() == 0
    assert terminal.mode == terminal.before
    assert b"\x1b[3J" not in terminal.raw
    progress, _ = learner.load(workspace, mini)
    assert all(learner.entry(progress, one).passed for one in mini.exercises)
    assert progress.reflections == {"01_numbers": "answered"}


def test_progress_survives_a_kill_of_everything(watch, mini, workspace, solve):
    first = watch()
    first.until("any key begin")
    first.press("q")
    solve(workspace, mini, mini.exercises[0])
    first.until("Passed")
    first.press("n")
    first.until("All together")
    os.killpg(first.process.pid, signal.SIGKILL)
    first.process.wait()

    second = watch()

    second.until("All together")
    second.until("1/2")
    assert "Another watch" not in second.text


def test_ctrl_c_stops_an_endless_loop_and_then_the_watch(watch, mini, workspace):
    terminal = watch()
    terminal.until("any key begin")
    terminal.press("q")
    workspace.file(mini.exercises[0]).write_text("while True:\n    pass\n")
    terminal.until("1 s of at most 10 s")
    terminal.press("?")
    terminal.until("Save the file")  # keys are alive
    terminal.press("\x03")
    terminal.until("Stopped")

    terminal.press("\x03")

    assert terminal.end() == 130
    assert terminal.mode == terminal.before


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_the_watch_and_leaves_the_terminal_as_it_was(watch, number, code):
    terminal = watch()
    terminal.until("any key begin")

    terminal.process.send_signal(number)

    assert terminal.end() == code
    assert terminal.mode == terminal.before


def test_a_second_watch_names_the_first_and_only_looks(watch, workspace):
    first = watch()
    first.until("any key begin")

    second = watch()

    second.until(f"Another watch (process {first.process.pid})")
    assert workspace.lock_file.read_text() == str(first.process.pid)


def test_a_tiny_terminal_gets_lines(watch, mini, workspace, solve):
    terminal = watch(size=(20, 5))
    terminal.until("Not finished")

    solve(workspace, mini, mini.exercises[0])

    terminal.until("total.py")
    terminal.press("q")  # once
    assert terminal.end() == 0


def test_another_size_is_drawn_anew(watch):
    terminal = watch()
    terminal.until("any key begin")
    fcntl.ioctl(terminal._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 40, 0, 0))
    before = len(terminal.raw)

    terminal.process.send_signal(signal.SIGWINCH)

    terminal._until(lambda: b"\x1b[H" in terminal.raw[before:], "a new drawing")


def test_a_program_reads_events_and_ends_the_watch_with_a_signal(
    mini, workspace, environment, solve
):
    command = [sys.executable, "-m", "nanolab", "watch", "--json"]
    with subprocess.Popen(
        command, cwd=workspace.root, env=environment, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        events = (json.loads(line) for line in process.stdout)
        assert next(events)["event"] == "watch_started"
        assert next(one for one in events if one["event"] == "idle")
        solve(workspace, mini, mini.exercises[0])
        passed = next(one for one in events if one["event"] == "exercise_passed")
        process.send_signal(signal.SIGTERM)
        assert all("event" in one for one in events)  # to the last line

    assert passed["exercise"] == "01_numbers/double"
    assert process.returncode == 143
