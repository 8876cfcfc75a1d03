"""Bytes to keys, and a terminal that is left as it was found."""

import contextlib
import os
import queue
import select
import signal
import sys
import time

import pytest

from nanolab.keys import Decoder, Keys, Signals
from nanolab.session.events import Ended, Interrupted, Key, Resized

LONG = 5

termios = pytest.importorskip("termios")


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"n", ["n"]),
        (b"hq?", ["h", "q", "?"]),
        (b"\r", ["\n"]),
        ("ü界🙂".encode(), ["ü", "界", "🙂"]),
        (b"\x1b[A\x1b[B", ["up", "down"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[5~\x1b[6~", ["pageup", "pagedown"]),
        (b"\x1b[C\x1b[1;5D\x1b[15~\x1bOP\x1bx", []),
        (b"\x1b[200~rm -rf\nq\x1b[A\x1b[201~n", ["n"]),
        (b"\xff\xfen", ["n"]),
    ],
)
def test_bytes_become_keys(data, keys):
    assert Decoder().feed(data) == keys


@pytest.mark.parametrize(
    "data", [b"\x1b[A", b"\x1b[1;5A", "界".encode(), b"\x1b[200~paste\x1b[201~x"]
)
def test_a_key_that_comes_byte_by_byte_is_the_same_key(data):
    decoder = Decoder()

    one_by_one = [key for byte in data for key in decoder.feed(bytes([byte]))]

    assert one_by_one == Decoder().feed(data)


def test_an_escape_alone_is_a_key_once_nothing_follows():
    decoder = Decoder()

    assert decoder.feed(b"\x1b") == []
    assert decoder.begun
    assert decoder.flush() == ["esc"]
    assert not decoder.begun


def test_two_escapes_are_two_keys():
    decoder = Decoder()

    assert [*decoder.feed(b"\x1b\x1b"), *decoder.flush()] == ["esc", "esc"]


@pytest.fixture
def terminal():
    """Both ends of a terminal: where somebody types, and where the program reads."""
    typed, read = os.openpty()
    yield typed, read
    os.close(read)
    with contextlib.suppress(OSError):  # a test may have closed it
        os.close(typed)


@pytest.fixture
def events():
    return queue.SimpleQueue()


def test_keys_come_at_once_and_the_terminal_is_put_back(terminal, events):
    typed, read = terminal
    before = termios.tcgetattr(read)

    with Keys(events.put, read):
        during = termios.tcgetattr(read)
        os.write(typed, b"n")
        assert events.get(timeout=LONG) == Key("n")
        os.write(typed, b"\x1b")
        assert events.get(timeout=LONG) == Key("esc")

    assert not during[3] & (termios.ICANON | termios.ECHO)
    assert during[3] & termios.ISIG  # Ctrl-C and Ctrl-Z stay what they are
    assert termios.tcgetattr(read) == before


def test_an_error_inside_puts_the_terminal_back_too(terminal, events):
    _, read = terminal
    before = termios.tcgetattr(read)

    with pytest.raises(RuntimeError), Keys(events.put, read):
        raise RuntimeError

    assert termios.tcgetattr(read) == before


def test_keys_can_be_entered_again(terminal, events):
    typed, read = terminal
    keys = Keys(events.put, read)
    for _ in range(2):
        with keys:
            os.write(typed, b"h")
            assert events.get(timeout=LONG) == Key("h")


def test_a_terminal_that_goes_away_ends_the_watch(terminal, events):
    typed, read = terminal
    with Keys(events.put, read):
        os.close(typed)
        assert events.get(timeout=LONG) == Ended(129)


@pytest.mark.parametrize(
    ("number", "event"),
    [
        (signal.SIGINT, Interrupted()),
        (signal.SIGTERM, Ended(143)),
        (signal.SIGHUP, Ended(129)),
        (signal.SIGWINCH, Resized()),
    ],
)
def test_signals_become_events_while_they_are_wanted(events, number, event):
    before = signal.getsignal(number)

    with Signals(events.put):
        signal.raise_signal(number)
        assert events.get(timeout=LONG) == event

    assert signal.getsignal(number) is before


READING = """
import os, signal, sys
from nanolab.keys import Keys

def say(event):
    os.write(1, f"{event}\\n".encode())

with Keys(say):
    say("ready")
    while True:
        signal.pause()
"""

SHELL = f"""
import os, signal, sys, termios

def echo():
    return bool(termios.tcgetattr(0)[3] & termios.ECHO)

signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if child == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    os.execv(sys.executable, [sys.executable, "-c", {READING!r}])
os.waitpid(child, os.WUNTRACED)
os.write(1, f"stopped, echo {{echo()}}\\n".encode())
os.kill(child, signal.SIGCONT)
os.waitpid(child, 0)
os.write(1, f"ended, echo {{echo()}}\\n".encode())
"""


@pytest.fixture
def on_terminal():
    """`on_terminal(script)`: Python on a terminal of its own; its pid and the other end."""
    import pty

    children = []

    def start(script):
        child, terminal = pty.fork()
        if child == 0:
            os.execv(sys.executable, [sys.executable, "-c", script])
        children.append((child, terminal))
        return child, terminal

    yield start
    for child, terminal in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def test_ctrl_z_gives_the_terminal_back_and_continuing_takes_it_again(on_terminal):
    _, terminal = on_terminal(SHELL)
    read_until(terminal, b"ready")

    os.write(terminal, b"\x1a")
    read_until(terminal, b"stopped, echo True")

    read_until(terminal, b"Resized")
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO
    os.write(terminal, b"n")
    read_until(terminal, b"Key(name='n')")


def test_ctrl_z_without_a_shell_to_come_back_from_changes_nothing(on_terminal):
    _, terminal = on_terminal(READING)
    read_until(terminal, b"ready")

    os.write(terminal, b"\x1a")

    read_until(terminal, b"Resized")
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO


def read_until(descriptor, wanted):
    """Read what the terminal shows up to `wanted`, and no further; fails if that never comes."""
    seen, end = b"", time.monotonic() + LONG
    while wanted not in seen:
        ready, _, _ = select.select([descriptor], [], [], max(end - time.monotonic(), 0))
        assert ready, f"{wanted!r} never came after {seen!r}"
        seen += os.read(descriptor, 1)
