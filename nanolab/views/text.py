"""Text on its way to a screen: made harmless, measured in columns, wrapped and shortened.

What a learner's code prints may hold anything; `clean` leaves only what a terminal draws.
Nothing here needs rich.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SEQUENCE = re.compile(
    r"""
    (?: \x1b[\]PX^_] | [\x90\x98\x9d-\x9f] ) [^\x07\x1b\x9c\n]* (?: \x07 | \x1b\\ | \x9c )?  # OSC
  | (?: \x1b\[ | \x9b ) [0-?]* [ -/]* [@-~]?                                                 # CSI
  | \x1b [ -/]* [0-~]?                                                                       # rest
    """,
    re.VERBOSE,
)
_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_DROPPED = dict.fromkeys((*range(32), *range(127, 160), *map(ord, _BIDI), 0xFEFF))
_HARMLESS = {**_DROPPED, 9: "\t", 10: "\n", 0x2028: "\n", 0x2029: "\n"}
_FANCY = "•▌│┃─━–—┌┐└┘├┤┬┴┼╭╮╰╯█░▶→←↑↓✓✗…·×≈≥≤‘’“”"  # noqa: RUF001 - what is to be replaced
_SIMPLE = "*|||----+++++++++++++#.>><^v+x..x~><''" + '""'
_TO_ASCII = str.maketrans(_FANCY, _SIMPLE)
_HUGE = 10_000  # characters; more are wider than any screen
_VISIBLE = {**dict.fromkeys((*_DROPPED, 0x2028, 0x2029), "\ufffd"), 9: "\t"}


def clean(text: str) -> str:
    """The text without control sequences: what would have been read on a plain terminal.

    Newlines and tabs stay; of a line that rewrites itself by carriage return (a progress bar),
    the last state stays. Direction overrides go, lone surrogates become `?`.
    """
    text = _SEQUENCE.sub("", text).replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _without_surrogates(text.translate(_HARMLESS))


def one_line(text: str) -> str:
    """The cleaned lines of a text as one; spaces inside a line stay: they may be what it is about."""
    lines = (line.strip() for line in clean(text).split("\n"))
    return " ".join(line for line in lines if line)


def visible(line: str) -> str:
    """A line of source with U+FFFD for each control character, so that every column stays."""
    return _without_surrogates(line.translate(_VISIBLE))


def _without_surrogates(text: str) -> str:
    """The text with `?` for each half of a pair, which no encoding can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def to_ascii(text: str) -> str:
    """The text in ASCII, one character for one, so that what is drawn in it keeps its shape."""
    return text.translate(_TO_ASCII).encode("ascii", "replace").decode("ascii")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """The beginning and the end of a text, and how many lines lie hidden between them."""

    head: str
    hidden: int = 0
    tail: str = ""


def excerpt(text: str, lines: int, columns: int = 400, ellipsis: str = "…") -> Excerpt:
    """The text cleaned and cut to `lines` lines, each of at most `columns` columns.

    A third of the lines is kept of the beginning, two thirds of the end, where errors stand.
    """
    rows = [middle(row, columns, ellipsis) for row in clean(text).strip("\n").split("\n")]
    if len(rows) <= max(lines, 1):
        return Excerpt("\n".join(rows))
    head = lines // 3
    tail = max(lines - head - 1, 1)
    return Excerpt("\n".join(rows[:head]), len(rows) - head - tail, "\n".join(rows[-tail:]))


def cells(text: str) -> int:
    """How many columns the text takes; wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200b\u200d\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def fit(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in exactly `width` columns: padded, or cut at the end."""
    size = cells(text)
    if size > width:
        kept = max(width - cells(ellipsis), 0)
        text = _head(text, kept) + ellipsis if kept else _head(text, width)
        size = cells(text)
    return text + " " * (width - size)


def middle(text: str, width: int, ellipsis: str = "…") -> str:
    """The text in at most `width` columns, cut in the middle where it is too long."""
    if _fits(text, width):
        return text
    room = max(width - cells(ellipsis), 2)
    tail = _head(text[::-1], room // 2)[::-1]
    return _head(text, room - room // 2) + ellipsis + tail


def around(text: str, at: int, width: int, ellipsis: str = "…") -> tuple[str, int]:
    """What stands around character `at`, in at most `width` columns, and the column of `at` in it."""
    if _fits(text, width):
        return text, cells(text[:at])
    room = max(width - 2 * cells(ellipsis), 2)
    before = _head(text[max(at - room, 0) : at][::-1], room // 2)[::-1]
    after = _head(text[at : at + room], room - cells(before))
    left = ellipsis if len(before) < at else ""
    right = ellipsis if at + len(after) < len(text) else ""
    return left + before + after + right, cells(left + before)


def _fits(text: str, width: int) -> bool:
    """Whether the text takes at most `width` columns; of a huge one no character is looked at."""
    return len(text) <= _HUGE and cells(text) <= width


def shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        half = (low + high + 1) // 2
        if one[low:half] == other[low:half]:
            low = half
        else:
            high = half - 1
    return low


def wrap(text: str, width: int) -> list[str]:
    """The words of the text in lines of at most `width` columns; longer words are broken."""
    lines = [""]
    for word in re.findall(r"\S+", text):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1] and (cells(word) <= width or not _breakable(word)):
            lines.append("")
        rest = f"{lines[-1]} {word}" if lines[-1] else word
        while cells(rest) > max(width, 2):
            head = _head(rest, max(width, 2))
            lines[-1], rest = head, rest[len(head) :]
            lines.append("")
        lines[-1] = rest
    return lines


def _breakable(word: str) -> bool:
    """Whether a word is of a script that writes no spaces, and may break anywhere."""
    return cells(word) > len(word)


def _head(text: str, width: int) -> str:
    used = 0
    for position, character in enumerate(text):
        used += _cell(character)
        if used > width:
            return text[:position]
    return text
