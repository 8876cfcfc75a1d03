"""`nanolab watch` as a learner meets it: in a terminal, with the real runner and real saves."""

import json
import os
import signal
import subprocess
import sys

import pytest
from saves import as_vim, atomically, in_place
from terminals import SIZE, Terminal

from nanolab import progress as learner


@pytest.fixture
def watch(workspace, environment):
    """`watch()`: a watch in a terminal of its own, ready for keys."""
    terminals = []

    def start(*options, size=SIZE):
        arguments = [sys.executable, "-m", "nanolab", "watch", *options]
        terminals.append(Terminal(arguments, workspace.root, environment, size))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


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
    terminal.resize(40, 12)
    before = len(terminal.raw)

    terminal.process.send_signal(signal.SIGWINCH)

    terminal.wait(lambda: b"\x1b[H" in terminal.raw[before:], "a new drawing")


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
