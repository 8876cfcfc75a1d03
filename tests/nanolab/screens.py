"""Golden screens: a renderable drawn in memory and compared with the text in `golden/`.

`pytest --record-screens` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from nanolab.views.look import ASCII, UNICODE, Look
from nanolab.views.theme import THEME

GOLDEN = Path(__file__).parent / "golden"

COLOUR = Look(glyphs=UNICODE, colour=True)
NO_COLOUR = Look(glyphs=UNICODE)
IN_ASCII = Look(glyphs=ASCII)
MODES = {"colour": COLOUR, "no_color": NO_COLOUR, "ascii": IN_ASCII}

_LINK_ID = re.compile(r"\x1b\]8;id=[^;]*;")


def look(mode: str = "no_color", width: int = 80, root: Path | None = None) -> Look:
    """The look of a mode (`colour`, `no_color`, `ascii`) at a width."""
    return replace(MODES[mode], width=width, root=root)


def draw(renderable, look: Look) -> str:
    """What a terminal of this look receives; trailing spaces and the random ids of links removed.

    Plain text (`views.plain`) is taken as it is.
    """
    if isinstance(renderable, str):
        return renderable + "\n"
    console = Console(
        file=io.StringIO(),
        theme=THEME,
        width=look.width,
        force_terminal=look.colour,
        color_system="standard" if look.colour else None,
        no_color=not look.colour,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(renderable)
    text = _LINK_ID.sub("\x1b]8;;", console.file.getvalue())
    return "".join(f"{line.rstrip()}\n" for line in text.split("\n")[:-1])


def at_widths(make, mode: str, root: Path | None = None, widths=(120, 80, 40)) -> str:
    """What `make(look)` draws in a mode at several widths, one below the other."""
    screens = []
    for width in widths:
        one = look(mode, width, root)
        screens.append(f"=== {width} columns ===\n{draw(make(one), one)}")
    return "\n".join(screens)


def compare(name: str, text: str, *, record: bool) -> None:
    """Require `text` to be what `golden/NAME.txt` holds; escape characters are written `␛`."""
    path = GOLDEN / f"{name}.txt"
    shown = text.replace("\x1b", "␛")
    if record:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert path.exists(), f"{path} is not recorded yet: pytest --record-screens"
    assert shown == path.read_text(encoding="utf-8"), f"{name} changed; pytest --record-screens"
