"""Values on their way between Python and Rust: a tag, then what it says. `wire.rs` is the other end.

Little endian throughout. A list of small whole numbers, which is what most lists are, goes as one
array: a million of them take 15 ms.
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Err:
    """What a Rust function returned as `Err`."""

    sentence: str


def give(value: object, output: bytearray) -> None:
    """Append a value.

    Raises:
        TypeError: If it is of no kind that can travel.
        OverflowError: If a number has more than 128 bits.
        UnicodeEncodeError: If a string has half a surrogate pair.
    """
    if isinstance(value, bool):
        output += b"T" if value else b"F"
    elif isinstance(value, int):
        output += b"i" + value.to_bytes(16, "little", signed=True)
    elif isinstance(value, float):
        output += struct.pack("<cd", b"f", value)
    elif value is None:
        output += b"n"
    elif isinstance(value, (str, bytes, bytearray)):
        data = value.encode() if isinstance(value, str) else value
        output += _head(b"s" if isinstance(value, str) else b"b", len(data)) + data
    else:
        _give_many(value, output)


def _give_many(value: object, output: bytearray) -> None:
    if isinstance(value, dict):
        output += _head(b"d", len(value))
        for pair in value.items():
            give(pair[0], output)
            give(pair[1], output)
    elif isinstance(value, list) and value and type(value[0]) is int and _numbers(value, output):
        pass
    elif isinstance(value, (list, tuple)):
        output += _head(b"l" if isinstance(value, list) else b"t", len(value))
        for one in value:
            give(one, output)
    else:
        raise TypeError(f"a {type(value).__name__} cannot be handed to Rust")


def _numbers(value: list[int], output: bytearray) -> bool:
    """Append a list as one array, if it is one of numbers of 64 bits."""
    if any(type(one) is not int for one in value):
        return False
    try:
        data = array("q", value).tobytes()
    except OverflowError:
        return False
    output += _head(b"q", len(value)) + data
    return True


def _head(tag: bytes, length: int) -> bytes:
    return struct.pack("<cI", tag, length)


class Reader:
    """Takes values off the front of some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self) -> object:
        """The next value."""
        tag = self._bytes(1)
        if tag == b"i":
            return int.from_bytes(self._bytes(16), "little", signed=True)
        if tag == b"f":
            return struct.unpack("<d", self._bytes(8))[0]
        if tag in _ALONE:
            return _ALONE[tag]
        if tag == b"e":
            return Err(str(self.take()))
        return self._take_many(tag, *struct.unpack("<I", self._bytes(4)))

    def _take_many(self, tag: bytes, length: int) -> object:
        if tag == b"b":
            return self._bytes(length)
        if tag == b"s":
            return self._bytes(length).decode("utf-8", "replace")
        if tag == b"d":
            return {self.take(): self.take() for _ in range(length)}
        items = [self.take() for _ in range(length)]
        return tuple(items) if tag == b"t" else items

    def _bytes(self, length: int) -> bytes:
        self._at += length
        return self._data[self._at - length : self._at]


_ALONE: dict[bytes, bool | None] = {b"T": True, b"F": False, b"n": None}
