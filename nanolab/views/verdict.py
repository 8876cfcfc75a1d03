"""A verdict on the screen: one sentence for every outcome, and the one failure worth reading.

Every text that came from the learner's code is cleaned and drawn as `Text`, never as markup.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from nanolab.verdict import Outcome
from nanolab.views.look import glyph_of, style_of
from nanolab.views.place import place
from nanolab.views.text import around, cells, clean, excerpt, one_line, shared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from nanolab.verdict import Check, Diagnosis, Frame, Verdict
    from nanolab.views.look import Look

_INDENT = 2
_FRAMES = 4
_VALUE_ROWS = 4
_AUTOPSY_LINES = 24
_MESSAGE_LINES = 8
_COMPILER_LINES = 30

_SENTENCES = {
    Outcome.PASSED: "Passed",
    Outcome.FAILED: "Not yet",
    Outcome.UNFINISHED: "Not finished yet",
    Outcome.ERROR: "The checks could not be carried out",
    Outcome.TIMEOUT: "Stopped, because it took too long",
    Outcome.MEMORY: "Stopped, because it used too much memory",
    Outcome.CRASHED: "The run came to an early end",
    Outcome.BROKEN: "Python cannot load this file",  # of a Rust file `_sentence` says more
    Outcome.CANCELLED: "Stopped before the end",
    Outcome.UNAVAILABLE: "This exercise cannot run here yet",
}
_STOPPED = {Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED}  # perhaps after a check had failed


def verdict_view(
    verdict: Verdict, look: Look, *, reveal_slip: bool = False, output_lines: int = 20
) -> RenderableType:
    """All of one verdict: output, the first failure, the count of the rest, the diagnosis.

    Args:
        verdict: What came of the run.
        look: Of the screen it goes to.
        reveal_slip: Whether to name the learner's slip, which counts as a hint of level 2.
        output_lines: How much of the learner's output to show; 0 for none.
    """
    blocks: list[RenderableType] = []
    if output_lines and clean(verdict.output).strip():
        blocks.append(output_block(verdict.output, look, output_lines))
    blocks.append(judgement(verdict, look))
    if verdict.diagnosis is not None and not verdict.passed:
        blocks.append(diagnosis_line(verdict.diagnosis, look, reveal_slip=reveal_slip))
    return spaced(blocks)


def spaced(blocks: list[RenderableType]) -> Group:
    """The blocks with an empty line between each two."""
    parts = [part for block in blocks for part in (Text(), block)]
    return Group(*parts[1:])


def output_block(output: str, look: Look, lines: int = 20) -> RenderableType:
    """What the learner's code printed, head and tail, under a faint rule."""
    part = excerpt(output, lines, ellipsis=look.glyphs.ellipsis)
    text = Text(part.head)
    if part.hidden:
        dots = look.glyphs.ellipsis
        text.append("\n" * bool(part.head) + f"{dots} {part.hidden} more lines {dots}\n", "faint")
        text.append(part.tail)
    return Group(_rule("output", look), text)


def judgement(verdict: Verdict, look: Look) -> RenderableType:
    """What came of the run: the first failing check, and of a run that did not end a sentence."""
    failure = verdict.first_failure
    if verdict.outcome is Outcome.FAILED and failure is not None:
        return spaced([_failure(failure, look), _count(verdict)])
    ended = Group(headline(verdict, look), *_details(verdict, look))
    if verdict.outcome in _STOPPED and failure is not None:
        return spaced([ended, Text("Before that:", "faint"), _failure(failure, look)])
    return ended


def headline(verdict: Verdict, look: Look) -> RenderableType:
    """The verdict as one sentence; if it passed, with how many checks and how fast."""
    sentence = _sentence(verdict)
    text = Text(sentence)
    if verdict.passed:
        every = "the check" if verdict.total == 1 else f"all {verdict.total} checks"
        text.append(f": {every} in {seconds(verdict.seconds)}")
    elif verdict.outcome is Outcome.FAILED:
        text.append(f": {verdict.passed_count} of {verdict.total} checks passed")
    text.append(".").stylize("title", 0, len(sentence))
    if verdict.passed:
        text.stylize("passed")
    return _marked(verdict.outcome, text, look)


def _sentence(verdict: Verdict) -> str:
    if verdict.outcome is Outcome.BROKEN and _is_rust(verdict):
        return "This file does not compile"
    return _SENTENCES[verdict.outcome]


def _is_rust(verdict: Verdict) -> bool:
    return verdict.place is not None and verdict.place.file.endswith(".rs")


def check_line(check: Check, look: Look) -> RenderableType:
    """One check as it comes in: symbol and title."""
    return _marked(check.outcome, Text(one_line(check.title)), look)


def _failure(check: Check, look: Look) -> RenderableType:
    """A failed check: title, message, expected and actual, autopsy, the learner's frames."""
    title = _marked(check.outcome, Text(one_line(check.title), "title"), look)
    inside: list[RenderableType] = []
    if check.message.strip():
        inside.append(_capped(check.message, _MESSAGE_LINES, look))
    if check.expected or check.actual:
        inside.append(_values(check, look))
    if check.autopsy.strip():
        inside.append(_capped(check.autopsy, _AUTOPSY_LINES, look))
    if check.frames:
        inside.append(Group(*(_frame(frame, look) for frame in check.frames[-_FRAMES:])))
    return spaced([title, *(_indented(part) for part in inside)])


def _values(check: Check, look: Look) -> RenderableType:
    """Expected above actual, with what differs between them marked."""
    room = max(look.width - _INDENT - len("expected  "), 8) * _VALUE_ROWS
    expected, actual = clean(check.expected).strip("\n"), clean(check.actual).strip("\n")
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="faint")
    table.add_column(overflow="fold")
    table.add_row("expected", _value(expected, actual, "expected", room, look))
    table.add_row("actual", _value(actual, expected, "actual", room, look))
    return table


def _value(value: str, other: str, style: str, room: int, look: Look) -> Text:
    """A repr in at most `room` columns: where it is cut, the first difference stays."""
    start, end = _differs(value, other)
    text = Text(value or "(nothing)", style)
    if start or end < len(value):
        text.stylize("bold underline", start, end)
    if cells(value) <= room:
        return text
    first = max(start - room // 4, 0)
    before, after = first > 0, first + room < len(value)
    dots = Text(look.glyphs.ellipsis, "faint")
    return Text.assemble(*([dots] * before), text[first : first + room], *([dots] * after))


def _differs(value: str, other: str) -> tuple[int, int]:
    """The span of `value` that `other` does not share, in whole words."""
    start = shared(value, other)
    end = len(value) - shared(value[start:][::-1], other[start:][::-1])
    while start > 0 and value[start - 1].isalnum():
        start -= 1
    while end < len(value) and value[end].isalnum():
        end += 1
    return start, end


def _frame(frame: Frame, look: Look) -> Text:
    """`file:line in function`, and the line of code below it, with a caret where known."""
    text = place(frame.file, frame.line, look=look)
    if frame.function and frame.function != "<module>":
        text = Text.assemble(text, (f" in {clean(frame.function)}", "faint"))
    code = clean(frame.code).expandtabs(1)
    stripped = code.strip()
    if not stripped:
        return text
    caret = frame.column - 1 - (len(code) - len(code.lstrip()))
    pointed = bool(frame.column) and 0 <= caret <= len(stripped)
    room = max(look.width - 6, 8)
    shown, column = around(stripped, caret if pointed else 0, room, look.glyphs.ellipsis)
    text = Text.assemble(text, f"\n    {shown}")
    if pointed:
        text.append(f"\n    {' ' * column}^", "failed")
    return text


def _count(verdict: Verdict) -> RenderableType:
    """`2 of 6 checks passed; 3 more not shown`, the rest of the report in one line."""
    hidden = verdict.total - verdict.passed_count - 1
    more = f"; {hidden} not shown" if hidden > 0 and verdict.outcome is Outcome.FAILED else ""
    done = f"{verdict.passed_count} of {verdict.total} checks passed{more}"
    return _indented(Text(done, "faint"))


def diagnosis_line(diagnosis: Diagnosis, look: Look, *, reveal_slip: bool) -> RenderableType:
    """What slip the code equals; unless revealed, only that it is a known one."""
    slip = f"Your code {one_line(diagnosis.slip).rstrip('.')}."
    known = "This is a slip that nanolab knows by name: the second hint tells it."
    return _hanging(Text(look.glyphs.arrow, "hint"), Text(slip if reveal_slip else known))


def seconds(value: float) -> str:
    """A duration as a learner reads it: `40 ms`, `1.2 s`, `3 min 5 s`."""
    if value < 0.995:
        return f"{value * 1000:.0f} ms"
    if value < 99.95:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s"


def _details(verdict: Verdict, look: Look) -> Iterator[RenderableType]:
    """What stands below the sentence of an outcome that is neither passed nor failed."""
    if verdict.outcome in {Outcome.PASSED, Outcome.FAILED}:
        return
    failure = verdict.first_failure
    frame = verdict.place or (failure.frames[-1] if failure and failure.frames else None)
    if verdict.outcome is Outcome.UNFINISHED:
        yield _indented(_what_to_do(frame, look))
    elif verdict.outcome is Outcome.BROKEN and _is_rust(verdict):
        yield _indented(_beginning(verdict.reason, _COMPILER_LINES, look))
        frame = frame and replace(frame, code="")  # rustc has shown it
    elif verdict.reason.strip():
        yield _indented(_capped(verdict.reason, _MESSAGE_LINES, look))
    elif failure is not None and failure.message.strip():
        yield _indented(_capped(failure.message, _MESSAGE_LINES, look))
    if frame is not None and verdict.outcome is not Outcome.UNFINISHED:
        yield Text()
        yield _indented(_frame(frame, look))
    if verdict.passed_count:
        yield Text()
        yield _count(verdict)


def _what_to_do(frame: Frame | None, look: Look) -> Text:
    if frame is None:
        return Text("Replace the TODO in the file, then save.")
    where = place(frame.file, frame.line, look=look)
    return Text.assemble(f"Replace the TODO at line {frame.line}, then save.\n", where)


def _capped(text: str, lines: int, look: Look) -> Text:
    part = excerpt(text, lines, ellipsis=look.glyphs.ellipsis)
    hidden = f"\n{look.glyphs.ellipsis} {part.hidden} more lines\n" if part.hidden else ""
    return Text(part.head + hidden + part.tail)


def _beginning(text: str, lines: int, look: Look) -> Text:
    """The first lines as they are: a compiler's first error is the one to mend."""
    rows = clean(text).strip("\n").split("\n")
    more = f"\n{look.glyphs.ellipsis} {len(rows) - lines} more lines" if rows[lines:] else ""
    return Text("\n".join(rows[:lines]) + more)


def _marked(outcome: Outcome, text: Text, look: Look) -> RenderableType:
    style = style_of(outcome)
    return _hanging(Text(glyph_of(outcome, look.glyphs), style), text)


def _hanging(symbol: Text, text: Text) -> RenderableType:
    """A text whose further lines begin where the first does, behind the symbol."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_row(symbol, text)
    return table


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (0, 0, 0, _INDENT), expand=False)


def _rule(word: str, look: Look) -> Text:
    """A faint line with a word on it, as wide as the screen."""
    start = f"{look.glyphs.rule * 2} {word} "
    return Text((start + look.glyphs.rule * look.width)[: look.width], "faint", no_wrap=True)
