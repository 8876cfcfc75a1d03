"""Key presses, as soon as they come, and a terminal that is as before on every way out.

Keys are read one by one without echo (cbreak, so that Ctrl-C and Ctrl-Z stay what they are) in a
thread of its own. Signals come out as events too: Ctrl-C, the end, another size, and the return
from a suspension. A paste is not a key, and an unknown escape sequence is swallowed whole.
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
from typing import TYPE_CHECKING

from nanolab.session.events import Ended, Interrupted, Key, Resized

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
    return 1 if first < 0xC0 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4


if sys.platform == "win32":
    import msvcrt

    _WINDOWS_NAMES = {"H": "up", "P": "down", "I": "pageup", "Q": "pagedown"}

    class Keys:
        """Keys of a Windows console; see the other variant for the rest."""

        def __init__(self, emit: Callable[[Key | Interrupted | Ended | Resized], None]) -> None:
            self._emit = emit
            self._stop = threading.Event()
            self._before = signal.getsignal(signal.SIGINT)

        def __enter__(self) -> Keys:
            signal.signal(signal.SIGINT, lambda _number, _frame: self._emit(Interrupted()))
            self._start()
            return self

        def __exit__(self, *_: object) -> None:
            self._end()
            signal.signal(signal.SIGINT, self._before)

        @contextlib.contextmanager
        def paused(self) -> Iterator[None]:
            """The console to somebody else for a while."""
            self._end()
            signal.signal(signal.SIGINT, self._before)
            try:
                yield
            finally:
                self.__enter__()

        def _start(self) -> None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
            self._thread.start()

        def _end(self) -> None:
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
        """Keys and signals of a terminal, as events, while the context lasts.

        Args:
            emit: Called with each event, from a thread or from a signal handler: it must not
                block, and must bear being called during itself (`queue.SimpleQueue.put` does).
            descriptor: The terminal.
        """

        def __init__(
            self,
            emit: Callable[[Key | Interrupted | Ended | Resized], None],
            descriptor: int = 0,
        ) -> None:
            self._emit = emit
            self._terminal = descriptor
            self._cooked = termios.tcgetattr(descriptor)
            self._handlers: dict[int, object] = {}
            self._wake, self._waker = -1, -1

        def __enter__(self) -> Keys:
            atexit.register(self._restore)
            self._take_signals()
            self._enter_cbreak()
            self._start()
            return self

        def __exit__(self, *_: object) -> None:
            self._end()
            self._restore()
            self._give_signals_back()
            atexit.unregister(self._restore)

        @contextlib.contextmanager
        def paused(self) -> Iterator[None]:
            """The terminal, as it was before, to somebody else for a while."""
            self._end()
            self._restore()
            self._give_signals_back()
            try:
                yield
            finally:
                self._take_signals()
                self._enter_cbreak()
                self._start()

        # The terminal.

        def _enter_cbreak(self) -> None:
            mode = termios.tcgetattr(self._terminal)
            mode[3] &= ~(termios.ICANON | termios.ECHO)
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._terminal, termios.TCSADRAIN, mode)
            _write(self._terminal, _PASTE_ON)

        def _restore(self) -> None:
            with contextlib.suppress(termios.error, OSError):
                _write(self._terminal, _PASTE_OFF)
                termios.tcsetattr(self._terminal, termios.TCSADRAIN, self._cooked)

        # The thread.

        def _start(self) -> None:
            self._wake, self._waker = os.pipe()
            self._thread = threading.Thread(target=self._read, name="keys", daemon=True)
            self._thread.start()

        def _end(self) -> None:
            if self._waker < 0:
                return
            os.write(self._waker, b"x")
            self._thread.join()
            os.close(self._wake)
            os.close(self._waker)
            self._wake, self._waker = -1, -1

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
                    keys = self._read_keys(decoder) if descriptors else decoder.flush()
                    if keys is None:
                        return
                    for key in keys:
                        self._emit(Key(key))

        def _read_keys(self, decoder: Decoder) -> list[str] | None:
            """The keys pressed; None, and the end of the loop, if the terminal is gone."""
            try:
                data = os.read(self._terminal, 4096)
            except OSError:
                data = b""
            if data == b"":
                self._emit(Ended(129))
                return None
            return decoder.feed(data)

        # Signals.

        def _take_signals(self) -> None:
            for number, handler in {
                signal.SIGINT: self._on_interrupt,
                signal.SIGTERM: self._on_end,
                signal.SIGHUP: self._on_end,
                signal.SIGWINCH: self._on_resize,
                signal.SIGTSTP: self._on_suspend,
                signal.SIGCONT: self._on_continue,
            }.items():
                self._handlers[number] = signal.signal(number, handler)

        def _give_signals_back(self) -> None:
            for number, handler in self._handlers.items():
                signal.signal(number, handler)  # type: ignore[arg-type]  # what signal() gave us
            self._handlers.clear()

        def _on_interrupt(self, _number: int, _frame: FrameType | None) -> None:
            self._emit(Interrupted())

        def _on_end(self, number: int, _frame: FrameType | None) -> None:
            self._restore()  # at once: whoever sent this may not wait for us
            self._emit(Ended(128 + number))

        def _on_resize(self, _number: int, _frame: FrameType | None) -> None:
            self._emit(Resized())

        def _on_suspend(self, _number: int, _frame: FrameType | None) -> None:
            self._restore()
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGTSTP)

        def _on_continue(self, _number: int, _frame: FrameType | None) -> None:
            signal.signal(signal.SIGTSTP, self._on_suspend)
            with contextlib.suppress(termios.error):
                self._enter_cbreak()
            self._emit(Resized())


def _write(descriptor: int, data: bytes) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor, data)
