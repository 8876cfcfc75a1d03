"""Short Markdown (a hint, a welcome) as plain text: wrapped, code kept as it is, no rich."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nanolab.views.text import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.views.look import Look

WIDEST = 88

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_ITEM = re.compile(r"^([-*]|\d+\.)\s+")
_CODE = re.compile(r"`([^`\n]+)`")
_STRONG = re.compile(r"(?<!\*)\*{1,2}(?! )([^*]+?)\*{1,2}(?!\*)")
_SPACE = "\ue000"  # stands for a space inside code while the line is wrapped


def prose(markdown: str, look: Look) -> str:
    """Paragraphs, lists and fenced code at most `look.width` (and 88) columns wide."""
    lines: list[str] = []
    # Splitting by the fence puts the text of the code at the odd places.
    for position, part in enumerate(_FENCE.split(markdown)):
        block = _code(part, look) if position % 2 else _paragraphs(part, look)
        lines += [*block, ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _code(source: str, look: Look) -> Iterator[str]:
    for line in source.rstrip("\n").split("\n"):
        yield look.paint(f"    {line}".rstrip(), "code")


def _paragraphs(text: str, look: Look) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for item in re.split(r"\n(?=(?:[-*]|\d+\.)\s)", paragraph):
            yield from _wrapped(item, look)
        yield ""


def _wrapped(item: str, look: Look) -> Iterator[str]:
    match = _ITEM.match(item)
    mark, text = ("", item) if match is None else (match[1], item[match.end() :])
    mark = look.glyphs.bullet if mark in {"-", "*"} else mark
    indent = " " * (len(mark) + 1) if mark else ""
    text = _CODE.sub(lambda code: code[0].replace(" ", _SPACE), text)
    for number, line in enumerate(wrap(text, min(look.width, WIDEST) - len(indent))):
        start = f"{mark} " if mark and number == 0 else indent
        yield start + _inline(line, look).replace(_SPACE, " ")


def _inline(line: str, look: Look) -> str:
    parts = _CODE.split(line)
    for position, part in enumerate(parts):
        if position % 2:
            parts[position] = look.paint(part, "code") if look.colour else f"`{part}`"
        else:
            parts[position] = _STRONG.sub(lambda match: look.paint(match[1], "title"), part)
    return "".join(parts)
