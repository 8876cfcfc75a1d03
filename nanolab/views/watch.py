"""The watch screen, most important last: output, verdict, advice, progress, path, keys.

`picture` gives the parts as renderables; `fit` cuts their lines to a screen. The foot is never
cut; of a verdict the beginning stays (the check's own sentence), of output the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text

from nanolab import diffs
from nanolab import progress as learner
from nanolab.lessons import SLIP_LEVEL
from nanolab.session import Panel, offered
from nanolab.views import plain
from nanolab.views.diff import diff_view
from nanolab.views.lesson import lesson_view
from nanolab.views.place import place
from nanolab.views.prose import prose
from nanolab.views.text import cells
from nanolab.views.verdict import (
    check_line,
    diagnosis_line,
    judgement,
    output_block,
    spaced,
    verdict_view,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from rich.console import RenderableType

    from nanolab.session import Session
    from nanolab.views.look import Look

_ALL = 100_000  # lines: all that the runner kept
_OUTPUT = 12  # lines of output above a verdict
_BAR = 24  # columns of a progress bar, where there is room

_KEYS = (
    ("n", "the next exercise, once this one passes"),
    ("h", "a hint; again: one that says more"),
    ("d", "yours against the solution; before a pass it asks"),
    ("t", "the lesson of this stage"),
    ("l", "all exercises, and where you are"),
    ("r", "run the checks now"),
    ("o", "all of the verdict and the output"),
    ("e", "open the file in your editor"),
    ("x", "put the file back as shipped; asks first"),
    ("u", "take the last reset back"),
    ("q", "quit; also Ctrl-C, which first stops a run"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """What the screen shows besides the session: what the loop has read from files.

    Attributes:
        file: The file of the exercise on the screen.
        hints: The hints of that exercise.
        questions: Those of the stage that waits for its answers.
        lesson: The lesson, if its panel is open.
        mine: The learner's source, if the diff is open.
        solution: The solution, if the diff is open.
    """

    file: Path
    hints: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    lesson: str = ""
    mine: str = ""
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """The parts of the screen, each from above to below; None for what is not there."""

    panel: RenderableType | None
    output: RenderableType | None
    verdict: RenderableType | None
    advice: RenderableType | None
    foot: RenderableType


def picture(session: Session, scene: Scene, look: Look) -> Picture:
    """The parts of the screen for a session."""
    bottom = foot(session, scene, look)
    if session.panel is not None:
        return Picture(_PANELS[session.panel](session, scene, look), None, None, None, bottom)
    if session.running is not None:
        return Picture(None, None, _running(session, look), None, bottom)
    if session.verdict is None:
        return Picture(None, None, Text("Not judged yet: r runs the checks."), None, bottom)
    output = session.verdict.output
    return Picture(
        None,
        output_block(output, look, _OUTPUT) if output.strip() else None,
        judgement(session.verdict, look),
        _advice(session, scene, look),
        bottom,
    )


def fit(
    parts: tuple[list[str], list[str], list[str]], foot: list[str], height: int, more: str
) -> list[str]:
    """Output, verdict, advice and foot in at most `height` lines, an empty one between each two.

    Args:
        parts: Output, verdict and advice.
        foot: Shown whole, if at all possible.
        height: Of the screen.
        more: What stands where lines were left out.
    """
    foot = foot[-height:]
    output, verdict, advice = ([*part, ""] if part else [] for part in parts)
    room = height - len(foot)
    advice = _head(advice, room - min(len(verdict), max(room // 2, 3)), more)
    verdict = _head(verdict, room - len(advice), more)
    room -= len(advice) + len(verdict)
    return [*_tail(output, room), *verdict, *advice, *foot]


def fits(parts: tuple[list[str], ...], foot: list[str], height: int) -> bool:
    """Whether nothing has to be left out."""
    return sum(len(part) + 1 for part in parts if part) + len(foot) <= height


def pages_of(panel: list[str], foot: list[str], height: int) -> int:
    """How many pages a panel takes over the foot."""
    return max(-(-len(panel) // _room(foot, height)), 1)


def page_of(panel: list[str], foot: list[str], height: int, number: int) -> list[str]:
    """Page `number` (from 0) of a panel over the foot."""
    start = number * _room(foot, height)
    lines = [*panel[start : start + _room(foot, height)], "", *foot]
    return lines[-height:]


def _room(foot: list[str], height: int) -> int:
    """Lines of a page: a key line may grow by one when the pages are known."""
    return max(height - len(foot) - 2, 1)


def _tail(lines: list[str], room: int) -> list[str]:
    """The last lines under the first, which is a heading; none if that says too little."""
    if len(lines) <= room:
        return lines
    return [lines[0], *lines[1 - room :]] if room > 2 else []


def _head(lines: list[str], room: int, more: str) -> list[str]:
    if len(lines) <= room:
        return lines
    return [*lines[: max(room - 2, 0)], more, ""][: max(room, 0)]


# Above the foot.


def _running(session: Session, look: Look) -> RenderableType:
    """The checks as they come in."""
    run = session.running
    assert run is not None
    lines = [check_line(check, look) for check in run.checks]
    count = f"{len(run.checks)} of {run.exercise.checks}"
    text = Text(f"{look.glyphs.current} ", "accent")
    text.append(f"Checking {run.exercise.name}: {count}")
    if run.seconds:
        text.append(f", {run.seconds} s of at most {run.exercise.timeout:g} s")
    if not session.warm:
        text.append(f"{look.glyphs.ellipsis} The first time takes a few seconds.", "faint")
    return Group(*lines, text)


def _advice(session: Session, scene: Scene, look: Look) -> RenderableType | None:
    """The slip by name if it is known and asked for, the hint, or what a pass opens."""
    verdict = session.verdict
    blocks: list[RenderableType] = []
    if verdict is not None and verdict.passed:
        return None if session.visiting else _what_next(session, look)
    if verdict is not None and verdict.diagnosis is not None:
        reveal = session.hint >= SLIP_LEVEL
        blocks.append(diagnosis_line(verdict.diagnosis, look, reveal_slip=reveal))
    if 0 < session.hint <= len(scene.hints):
        heading = Text(f"Hint {session.hint} of {len(scene.hints)}", "hint")
        blocks.append(Group(heading, _prose(scene.hints[session.hint - 1], look)))
    return spaced(blocks) if blocks else None


def _what_next(session: Session, look: Look) -> RenderableType:
    text = Text("d compares yours with the solution, ", "faint")
    stage = session.due
    if stage is not None:
        return text.append(f"n brings the questions that close stage {stage.number}.")
    following = learner.next_exercise(session.course, session.progress, session.current)
    if following is None:
        return text.append("n shows what comes next.")
    arrow = look.glyphs.arrow
    return text.append(f"n moves on {arrow} {following.title} ({following.name}).")


def _prose(markdown: str, look: Look) -> Text:
    return Text.from_ansi(prose(markdown, look))


# Panels.


def _welcome(session: Session, _scene: Scene, look: Look) -> RenderableType:
    title = Text(session.course.title, "title")
    return Group(title, Text(), _prose(session.course.welcome, look))


def _lesson(_session: Session, scene: Scene, look: Look) -> RenderableType:
    return lesson_view(scene.lesson, look)


def _list(session: Session, _scene: Scene, look: Look) -> RenderableType:
    stages = session.course.stages
    return Text.from_ansi(plain.list_text(session.course, session.progress, stages, look))


def _diff(session: Session, scene: Scene, look: Look) -> RenderableType:
    mine, solution = scene.mine, scene.solution
    language = session.shown.kind
    return diff_view(diffs.compare(mine, solution), mine, solution, look, language=language)


def _output(session: Session, scene: Scene, look: Look) -> RenderableType:
    if session.verdict is None:
        return Text("Nothing was judged yet.")
    reveal = session.hint >= SLIP_LEVEL
    whole = verdict_view(session.verdict, look, reveal_slip=reveal, output_lines=_ALL)
    advice = _advice(session, scene, look)
    return whole if advice is None else spaced([whole, advice])


def _help(_session: Session, _scene: Scene, look: Look) -> RenderableType:
    text = Text("Save the file: nanolab judges it by itself.\n\n")
    for key, what in _KEYS:
        text.append(f"{key}  ", "key").append(f"{what}\n")
    return Group(text, _prose("`nanolab --help` lists what else there is.", look))


def _questions(session: Session, scene: Scene, look: Look) -> RenderableType:
    stage = session.due
    number = stage.number if stage else 0
    head = Text.assemble(
        (f"{look.glyphs.passed} ", "passed"), (f"Stage {number} is done.", "title")
    )
    listed = "\n\n".join(f"{at}. {text}" for at, text in enumerate(scene.questions, start=1))
    after = "Answering in your own words is what makes it stay. n asks them one by one."
    return Group(head, Text(), _prose(listed, look), Text(), _prose(after, look))


def _final(session: Session, _scene: Scene, look: Look) -> RenderableType:
    coming = [stage for stage in session.course.stages if stage.coming]
    left = [
        one for one in session.course.exercises if not learner.entry(session.progress, one).done
    ]
    if left:
        text = "The rest is still locked; `l` lists it, `nanolab goto NAME` goes anywhere."
        return _prose(text, look)
    if not coming:
        return _prose(session.course.final, look)
    head = Text.assemble(
        (f"{look.glyphs.passed} ", "passed"), ("Everything here is done.", "title")
    )
    lines = [Text(f"{look.glyphs.coming} {one.number:02d} {one.title}", "coming") for one in coming]
    return Group(head, Text(), Text("Still being written:"), *lines)


_PANELS: dict[Panel, Callable[[Session, Scene, Look], RenderableType]] = {
    Panel.WELCOME: _welcome,
    Panel.LESSON: _lesson,
    Panel.LIST: _list,
    Panel.DIFF: _diff,
    Panel.OUTPUT: _output,
    Panel.HELP: _help,
    Panel.QUESTIONS: _questions,
    Panel.FINAL: _final,
}


# The foot.


def foot(session: Session, scene: Scene, look: Look) -> RenderableType:
    """Notice, question, progress, path and keys, as far as they are due."""
    lines: list[RenderableType] = []
    if session.notice:
        lines.append(Text(session.notice, "accent"))
    if session.confirm is not None:
        return Group(*lines, Text(session.confirm.value, "title"), _key_line(session, look))
    if session.visiting:
        lines.append(
            Text(f"You are at {session.current.id}; this is {session.shown.id}.", "accent")
        )
    lines.append(_bar(session, look))
    lines.append(_where(session, scene, look))
    lines.append(_key_line(session, look))
    return Group(*lines)


def _bar(session: Session, look: Look) -> Text:
    """How far the stage is."""
    stage = session.course.stage_of(session.current)
    done = sum(learner.entry(session.progress, one).done for one in stage.exercises)
    label = f"{stage.number:02d} {stage.title} "
    count = f" {done}/{len(stage.exercises)}"
    width = min(_BAR, look.width - cells(label) - cells(count))
    if width < 4:
        return Text(f"{label}{count.strip()}", no_wrap=True, overflow="ellipsis")
    bar = Text.from_ansi(plain.bar(done, len(stage.exercises), width, look))
    return Text.assemble((label, "faint"), bar, count)


def _where(session: Session, scene: Scene, look: Look) -> Text:
    """The exercise and its file, which editors make clickable."""
    path = place(scene.file, look=look)
    title = f"{session.shown.title}  "
    if cells(title) + cells(path.plain) > look.width:
        return path
    return Text.assemble((title, "title"), path)


def _key_line(session: Session, look: Look) -> Text:
    """The keys that do something now, in as many lines as they need."""
    rows: list[Text] = [Text()]
    for key, label in shown_keys(session):
        item = Text.assemble((key, "key"), f" {label}")
        gap = "  " if rows[-1].plain else ""
        if gap and cells(rows[-1].plain + gap + item.plain) > look.width:
            rows.append(Text())
            gap = ""
        rows[-1].append(gap).append_text(item)
    return Text("\n").join(rows)


def shown_keys(session: Session) -> Sequence[tuple[str, str]]:
    """Each key that does something now, as it is written, with its word."""
    names = {" ": "space", "\n": "enter"}
    return [(names.get(one.keys[0], one.keys[0]), one.label) for one in offered(session)]
