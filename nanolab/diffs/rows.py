"""Two texts side by side: rows in hunks, and marks inside the lines that changed.

Line endings and a missing last newline never count as a difference.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = 3

Span = tuple[int, int]

_ENDING = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_ALIKE = 0.5  # below this ratio two lines are strangers, not one line changed
_LONGEST = 1000  # characters; longer lines are compared whole
_MATCHABLE = 2500  # lines times lines; a larger block is paired from the top
_MANY = 2000  # lines; from here on speed matters more than the smallest diff


class Kind(str, Enum):
    """What became of a line."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of one side, without its ending: number from 1, and the spans that changed."""

    number: int
    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """What stands side by side; a side is None where the other has a line of its own."""

    kind: Kind
    left: Line | None
    right: Line | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Rows shown together, after `folded` unchanged lines that are not."""

    folded: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """All differences; `folded` unchanged lines follow the last hunk."""

    hunks: tuple[Hunk, ...]
    folded: int = 0

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.hunks

    def count(self, kind: Kind) -> int:
        """How many rows are of this kind."""
        return sum(row.kind is kind for hunk in self.hunks for row in hunk.rows)


def compare(left: str, right: str, context: int = CONTEXT) -> Diff:
    """The differences between two texts, with `context` unchanged lines around each."""
    return compare_lines(lines(left), lines(right), context)


def compare_lines(left: Sequence[Line], right: Sequence[Line], context: int = CONTEXT) -> Diff:
    """The same of numbered lines; a file's own numbers stay."""
    return _fold(list(_rows(left, right)), context)


def lines(source: str) -> tuple[Line, ...]:
    """The numbered lines of a text; an empty text has none."""
    texts = _ENDING.split(source)
    if texts[-1] == "":
        texts.pop()
    return tuple(Line(number, text) for number, text in enumerate(texts, start=1))


def _rows(left: Sequence[Line], right: Sequence[Line]) -> Iterator[Row]:
    old, new = [line.text for line in left], [line.text for line in right]
    matcher = SequenceMatcher(None, old, new, autojunk=max(len(old), len(new)) > _MANY)
    for tag, i, i_end, j, j_end in matcher.get_opcodes():
        if tag == "equal":
            yield from map(_same, left[i:i_end], right[j:j_end])
        else:
            yield from _replaced(left[i:i_end], right[j:j_end])


def _same(old: Line, new: Line) -> Row:
    return Row(Kind.SAME, old, new)


def _replaced(left: Sequence[Line], right: Sequence[Line]) -> Iterator[Row]:
    """Rows of a block that was replaced: similar lines beside each other, in order."""
    i = j = 0
    for a, b in [*_pairs(left, right), (len(left), len(right))]:
        yield from (Row(Kind.REMOVED, line, None) for line in left[i:a])
        yield from (Row(Kind.ADDED, None, line) for line in right[j:b])
        if a < len(left):
            yield _changed(left[a], right[b])
        i, j = a + 1, b + 1


def _pairs(left: Sequence[Line], right: Sequence[Line]) -> list[tuple[int, int]]:
    """The ascending pairs of similar lines whose likeness adds up to the most."""
    if len(left) * len(right) > _MATCHABLE:
        return [
            (i, i)
            for i, (old, new) in enumerate(zip(left, right))  # noqa: B905 - the shorter decides
            if _likeness(old.text, new.text)
        ]
    # best[i][j]: the most likeness that left[i:] and right[j:] can reach, and the first pair of it
    best = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    alike = [[_likeness(old.text, new.text) for new in right] for old in left]
    for i in reversed(range(len(left))):
        for j in reversed(range(len(right))):
            paired = alike[i][j] + best[i + 1][j + 1] if alike[i][j] else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs = []
    i = j = 0
    while i < len(left) and j < len(right):
        if alike[i][j] and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _likeness(old: str, new: str) -> float:
    """How alike two lines are, from 0 (strangers) to 1; blank lines are like nothing."""
    old, new = old.strip(), new.strip()
    if not old or not new or max(len(old), len(new)) > _LONGEST:
        return 0.0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.quick_ratio() < _ALIKE:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio >= _ALIKE else 0.0


def _changed(old: Line, new: Line) -> Row:
    before, after = _TOKEN.findall(old.text), _TOKEN.findall(new.text)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    changes = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    old_marks = _spans(before, [(i, end) for _, i, end, _, _ in changes])
    new_marks = _spans(after, [(j, end) for _, _, _, j, end in changes])
    return Row(
        Kind.CHANGED,
        Line(old.number, old.text, old_marks),
        Line(new.number, new.text, new_marks),
    )


def _spans(tokens: list[str], ranges: list[Span]) -> tuple[Span, ...]:
    """Ranges of tokens as spans of characters."""
    starts = [0]
    for token in tokens:
        starts.append(starts[-1] + len(token))
    return tuple((starts[i], starts[end]) for i, end in ranges if i < end)


def _fold(rows: list[Row], context: int) -> Diff:
    near: set[int] = set()
    for position, row in enumerate(rows):
        if row.kind is not Kind.SAME:
            near.update(range(position - context, position + context + 1))
    hunks: list[Hunk] = []
    shown: list[Row] = []
    folded = 0
    for position, row in enumerate(rows):
        if position in near:
            shown.append(row)
            continue
        if shown:
            hunks.append(Hunk(folded, tuple(shown)))
            shown, folded = [], 0
        folded += 1
    if shown:
        return Diff((*hunks, Hunk(folded, tuple(shown))))
    return Diff(tuple(hunks), folded)
