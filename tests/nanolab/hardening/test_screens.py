"""Every screen as a terminal shows it: a walk through all states at each size and look.

`pytest --record-screens` writes `golden/terminal_*.txt` anew; look at the difference.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys

import pytest
import screens
import terminals
from conftest import COURSE

pytestmark = pytest.mark.hardening

BEGUN = "from __future__ import annotations\n\n\ndef double(number):\n"
WRONG = f"{BEGUN}    return number + 2\n"
BROKEN = f"{BEGUN}    return number *\n"
ENDLESS = f"{BEGUN}    while True:\n        pass\n"
CRASHING = f"{BEGUN}    import os\n\n    os._exit(3)\n"
TALKATIVE = f"{BEGUN}    print('doubling', number)\n    return number * 2\n"
QUIET = 0.15  # seconds without a byte after which a screen is drawn
VARYING = (
    (re.compile(r"in [\d.]+ m?s\b"), "in N s"),
    (re.compile(r"\d+ s of at"), "N s of at"),
)
COLOURS = re.compile(rb"\x1b\[[\d;]*3[0-7][\d;]*m")

LOOKS = {
    "colour": {},
    "no_color": {"NO_COLOR": "1"},
    "ascii": {"NO_COLOR": "1", "PYTHONIOENCODING": "ascii"},
}


@pytest.fixture
def start(workspace):
    """`start(size, command, **environment)`: a program on a terminal, in the workspace."""
    opened = []

    def open_terminal(size, *command, **changes):
        kept = {key: value for key, value in os.environ.items() if key not in {"CI", "NO_COLOR"}}
        environment = {**kept, "NANOLAB_COURSE": str(COURSE), "TERM": "xterm-256color", **changes}
        command = command or (sys.executable, "-m", "nanolab", "watch")
        opened.append(terminals.Terminal(command, workspace.root, environment, size))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


def until(terminal, wanted):
    """Wait for words, wherever the lines break."""
    terminal.wait(lambda: wanted in " ".join(terminal.text.split()), wanted)


def settled(terminal):
    """The screen once nothing more is drawn, without what differs from run to run."""
    while select.select([terminal._ours], [], [], QUIET)[0]:
        data = os.read(terminal._ours, 65536)
        terminal.raw += data
        terminal._stream.feed(data)
    text = terminal.text.rstrip()
    for pattern, constant in VARYING:
        text = pattern.sub(constant, text)
    return text


def walk(terminal, mini, workspace):
    """Go through the states of the watch; each one's name and screen."""
    double, total, _ = mini.exercises
    file = workspace.file(double)

    def press(keys, wanted):
        terminal.press(keys)
        until(terminal, wanted)
        return settled(terminal)

    def save(text, wanted, file=file):
        file.write_text(text, encoding="utf-8")
        until(terminal, wanted)
        return settled(terminal)

    until(terminal, "any key begin")
    yield "welcome", settled(terminal)
    yield "unfinished", press("q", "Not finished yet")
    yield "failed", save(WRONG, "expected")
    yield "first hint", press("h", "Hint 1")
    yield "second hint", press("h", "Hint 2")
    yield "asking for the third", press("h", "y yes")
    press("n", "Hint 2")
    yield "asking for the diff", press("d", "y yes")
    press("n", "Hint 2")
    yield "keys", press("?", "Save the file")
    press("q", "expected")
    yield "list", press("l", "Loud words")
    press("q", "expected")
    yield "lesson", press("t", "One number")
    press("q", "expected")
    yield "broken", save(BROKEN, "SyntaxError")
    yield "crashed", save(CRASHING, "an early end")
    yield "running", save(ENDLESS, "1 s of at most")
    yield "stopped", press("\x03", "Stopped")
    yield "passed", save(TALKATIVE, "Passed")
    yield "all of it", press("o", "doubling")
    press("q", "Passed")
    yield "diff", press("d", "yours 2")
    press("q", "Passed")
    yield "asking for a reset", press("x", "y yes")
    press("n", "Passed")
    yield "the next", press("n", "01_numbers/total.py")
    yield "another one saved", save(WRONG, "double passed before")
    yield "back", press("b", "Not finished yet")
    solution = mini.solution(total).read_text(encoding="utf-8")
    yield "last of the stage", save(solution, "Passed", workspace.file(total))


@pytest.mark.parametrize(
    ("size", "look"),
    [
        ((120, 40), "colour"),
        ((80, 24), "colour"),
        ((40, 20), "colour"),
        ((80, 24), "no_color"),
        ((80, 24), "ascii"),
    ],
)
def test_every_state_looks_like_this_in_a_terminal(  # noqa: PLR0913, PLR0917 - all fixtures
    start, mini, workspace, size, look, record_screens, tally
):
    terminal = start(size, **LOOKS[look])

    drawn = [f"=== {name} ===\n{text}\n" for name, text in walk(terminal, mini, workspace)]

    name = f"terminal_{size[0]}x{size[1]}_{look}"
    screens.compare(name, "\n".join(drawn), record=record_screens)
    assert bool(COLOURS.search(terminal.raw)) == (look == "colour")
    assert look != "ascii" or terminal.raw.isascii()
    terminal.press("q")
    assert terminal.end() == 0
    assert terminal.mode == terminal.before
    tally.add("screens", drawn=len(drawn), right=len(drawn))


def test_another_size_during_a_run_draws_the_run_anew(start, workspace, mini, tally):
    terminal = start((120, 40))
    until(terminal, "any key begin")
    terminal.press("q")
    workspace.file(mini.exercises[0]).write_text(ENDLESS)
    until(terminal, "1 s of at most")

    terminal.resize(40, 20)
    terminal._screen.reset()
    terminal._screen.resize(20, 40)
    terminal.process.send_signal(signal.SIGWINCH)
    until(terminal, "s of at most")

    assert max(map(len, settled(terminal).splitlines())) <= 40
    terminal.press("\x03")
    until(terminal, "Stopped")
    terminal.press("q")
    assert terminal.end() == 0
    tally.add("screens", drawn=1, right=1)


def test_a_shell_suspends_the_watch_and_takes_it_up_again(start, mini, workspace, tally):
    terminal = start((100, 30), "bash", "--norc", "--noprofile", "-i", PS1="shell> ")
    until(terminal, "shell>")
    terminal.press(f"{sys.executable} -m nanolab watch\n")
    until(terminal, "any key begin")
    terminal.press("q")
    until(terminal, "Not finished yet")
    inside = terminal.mode

    terminal.press("\x1a")
    until(terminal, "Stopped")
    terminal.press("echo $((6 * 7))\n")
    until(terminal, "42 shell>")
    workspace.file(mini.exercises[0]).write_text(TALKATIVE)  # while nobody watches
    terminal.press("fg\n")

    until(terminal, "Passed")
    assert terminal.mode == inside
    terminal.press("q")
    settled(terminal)
    terminal.press("exit\n")
    terminal.end()
    tally.add("screens", drawn=1, right=1)


def test_a_kill_by_term_during_a_run_gives_the_terminal_back(start, mini, workspace, tally):
    terminal = start((80, 24))
    until(terminal, "any key begin")
    terminal.press("q")
    workspace.file(mini.exercises[0]).write_text(ENDLESS)
    until(terminal, "1 s of at most")

    terminal.process.send_signal(signal.SIGTERM)

    assert terminal.end() == 143
    assert terminal.mode == terminal.before
    assert terminal.raw.count(b"\x1b[?2004h") <= terminal.raw.count(b"\x1b[?2004l")
    tally.add("screens", drawn=1, right=1)
