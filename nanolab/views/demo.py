"""What a demo gave, on the screen: a drawing put together again, or a race with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.style import Style
from rich.table import Table
from rich.text import Text

from nanolab.views.text import clean
from nanolab.views.verdict import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from nanolab.views.look import Look

_BAR = 30
_FIGURES = 28  # how wide the figures beside a name are


def drawing(pieces: Sequence[tuple[str, str]]) -> Text:
    """The pieces of text that a worker drew, in their styles; control sequences are dropped."""
    text = Text(no_wrap=True, end="")
    for piece, style in pieces:
        text.append(clean(piece), Style.parse(style))
    text.rstrip()
    return text


def race(rows: Sequence[dict[str, Any]], look: Look) -> RenderableType:
    """A line for each contestant: time, how many times the fastest, memory, and a bar.

    Args:
        rows: Each with the fields of `nanolab.demo.Row`.
        look: Its width decides how long the bars are. Where there is too little room for figures,
            bars are left out, and then memory; names and notes break.
    """
    times = [row["seconds"] for row in rows if row["seconds"] is not None]
    fastest, slowest = min(times, default=0.0), max(times, default=0.0)
    names = max((cell_len(clean(row["name"])) for row in rows), default=0)
    room = min(look.width - names - _FIGURES, _BAR)
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "right", "right", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    for row in rows:
        name, note = Text(clean(row["name"]), "title"), Text(clean(row["note"]), "faint")
        if row["seconds"] is None:
            table.add_row(name, "", "", "", note)
            continue
        times_as_long = Text(f"{row['seconds'] / fastest:.1f}x" if fastest else "", "faint")
        length = round(room * row["seconds"] / slowest) if slowest else 0
        bar = Text(look.glyphs.bar_full * max(length, 1) if room > 0 else "", "accent")
        if row["note"]:
            bar = Text.assemble(bar, "  " if bar else "", note)
        memory = _bytes(row["memory"]) if room >= 0 else ""
        table.add_row(name, seconds(row["seconds"]), times_as_long, memory, bar)
    return table


def _bytes(number: int | None) -> str:
    if number is None:
        return ""
    return f"{number / 1e6:.1f} MB"
