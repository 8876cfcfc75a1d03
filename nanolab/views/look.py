"""Colours by meaning, symbols by meaning, and how one screen looks: the only place that names any.

ANSI-16 names only, so that light and dark terminals both keep their own palette. Colour never
stands alone: a symbol or a word goes with it. Nothing here needs rich, so that the commands
which must answer at once (`list`, `status`, `hint`, `where`) share it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nanolab.verdict import Outcome

if TYPE_CHECKING:
    from pathlib import Path

STYLES = {
    "passed": "green",
    "failed": "red",
    "unfinished": "yellow",
    "coming": "dim",
    "accent": "cyan",
    "key": "bold cyan",
    "title": "bold",
    "faint": "dim",
    "hint": "magenta",
    "code": "cyan",
    "added": "green",
    "removed": "red",
    "added.word": "bold underline green",
    "removed.word": "bold underline red",
    "expected": "green",
    "actual": "red",
}

_CODES = {"bold": 1, "dim": 2, "underline": 4}
_CODES |= {"red": 31, "green": 32, "yellow": 33, "magenta": 35, "cyan": 36}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The symbols of a terminal that can show Unicode, or of one that cannot."""

    passed: str
    failed: str
    unfinished: str
    locked: str
    coming: str
    current: str
    arrow: str
    bar_full: str
    bar_empty: str
    rule: str
    ellipsis: str
    bullet: str
    edge: str


UNICODE = Glyphs("✓", "✗", "○", "▪", "·", "▶", "→", "█", "░", "─", "…", "•", "│")
ASCII = Glyphs("+", "x", "o", "#", ".", ">", "->", "#", "-", "-", "...", "*", "|")


@dataclass(frozen=True, slots=True)
class Look:
    """How one screen looks.

    Attributes:
        width: In columns.
        glyphs: `UNICODE` or `ASCII`.
        colour: Whether plain text is coloured (a rich console decides for itself).
        links: Whether paths are OSC-8 links.
        root: Paths below it are shown relative to it; None shows them as they are.
    """

    width: int = 80
    glyphs: Glyphs = UNICODE
    colour: bool = False
    links: bool = False
    root: Path | None = None

    def shown(self, path: Path) -> str:
        """The path, relative to the root if it lies below it, with forward slashes."""
        if self.root is not None and path.is_relative_to(self.root):
            path = path.relative_to(self.root)
        return path.as_posix()

    def paint(self, text: str, style: str) -> str:
        """Plain text in a style of `STYLES`, if the look has colour."""
        if not self.colour or not text.strip():
            return text
        codes = ";".join(str(_CODES[word]) for word in STYLES[style].split())
        return f"\x1b[{codes}m{text}\x1b[0m"


def glyphs_for(encoding: str) -> Glyphs:
    """`UNICODE` if text in `encoding` can carry every symbol, else `ASCII`."""
    try:
        "".join((UNICODE.passed, UNICODE.bar_full, UNICODE.current, UNICODE.rule)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def style_of(outcome: Outcome) -> str:
    """The style name that an outcome is drawn in."""
    if outcome is Outcome.PASSED:
        return "passed"
    if outcome in {Outcome.UNFINISHED, Outcome.CANCELLED, Outcome.UNAVAILABLE}:
        return "unfinished"
    return "failed"


def glyph_of(outcome: Outcome, glyphs: Glyphs) -> str:
    """The symbol that goes with an outcome."""
    by_style = {"passed": glyphs.passed, "unfinished": glyphs.unfinished}
    return by_style.get(style_of(outcome), glyphs.failed)
