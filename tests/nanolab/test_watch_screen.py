"""The watch screen in its states, at three sizes, in colour, without, and in ASCII."""

from dataclasses import replace
from pathlib import Path

import pytest
import screens

from nanolab.loop.screen import Screen, frame
from nanolab.progress import Entry, Progress
from nanolab.session import Confirm, Panel, Run, Session
from nanolab.verdict import Check, Diagnosis, Frame, Outcome, Verdict
from nanolab.views.watch import Scene, fit, page_of, pages_of

SIZES = ((120, 40), (80, 24), (40, 20))
ROOT = Path("/lab")
FILE = ROOT / "exercises/01_numbers/total.py"
HINTS = (
    "How would you add the numbers up on paper? Start with nothing.",
    "A `for` loop visits each number; `+=` lets the result grow.",
    "Two lines:\n\n```python\nfor number in numbers:\n    result += number\n```",
)
QUESTIONS = (
    "Which number is its own double?",
    "Why does a total begin at zero, and what would a product begin at?",
)


def check(number, outcome, **parts):
    return Check(f"test_{number}", f"Total of {number} numbers.", outcome, **parts)


PLACE = Frame(str(FILE), 7, "total", "    return numbers[0]")
FAILED = Verdict(
    "01_numbers/total",
    "exercises",
    Outcome.FAILED,
    (
        check(1, Outcome.PASSED),
        check(
            2,
            Outcome.FAILED,
            message="every number counts, not only the first",
            expected="6",
            actual="1",
            frames=(PLACE,),
        ),
        check(0, Outcome.FAILED, message="no numbers make zero"),
    ),
    total=3,
    output="".join(f"looking at number {number}\n" for number in range(1, 31)),
    diagnosis=Diagnosis("only_first", "looks at the first number only"),
    seconds=0.04,
)
PASSED = replace(
    FAILED,
    outcome=Outcome.PASSED,
    checks=tuple(check(number, Outcome.PASSED) for number in (1, 2, 0)),
    output="",
    diagnosis=None,
)
UNFINISHED = replace(
    PASSED,
    outcome=Outcome.UNFINISHED,
    checks=(check(1, Outcome.UNFINISHED, frames=(replace(PLACE, line=17),)),),
    reason="There is still a NotImplementedError where your code goes.",
)
BROKEN = replace(
    PASSED,
    outcome=Outcome.BROKEN,
    checks=(),
    reason="SyntaxError: '(' was never closed",
    place=replace(PLACE, function="", code="    result = sum(numbers"),
)
TIMEOUT = replace(
    PASSED,
    outcome=Outcome.TIMEOUT,
    checks=(check(1, Outcome.PASSED),),
    reason="It ran for 10 s. Does a loop never end?",
    place=replace(PLACE, code="    while True:"),
)


@pytest.fixture
def session(mini):
    double, total, _ = mini.exercises
    return Session(
        mini,
        Progress(total.id, {double.id: Entry(passed=True)}, {}, welcomed=True),
        current=total,
        shown=total,
        asking=frozenset({"01_numbers"}),
        warm=True,
        editor=True,
    )


def judged(verdict, **changes):
    """What makes the session one that shows this verdict."""

    def change(session):
        return replace(session, verdicts={session.current.id: verdict}, **changes)

    return change


def passed(**changes):
    """What makes the session one with the whole stage passed."""

    def change(session):
        entries = {**session.progress.entries, session.current.id: Entry(passed=True)}
        progress = replace(session.progress, entries=entries)
        return judged(PASSED, progress=progress, **changes)(session)

    return change


def running(session):
    run = Run(2, session.current, checks=(FAILED.checks[0], FAILED.checks[1]), seconds=3)
    return replace(judged(FAILED)(session), running=run)


def visiting(session):
    other = session.course.exercises[0]
    broken = replace(FAILED, exercise=other.id, output="", diagnosis=None)
    notice = "double passed before; now it does not."
    return replace(session, shown=other, verdicts={other.id: broken}, notice=notice)


STATES = {
    "welcome": lambda session: replace(session, panel=Panel.WELCOME),
    "unfinished": judged(UNFINISHED),
    "failed": judged(FAILED),
    "hint": judged(FAILED, hint=2),
    "passed": passed(),
    "broken": judged(BROKEN),
    "timeout": judged(TIMEOUT),
    "running": running,
    "visiting": visiting,
    "confirm": judged(FAILED, confirm=Confirm.RESET),
    "questions": passed(panel=Panel.QUESTIONS),
    "help": judged(FAILED, panel=Panel.HELP),
}


def lines_of(session, size, look, scene=None):
    scene = scene or Scene(FILE, hints=HINTS, questions=QUESTIONS)
    lines, session = frame(session, scene, look, *size)
    return [line.rstrip() for line in lines], session


@pytest.mark.parametrize("mode", screens.MODES)
@pytest.mark.parametrize("state", STATES)
def test_the_screen_looks_like_this(session, state, mode, record_screens):
    drawn = []
    for size in SIZES:
        look = screens.look(mode, size[0], ROOT)
        lines, _ = lines_of(STATES[state](session), size, look)
        assert len(lines) <= size[1]
        drawn.append(f"=== {size[0]}x{size[1]} ===\n" + "\n".join(lines))
    screens.compare(f"watch_{state}_{mode}", "\n".join(drawn) + "\n", record=record_screens)


@pytest.mark.parametrize("rows", range(1, 30))
@pytest.mark.parametrize("state", STATES)
def test_the_screen_fits_and_the_keys_are_always_on_it(session, state, rows):
    lines, _ = lines_of(STATES[state](session), (80, rows), screens.look())

    assert len(lines) <= rows
    assert any(key in lines[-1] for key in ("quit", "close", "no", "begin"))


def test_what_is_left_out_is_the_output_first_and_the_tail_of_the_verdict_next():
    parts, foot = (["o1", "o2", "o3"], ["v1", "v2", "v3"], ["a"]), ["f"]

    def at(height):
        return [line for line in fit(parts, foot, height, "more") if line]

    assert at(12) == ["o1", "o2", "o3", "v1", "v2", "v3", "a", "f"]
    assert at(10) == ["o1", "o3", "v1", "v2", "v3", "a", "f"]
    assert at(8) == ["v1", "v2", "v3", "a", "f"]
    assert at(6) == ["v1", "more", "a", "f"]
    assert at(1) == ["f"]


def test_o_is_on_the_screen_only_where_there_is_more_to_see(session):
    quiet = judged(replace(FAILED, output=""))(session)

    whole, seen = lines_of(quiet, (80, 24), screens.look())
    assert not seen.cut
    assert "o output" not in "\n".join(whole)

    cut, seen = lines_of(quiet, (80, 12), screens.look())
    assert seen.cut
    assert "… o shows all of it" in cut
    assert "o output" in "\n".join(cut)

    assert lines_of(seen, (80, 24), screens.look()) == (whole, quiet)


def test_a_panel_is_cut_into_pages():
    panel, foot = [f"line {number}" for number in range(10)], ["keys"]

    assert pages_of(panel, foot, 7) == 3
    assert page_of(panel, foot, 7, 2) == ["line 8", "line 9", "", "keys"]


def test_text_of_the_learner_is_neither_markup_nor_a_control_sequence(session):
    hostile = replace(FAILED, output="[/INST] x[b] \x1b[2J\x1b]0;title\x07 end\n")

    lines, _ = lines_of(judged(hostile)(session), (80, 40), screens.look())

    assert "[/INST] x[b]  end" in lines


@pytest.fixture
def terminal():
    """A screen that writes into a list, and that list."""
    written = []
    scene = Scene(FILE, hints=HINTS, questions=QUESTIONS)
    return Screen(screens.look(), lambda _: scene, written.append, lambda: (80, 24)), written


def test_what_has_not_changed_is_not_drawn_again(session, terminal):
    screen, written = terminal
    for _ in range(3):
        screen.show(judged(FAILED)(session))
    assert len(written) == 1

    screen.forget()
    screen.show(judged(FAILED)(session))

    assert len(written) == 2


def test_the_scrollback_is_never_purged(session, terminal):
    screen, written = terminal
    screen.open()
    screen.show(session)
    screen.close()

    text = "".join(written)
    assert text.startswith("\n" * 24)  # what was there moves up
    assert "\x1b[3J" not in text
    assert "\x1b[?1049h" not in text


def test_a_panel_comes_back_with_a_page_that_exists(session, terminal):
    screen, _ = terminal

    shown = screen.show(replace(session, panel=Panel.LIST, page=7))

    assert (shown.page, shown.pages) == (0, 1)
