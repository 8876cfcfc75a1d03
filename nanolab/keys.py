"""Key presses, as soon as they come, and a terminal that is as before on every way out.

Keys are read one by one without echo (cbreak, so that Ctrl-C and Ctrl-Z stay what they are) in a
thread of its own; a paste is no key, and an unknown escape sequence is swallowed whole. Signals
come out as events too: Ctrl-C, the wish that we end, another size, the return from a suspension.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import selectors
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from nanolab.session.events import Ended, Interrupted, Key, Resized

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

ESCAPE_WAIT = 0.05  # seconds after which an escape character was the key, not a beginning

_SEQUENCE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^\[O\x1b])")
_BEGUN = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|O)?")
_NAMES = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "pageup",
    b"\x1b[6~": "pagedown",
}
_PASTE, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_PASTE_ON, _PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"


class Decoder:
    """Bytes of a terminal to names of keys; remembers what has only begun."""

    def __init__(self) -> None:
        self._rest = b""
        self._pasting = False

    @property
    def begun(self) -> bool:
        """Whether an escape character waits for what may follow."""
        return bool(self._rest) and not self._pasting

    def feed(self, data: bytes) -> list[str]:
        """The keys that are complete with these bytes."""
        self._rest += data
        keys = []
        while self._rest:
            size, name = self._first()
            if not size:
                break
            self._rest = self._rest[size:]
            if name:
                keys.append(name)
        return keys

    def flush(self) -> list[str]:
        """What has begun and was not finished: the escape key, or nothing worth a name."""
        rest, self._rest = self._rest, b""
        return ["esc"] if rest == b"\x1b" else []

    def _first(self) -> tuple[int, str]:
        """Length and name of the first key; no length if it has only begun, no name if none."""
        if self._pasting:
            return self._end_of_paste()
        if self._rest.startswith(b"\x1b"):
            return self._sequence()
        size = _utf8_size(self._rest[0])
        if len(self._rest) < size:
            return 0, ""
        return size, self._rest[:size].decode("utf-8", "ignore").replace("\r", "\n")

    def _sequence(self) -> tuple[int, str]:
        match = _SEQUENCE.match(self._rest)
        if match is None:
            begun = _BEGUN.fullmatch(self._rest)
            return (0, "") if begun else (1, "esc")
        self._pasting = match[0] == _PASTE
        return match.end(), _NAMES.get(match[0], "")

    def _end_of_paste(self) -> tuple[int, str]:
        end = self._rest.find(_PASTE_END)
        if end < 0:
            return max(len(self._rest) - len(_PASTE_END) + 1, 0), ""
        self._pasting = False
        return end + len(_PASTE_END), ""


def _utf8_size(first: int) -> int:
    """How many bytes a character takes; one that cannot begin any stands alone."""
    return 1 if first < 0xC0 or first > 0xF4 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


class Signals:
    """Ctrl-C, the wish that we end, and a new size of the terminal, as events.

    Args:
        emit: Called from a signal handler: it must bear being called during itself, as
            `queue.SimpleQueue.put` does.
    """

    def __init__(self, emit: Callable[[Interrupted | Ended | Resized], None]) -> None:
        self._emit = emit
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGWINCH"):
            number = getattr(signal, name, None)  # Windows has only two of them
            if number is not None:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            self._emit(Interrupted())
        elif number == getattr(signal, "SIGWINCH", 0):
            self._emit(Resized())
        else:
            self._emit(Ended(128 + number))


if sys.platform == "win32":
    import msvcrt

    _WINDOWS_NAMES = {"H": "up", "P": "down", "I": "pageup", "Q": "pagedown"}

    class Keys:
        """Keys of a Windows console; the other variant says more."""

        def __init__(self, emit: Callable[[Key | Ended | Resized], None]) -> None:
            self._emit = emit
            self._stop = threading.Event()

        def __enter__(self) -> Keys:
            self._stop.clear()
            self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
            self._thread.start()
            return self

        def __exit__(self, *_: object) -> None:
            self._stop.set()
            self._thread.join(timeout=1)

        def _read(self) -> None:
            while not self._stop.is_set():
                if not msvcrt.kbhit():
                    time.sleep(0.02)
                    continue
                key = msvcrt.getwch()
                if key in "\x00\xe0":
                    key = _WINDOWS_NAMES.get(msvcrt.getwch(), "")
                if key:
                    self._emit(Key({"\r": "\n", "\x1b": "esc"}.get(key, key)))

else:
    import termios

    class Keys:
        """Keys of a terminal as events, while the context lasts; it can be entered again.

        Args:
            emit: Called from the reading thread with each key; with `Ended` if the terminal is
                gone; and from a signal handler with `Resized` after a suspension.
            descriptor: The terminal.
        """

        def __init__(
            self, emit: Callable[[Key | Ended | Resized], None], descriptor: int = 0
        ) -> None:
            self._emit = emit
            self._terminal = descriptor
            self._cooked = termios.tcgetattr(descriptor)
            self._before: dict[int, Any] = {}

        def __enter__(self) -> Keys:
            atexit.register(self._restore)
            self._before = {
                signal.SIGTSTP: signal.signal(signal.SIGTSTP, self._suspend),
                signal.SIGCONT: signal.signal(signal.SIGCONT, self._go_on),
            }
            self._take()
            self._wake, self._waker = os.pipe()
            self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
            self._thread.start()
            return self

        def __exit__(self, *_: object) -> None:
            os.write(self._waker, b"x")
            self._thread.join()
            os.close(self._wake)
            os.close(self._waker)
            self._restore()
            for number, handler in self._before.items():
                signal.signal(number, handler)
            atexit.unregister(self._restore)

        def _take(self) -> None:
            """To cbreak: keys one by one, unseen."""
            mode = termios.tcgetattr(self._terminal)
            mode[3] &= ~(termios.ICANON | termios.ECHO)
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, mode)
            _write(self._terminal, _PASTE_ON)

        def _restore(self) -> None:
            with contextlib.suppress(termios.error, OSError):
                _write(self._terminal, _PASTE_OFF)
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._cooked)

        def _suspend(self, number: int, frame: FrameType | None) -> None:
            self._restore()
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            # To this very thread, so that it stops here, and not a few lines further down.
            signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
            # Continued, or never stopped: nobody could wake us, were there no shell.
            signal.signal(signal.SIGTSTP, self._suspend)
            self._go_on(number, frame)

        def _go_on(self, _number: int, _frame: FrameType | None) -> None:
            with contextlib.suppress(termios.error):
                self._take()
            self._emit(Resized())

        def _read(self) -> None:
            decoder = Decoder()
            with selectors.DefaultSelector() as selector:
                selector.register(self._terminal, selectors.EVENT_READ)
                selector.register(self._wake, selectors.EVENT_READ)
                while True:
                    ready = selector.select(ESCAPE_WAIT if decoder.begun else None)
                    descriptors = {key.fd for key, _ in ready}
                    if self._wake in descriptors:
                        return
                    data = self._bytes() if descriptors else None
                    if data == b"":
                        self._emit(Ended(129))  # as SIGHUP: the terminal is gone
                        return
                    for key in decoder.flush() if data is None else decoder.feed(data):
                        self._emit(Key(key))

        def _bytes(self) -> bytes:
            try:
                return os.read(self._terminal, 4096)
            except OSError:
                return b""


def _write(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor, data)
