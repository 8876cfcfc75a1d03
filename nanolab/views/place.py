"""Where something stands: `exercises/05_gpt/rotary.py:12`, clickable where links are on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from nanolab.views.text import clean

if TYPE_CHECKING:
    from nanolab.views.look import Look


def place(file: str | Path, line: int = 0, *, look: Look, style: str = "accent") -> Text:
    """The path (relative to the look's root), with `:line` unless that is 0, as one word.

    Links are OSC-8 only when the look asks for them; editors find bare paths by themselves.
    """
    path = Path(file)
    text = Text(clean(look.shown(path)) + (f":{line}" if line else ""), style)
    absolute = path if path.is_absolute() or look.root is None else look.root / path
    if look.links and absolute.is_absolute():
        text.stylize(Style(link=absolute.as_uri()))
    return text
