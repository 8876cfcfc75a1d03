"""The watch screen on a terminal: drawn in place, only on change, the scrollback left alone."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.console import Console

from nanolab.session import at_page
from nanolab.views import watch
from nanolab.views.theme import THEME

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from nanolab.session import Session
    from nanolab.session.events import Event
    from nanolab.views.look import Look
    from nanolab.views.watch import Scene

# Between these a terminal that can shows nothing; without automatic line breaks, so that a
# character of doubtful width cannot push the screen down.
_BEGIN, _END = "\x1b[?2026h\x1b[?7l", "\x1b[?7h\x1b[?2026l"
_HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """The full screen; draws a session and knows how many pages its panel has.

    Args:
        look: Of the terminal; its width is looked up anew for each drawing.
        scene: Reads what the session shows from files.
        write: Puts text on the terminal.
        size: Columns and rows of the terminal.
    """

    def __init__(
        self,
        look: Look,
        scene: Callable[[Session], Scene],
        write: Callable[[str], None],
        size: Callable[[], tuple[int, int]],
    ) -> None:
        self._look, self._scene, self._write, self._size = look, scene, write, size
        self._drawn: list[str] | None = None

    def open(self) -> None:
        """Make room: what is on the terminal moves up into its scrollback."""
        self._write("\n" * self._size()[1])

    def tell(self, before: Session, after: Session, event: Event | None) -> None:
        """Nothing: a screen shows what is, not what happened."""

    def show(self, session: Session) -> Session:
        """Draw the session, if that changes anything; its page is then one that exists."""
        lines, session = frame(session, self._scene(session), self._look, *self._size())
        if lines != self._drawn:
            rows = "\r\n".join(_CLEAR_LINE + line for line in lines)
            self._write(f"{_BEGIN}{_HOME}{rows}{_CLEAR_BELOW}{_END}")
            self._drawn = lines
        return session

    def forget(self) -> None:
        """Draw the whole screen next time: somebody else has written on it."""
        self._drawn = None

    def close(self) -> None:
        """Leave the cursor below what is shown."""
        if self._drawn is not None:
            self._write("\r\n")


def frame(
    session: Session, scene: Scene, look: Look, columns: int, rows: int
) -> tuple[list[str], Session]:
    """The lines of the screen, and the session with what only the screen knows: page and cut."""
    look, session = replace(look, width=columns), replace(session, cut=False)
    parts = watch.picture(session, scene, look)
    foot = rendered(parts.foot, look)
    if parts.panel is not None:
        panel = rendered(parts.panel, look)
        session = at_page(session, watch.pages_of(panel, foot, rows))
        foot = rendered(watch.foot(session, scene, look), look)  # its keys depend on the page
        return watch.page_of(panel, foot, rows, session.page), session
    body = (
        rendered(parts.output, look),
        rendered(parts.verdict, look),
        rendered(parts.advice, look),
    )
    more = look.glyphs.ellipsis
    if session.running is None and not watch.fits(body, foot, rows):
        session, more = replace(session, cut=True), f"{more} o shows all of it"
        foot = rendered(watch.foot(session, scene, look), look)  # has `o` now
    return watch.fit(body, foot, rows, look.paint(more, "faint")), session


def rendered(part: RenderableType | None, look: Look) -> list[str]:
    """A part as lines of text, with escape sequences if the look has colour."""
    if part is None:
        return []
    console = _console(look)
    with console.capture() as captured:
        console.print(part)
    return captured.get().removesuffix("\n").split("\n")


@lru_cache(maxsize=4)
def _console(look: Look) -> Console:
    """A console in memory; making one takes longer than drawing a line."""
    return Console(
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


def terminal_size() -> tuple[int, int]:
    """Columns and rows of the terminal; the usual ones where it does not say."""
    try:
        columns, rows = os.get_terminal_size()
    except OSError:
        return 80, 24
    return columns or 80, rows or 24
