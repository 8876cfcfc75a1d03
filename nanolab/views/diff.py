"""Yours against the solution: side by side where there is room, one column where there is not.

`-` is yours, `+` is the solution's; inside a changed line the words that differ are marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.box import Box
from rich.console import Group
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from nanolab import diffs
from nanolab.views.text import visible
from nanolab.views.theme import CODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from nanolab.diffs import Diff, Line, Part, Row
    from nanolab.views.look import Look

SIDE_BY_SIDE = 110  # columns

_TAB = 4
_COLOURED = 200_000  # characters; colouring more takes seconds
_LONGEST = 2_000  # characters of a line that are shown; folding more takes seconds


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two files: what it is called, its coloured lines, its sign and styles."""

    name: str
    lines: Sequence[Text]
    sign: str
    style: str

    def number(self, line: Line | None, *, differs: bool) -> Text:
        """The line's number and, if it differs, its sign."""
        if line is None:
            return Text()
        if not differs:
            return Text(f"{line.number}  ", "faint")
        return Text(f"{line.number} {self.sign}", self.style)

    def text(self, line: Line | None) -> Text:
        """The line in colours, with what changed in it marked."""
        if line is None:
            return Text()
        text = self.lines[line.number - 1].copy()
        for start, end in line.marks:
            text.stylize(f"{self.style}.word", start, end)
        text.expand_tabs(_TAB)
        return text


def diff_view(  # noqa: PLR0913 - two sources, and how to show them
    diff: Diff,
    yours: str,
    solution: str,
    look: Look,
    names: tuple[str, str] = ("yours", "solution"),
    *,
    language: str = "python",
) -> RenderableType:
    """The differences between two sources.

    Args:
        diff: Of these two sources, whole or a part (`diffs.by_function`).
        yours: The source on the left.
        solution: The source on the right.
        look: Its width chooses between side by side and one column.
        names: What to call the left and the right.
        language: Of both, for the colours: the exercise's kind.
    """
    if diff.same:
        return Text(f"{look.glyphs.passed} Nothing differs.", "passed")
    left = _Side(names[0], _coloured(yours, language, look), "-", "removed")
    right = _Side(names[1], _coloured(solution, language, look), "+", "added")
    table = _side_by_side if look.width >= SIDE_BY_SIDE else _unified
    digits = len(str(max(len(left.lines), len(right.lines))))
    parts: list[RenderableType] = [_legend(diff, left, right)]
    for hunk in diff.hunks:
        parts += [_folded(hunk.folded, look), table(hunk.rows, left, right, digits, look)]
    return Group(*parts, _folded(diff.folded, look))


def part_view(
    parts: Sequence[Part], position: int, yours: str, solution: str, look: Look
) -> RenderableType:
    """One part of `diffs.by_function`, counted from 0, under its name."""
    part = parts[position]
    title = Text.assemble(
        (part.name or "the rest of the file", "title"),
        (f"  {position + 1} of {len(parts)}", "faint"),
    )
    return Group(title, Text(), diff_view(part.diff, yours, solution, look))


def _legend(diff: Diff, left: _Side, right: _Side) -> Text:
    count = diff.count
    changed = count(diffs.Kind.CHANGED)
    return Text.assemble(
        (f"{left.sign} {left.name}", left.style),
        f" {count(diffs.Kind.REMOVED) + changed}   ",
        (f"{right.sign} {right.name}", right.style),
        f" {count(diffs.Kind.ADDED) + changed}",
    )


def _side_by_side(
    rows: Sequence[Row], left: _Side, right: _Side, digits: int, look: Look
) -> RenderableType:
    room = (look.width - 3) // 2
    line = f"  {look.glyphs.edge} \n"
    table = Table(
        box=Box(8 * line),
        border_style="faint",
        show_header=False,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1),
    )
    table.add_column(width=room)
    table.add_column(width=room)
    for row in rows:
        differs = row.kind is not diffs.Kind.SAME
        table.add_row(
            _grid(room, digits, (left.number(row.left, differs=differs), left.text(row.left))),
            _grid(room, digits, (right.number(row.right, differs=differs), right.text(row.right))),
        )
    return table


def _unified(
    rows: Sequence[Row], left: _Side, right: _Side, digits: int, look: Look
) -> RenderableType:
    shown: list[tuple[Text, Text]] = []
    for row in rows:
        differs = row.kind is not diffs.Kind.SAME
        if row.left is not None:
            shown.append((left.number(row.left, differs=differs), left.text(row.left)))
        if row.right is not None and differs:
            shown.append((right.number(row.right, differs=True), right.text(row.right)))
    return _grid(look.width, digits, *shown)


def _grid(width: int, digits: int, *rows: tuple[Text, Text]) -> Table:
    """Numbers and lines in two columns; long lines fold."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=digits + 2, justify="right", no_wrap=True)
    table.add_column(width=max(width - digits - 4, 1), overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _folded(count: int, look: Look) -> RenderableType:
    if not count:
        return Group()
    word = "line" if count == 1 else "lines"
    dots = look.glyphs.ellipsis
    return Text(f"  {dots} {count} unchanged {word} {dots}", "faint")


def _coloured(source: str, language: str, look: Look) -> list[Text]:
    """The lines in syntax colours, each cut to a bound; what is shown keeps its column."""
    code = "\n".join(
        visible(line.text[:_LONGEST]) + look.glyphs.ellipsis * (len(line.text) > _LONGEST)
        for line in diffs.lines(source)
    )
    if len(code) > _COLOURED:
        return [Text(line) for line in code.split("\n")]
    text = Syntax("", language, theme=CODE).highlight(code)
    return list(text.split("\n", allow_blank=True))
