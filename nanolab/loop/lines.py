"""Watching without a screen: one line per verdict, for a pipe, a task pane or a tiny terminal."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nanolab.loop.screen import rendered
from nanolab.session import Panel
from nanolab.session.events import Judged
from nanolab.views.prose import prose
from nanolab.views.text import one_line
from nanolab.views.verdict import headline

if TYPE_CHECKING:
    from collections.abc import Callable

    from nanolab.session import Session
    from nanolab.session.events import Event
    from nanolab.verdict import Verdict
    from nanolab.views.look import Look
    from nanolab.views.watch import Scene


_WIDE = 1000  # columns: a line is never broken


class Lines:
    """Tells what happens, line by line.

    Args:
        look: Of the stream; its width does not matter, a line is never broken.
        scene: Reads what the session shows from files.
        write: Puts text on the stream.
    """

    def __init__(
        self, look: Look, scene: Callable[[Session], Scene], write: Callable[[str], None]
    ) -> None:
        self._look, self._scene, self._write = look, scene, write

    def open(self) -> None:
        """Nothing to prepare."""

    def tell(self, before: Session, after: Session, event: Event | None) -> None:
        """The lines that an event is worth, if any."""
        if event is None:
            self._begin(after)
        if isinstance(event, Judged) and after.verdicts is not before.verdicts:
            self._say(self._verdict(event.verdict))
        told = isinstance(event, Judged) and event.verdict.passed
        if after.notice and after.notice != before.notice and not told:
            self._say(after.notice)
        if after.confirm and not before.confirm:
            self._say(f"{after.confirm.value} y / n")
        if after.hint > before.hint:
            self._say(prose(self._scene(after).hints[after.hint - 1], self._look))
        if after.current.id != before.current.id:
            self._say(f"{self._look.glyphs.arrow} Next: exercises/{after.current.file}")
        if after.panel is not before.panel:
            self._say(self._ending(after))

    def _begin(self, session: Session) -> None:
        """What is watched, and what there is to say about it."""
        self._say(f"Watching exercises/{session.current.file}: save, and it is judged.")
        if session.notice:
            self._say(session.notice)

    def show(self, session: Session) -> Session:
        """Nothing: what was worth a line has been told."""
        return session

    def forget(self) -> None:
        """Nothing: a line stays where it is."""

    def close(self) -> None:
        """Nothing to put back."""

    def _say(self, text: str) -> None:
        if text:
            self._write(f"{text}\n")

    def _verdict(self, verdict: Verdict) -> str:
        failure = verdict.first_failure
        why = verdict.reason or (failure.message if failure else "")
        look = replace(self._look, width=_WIDE, colour=False)
        head = rendered(headline(verdict, look), look)
        return one_line("\n".join((verdict.exercise, *head, why)))

    def _ending(self, session: Session) -> str:
        if session.panel is Panel.QUESTIONS and session.due is not None:
            number = session.due.number
            return f"Stage {number} is done. `nanolab reflect {number}` opens the next."
        if session.panel is Panel.FINAL:
            return "Everything that is open is done."
        return ""
