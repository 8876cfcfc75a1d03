"""Colours by meaning and symbols by meaning: the only place that names either.

ANSI-16 names only, so that light and dark terminals both keep their own palette. Colour never
stands alone: a symbol and a word go with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.theme import Theme

from nanolab.verdict import Outcome

THEME = Theme(
    {
        "passed": "green",
        "failed": "red",
        "unfinished": "yellow",
        "coming": "dim",
        "accent": "cyan",
        "key": "bold cyan",
        "title": "bold",
        "faint": "dim",
        "hint": "magenta",
        "added": "green",
        "removed": "red",
        "added.word": "bold reverse green",
        "removed.word": "bold reverse red",
        "expected": "green",
        "actual": "red",
    }
)


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


UNICODE = Glyphs("✓", "✗", "○", "▪", "·", "▶", "→", "█", "░", "─", "…")
ASCII = Glyphs("+", "x", "o", "#", ".", ">", "->", "#", "-", "-", "...")


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
