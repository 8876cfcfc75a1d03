"""A compiled crate, loaded into this process: one call by name, bytes in, bytes out."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from nanolab.crate.wire import Err, Reader, give

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_DONE, _PANIC, _KIND, _RANGE = range(4)


class RustPanicError(Exception):
    """A panic: what it said, and the file and line, counted from 1, that it came from."""

    __module__ = "builtins"  # so that it is called by its plain name, as Python's own errors are

    def __init__(self, message: str, file: str, line: int) -> None:
        super().__init__(message)
        self.file = file
        self.line = line


class Library:
    """The functions of a crate.

    Args:
        path: The shared library; never one that has been loaded before with other content.
    """

    def __init__(self, path: Path) -> None:
        library = ctypes.CDLL(str(path))
        size = ctypes.c_size_t
        self._call = library.nanolab_call
        self._call.restype = ctypes.POINTER(ctypes.c_uint8)
        self._call.argtypes = [
            ctypes.c_char_p, size, ctypes.c_char_p, size, ctypes.POINTER(size),
        ]  # fmt: skip
        self._free = library.nanolab_free
        self._free.restype = None
        self._free.argtypes = [ctypes.POINTER(ctypes.c_uint8), size]

    def call(self, name: str, args: Sequence[object], count: int) -> list[Any]:
        """Call a function.

        Args:
            name: `module::function`.
            args: As many as it takes.
            count: How many values come back: its result, and each argument that it may change.

        Raises:
            RustPanicError: If it panics.
            TypeError, OverflowError: If an argument is not what it takes.
            ValueError: If it returns an `Err`.
        """
        data = bytearray()
        for one in args:
            give(one, data)
        status, reader = self._exchange(name.encode(), bytes(data))
        if status == _DONE:
            values = [reader.take() for _ in range(count)]
            if isinstance(values[0], Err):
                raise ValueError(values[0].sentence)
            return values
        said: Any = reader.take()
        if status == _PANIC:
            raise RustPanicError(*said)
        raise (TypeError if status == _KIND else OverflowError)(said)

    def _exchange(self, name: bytes, data: bytes) -> tuple[int, Reader]:
        length = ctypes.c_size_t()
        pointer = self._call(name, len(name), data, len(data), ctypes.byref(length))
        try:
            reply = ctypes.string_at(pointer, length.value)
        finally:
            self._free(pointer, length)
        return reply[0], Reader(reply[1:])
