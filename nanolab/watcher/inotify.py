"""Linux's own announcements of what happens in a directory, read without ever waking in vain."""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# From <sys/inotify.h>; the kernel never changes them.
_MODIFY, _CLOSE_WRITE, _MOVED, _CREATE, _DELETE = 0x2, 0x8, 0x40 | 0x80, 0x100, 0x200
_OVERFLOW, _IGNORED, _IS_DIRECTORY = 0x4000, 0x8000, 0x40000000
_MASK = _MODIFY | _CLOSE_WRITE | _MOVED | _CREATE | _DELETE

_HEAD = struct.Struct("iIII")  # watch, mask, cookie, length of the name that follows


class Inotify:
    """Watches directories, none of them recursively.

    Raises:
        OSError: If the system has no watch left, as the user's limits have it.
    """

    def __init__(self, directories: Iterable[Path]) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._directories = [os.fsencode(directory) for directory in directories]
        self._names: dict[int, bytes] = {}
        self._descriptor = self._call("inotify_init1", os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._add_all()
        except OSError:
            os.close(self._descriptor)
            raise

    def __enter__(self) -> Inotify:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)

    def wait(self, seconds: float, wake: int) -> set[str] | None:
        """The paths in which something happened, at once if something did, else after `seconds`.

        Returns early, with nothing, when the descriptor `wake` has something to read. None if the
        kernel dropped some announcements, or a directory came or went.
        """
        ready, _, _ = select.select([self._descriptor, wake], [], [], seconds)
        paths: set[str] = set()
        lost = False
        for watch, mask, name in self._read() if self._descriptor in ready else ():
            lost = lost or bool(mask & (_OVERFLOW | _IGNORED | _IS_DIRECTORY))
            paths.add(os.fsdecode(os.path.join(self._names.get(watch, b""), name)))  # noqa: PTH118
        if lost:
            self._add_all()  # a directory that was made anew needs a new watch
            return None
        return paths

    def _read(self) -> list[tuple[int, int, bytes]]:
        data = os.read(self._descriptor, 1 << 16)
        events = []
        while data:
            watch, mask, _cookie, size = _HEAD.unpack_from(data)
            name = data[_HEAD.size : _HEAD.size + size].rstrip(b"\0")
            events.append((watch, mask, name))
            data = data[_HEAD.size + size :]
        return events

    def _add_all(self) -> None:
        for directory in self._directories:
            try:
                watch = self._call("inotify_add_watch", self._descriptor, directory, _MASK)
            except FileNotFoundError:
                continue  # told of when it comes back, by the directory above
            self._names[watch] = directory

    def _call(self, function: str, *arguments: object) -> int:
        answer: int = getattr(self._libc, function)(*arguments)
        if answer < 0:
            number = ctypes.get_errno() or errno.EIO
            raise OSError(number, os.strerror(number))
        return answer
