"""The keys: what each does, and when. A key does something if and only if it is offered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nanolab import progress as learner
from nanolab.lessons import HINT_LEVELS
from nanolab.session.events import Ask, CancelRun, Edit, Quit, Reset, Undo
from nanolab.session.moves import Step, go_next, go_to, start, uncovered
from nanolab.session.state import Confirm, Panel, Session

if TYPE_CHECKING:
    from collections.abc import Callable


ANY_KEY = "any key"


@dataclass(frozen=True, slots=True)
class Action:
    """What a key does.

    Attributes:
        keys: Names of the keys, or `ANY_KEY`; the first is shown.
        label: One word for the key line.
        able: Whether it does anything now.
        act: What it does.
    """

    keys: tuple[str, ...]
    label: str
    able: Callable[[Session], bool]
    act: Callable[[Session], Step]


def offered(session: Session) -> tuple[Action, ...]:
    """The actions that a key starts now, in the order in which they are shown."""
    return tuple(action for action in _table(session) if action.able(session))


def _table(session: Session) -> tuple[Action, ...]:
    if session.confirm is not None:
        return CONFIRMING
    if session.plain:
        return tuple(action for action in WORKING if action.keys[0] in "nhrq")
    if session.panel is Panel.WELCOME:
        return WELCOMING
    return WORKING if session.panel is None else READING


def press(session: Session, key: str) -> Step:
    """What a key does: its action if that is offered, else nothing; while asked, it says no."""
    for action in offered(session):
        if key in action.keys or ANY_KEY in action.keys:
            return action.act(session)
    return replace(session, confirm=None), ()


def _switch(session: Session) -> Step:
    return go_to(session, session.shown)


def _back(session: Session) -> Step:
    return replace(session, shown=session.current, hint=0, notice=""), ()


def _run(session: Session) -> Step:
    return start(replace(session, notice=""), session.shown)


def _hint(session: Session) -> Step:
    level = session.hint + 1
    seen = learner.entry(session.progress, session.shown).hints_used
    if level == HINT_LEVELS and seen < HINT_LEVELS:
        return replace(session, confirm=Confirm.HINT), ()
    return _show_hint(session)


def _show_hint(session: Session) -> Step:
    level = session.hint + 1
    progress = learner.with_hint(session.progress, session.shown, level)
    return replace(session, hint=level, progress=progress, confirm=None, notice=""), ()


def _diff(session: Session) -> Step:
    entry = learner.entry(session.progress, session.shown)
    if session.passed or entry.passed or entry.solution_seen:
        return _opened(Panel.DIFF)(session)
    return replace(session, confirm=Confirm.DIFF), ()


def _yes(session: Session) -> Step:
    asked, session = session.confirm, replace(session, confirm=None)
    if asked is Confirm.RESET:
        return session, (Reset(session.shown),)
    if asked is Confirm.HINT:
        return _show_hint(session)
    progress = learner.with_solution_seen(session.progress, session.shown)
    return _opened(Panel.DIFF)(replace(session, progress=progress))


def _no(session: Session) -> Step:
    return replace(session, confirm=None), ()


def _opened(panel: Panel) -> Callable[[Session], Step]:
    return lambda session: (replace(session, panel=panel, page=0, pages=1, notice=""), ())


def _paged(by: int) -> Callable[[Session], Step]:
    return lambda session: (replace(session, page=max(session.page + by, 0)), ())


def _close(session: Session) -> Step:
    return uncovered(session), ()


def _ask(session: Session) -> Step:
    return session, (Ask(session.due),) if session.due else ()


def _ask_reset(session: Session) -> Step:
    return replace(session, confirm=Confirm.RESET), ()


def _quit(session: Session) -> Step:
    return session, (CancelRun(), Quit(0)) if session.running else (Quit(0),)


def _always(_session: Session) -> bool:
    return True


def _more_to_see(session: Session) -> bool:
    """Whether the verdict has output, or more lines than the screen."""
    verdict = session.verdict
    return verdict is not None and (session.cut or bool(verdict.output.strip()))


def _questions(session: Session) -> bool:
    return session.panel is Panel.QUESTIONS


WORKING = (
    Action(("n",), "next", lambda s: s.passed and not s.visiting and s.running is None, go_next),
    Action(("s",), "switch here", lambda s: s.visiting, _switch),
    Action(("b", "esc"), "back", lambda s: s.visiting, _back),
    Action(("h",), "hint", lambda s: s.hint < HINT_LEVELS and not s.passed, _hint),
    Action(("d",), "diff", _always, _diff),
    Action(("t",), "lesson", _always, _opened(Panel.LESSON)),
    Action(("l",), "list", _always, _opened(Panel.LIST)),
    Action(("r",), "run", lambda s: s.running is None, _run),
    Action(("o",), "output", _more_to_see, _opened(Panel.OUTPUT)),
    Action(("e",), "editor", lambda s: s.editor, lambda s: (s, (Edit(s.shown),))),
    Action(("x",), "reset", lambda s: not s.read_only, _ask_reset),
    Action(("u",), "undo", lambda s: bool(s.undo) and not s.read_only, lambda s: (s, (Undo(),))),
    Action(("?",), "help", _always, _opened(Panel.HELP)),
    Action(("q",), "quit", _always, _quit),
)
PAGING = (
    Action((" ", "pagedown", "down", "j"), "more", lambda s: s.page + 1 < s.pages, _paged(1)),
    Action(("b", "pageup", "up", "k"), "back", lambda s: s.page > 0, _paged(-1)),
)
READING = (
    Action(("n",), "answer", _questions, _ask),
    Action(("t",), "lesson", _questions, _opened(Panel.LESSON)),
    *PAGING,
    Action(("q", "esc", "\n"), "close", _always, _close),
)
WELCOMING = (*PAGING, Action((ANY_KEY,), "begin", _always, _close))
CONFIRMING = (
    Action(("y",), "yes", _always, _yes),
    Action(("n", "esc"), "no", _always, _no),
)
