"""The screens that must come at once, as plain text: rich alone would cost most of their time.

`list`, `map`, `status`, `hint` and `where`. Each function returns lines joined by
newlines, without a last newline; if `look.colour`, with ANSI-16 styles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanolab import progress as learner
from nanolab.views.prose import prose
from nanolab.views.text import cells, clean, fit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nanolab.course import Course, Exercise, Stage
    from nanolab.progress import Progress
    from nanolab.views.look import Look

_NARROW = 60  # below, what a line can do without is left out
_WIDEST = 100  # beyond, the eye loses the line


def bar(done: int, total: int, width: int, look: Look) -> str:
    """A progress bar of `width` columns: never empty once something is done, full only at the end."""
    full = width * done // total if total else 0
    full = max(full, 1) if done and width else full
    rest = look.glyphs.bar_empty * (width - full)
    return look.paint(look.glyphs.bar_full * full, "passed") + look.paint(rest, "faint")


def list_text(course: Course, progress: Progress, stages: Sequence[Stage], look: Look) -> str:
    """The exercises of `stages` with state and title; the current one is marked."""
    current = learner.current(course, progress)
    width = max((len(one.name) for stage in stages for one in stage.exercises), default=0)
    lines: list[str] = []
    for stage in stages:
        lines.append(_stage_heading(progress, stage, look))
        lines += [
            _exercise_line(progress, one, one == current, width, look) for one in stage.exercises
        ]
    return "\n".join(lines)


def _stage_heading(progress: Progress, stage: Stage, look: Look) -> str:
    count = "coming" if stage.coming else f"{_passed(progress, stage)}/{len(stage.exercises)}"
    right = f"{count}, {stage.minutes} min"
    room = max(min(look.width, _WIDEST) - cells(right) - 1, 1)
    title = fit(f"{stage.number:02d} {stage.title}", room, look.glyphs.ellipsis)
    return f"{look.paint(title, 'faint' if stage.coming else 'title')} {look.paint(right, 'faint')}"


def _exercise_line(
    progress: Progress, exercise: Exercise, current: bool, width: int, look: Look
) -> str:
    glyph, word, style = _exercise_state(progress, exercise, current, look)
    word = word if look.width >= _NARROW else ""
    marker = look.paint(look.glyphs.current, "accent") if current else " "
    name = look.paint(fit(exercise.name, width), "title" if current else style)
    room = max(min(look.width, _WIDEST) - width - 6 - (cells(word) + 1 if word else 0), 0)
    title = fit(exercise.title, room, look.glyphs.ellipsis)
    right = f" {look.paint(word, style)}" if word else ""
    return f"{marker} {look.paint(glyph, style)} {name}  {title}{right}".rstrip()


def _exercise_state(
    progress: Progress, exercise: Exercise, current: bool, look: Look
) -> tuple[str, str, str]:
    entry = learner.entry(progress, exercise)
    if entry.broken:
        return look.glyphs.failed, "fails now", "failed"
    if entry.passed:
        return look.glyphs.passed, "passed", "passed"
    if entry.skipped:
        return look.glyphs.unfinished, "skipped", "unfinished"
    return (
        look.glyphs.unfinished,
        "you are here" if current else "",
        "accent" if current else "faint",
    )


def map_text(course: Course, progress: Progress, look: Look) -> str:
    """All stages, one line each: state, bar, count, minutes."""
    here = learner.current(course, progress).stage
    return "\n".join(
        _map_line(course, progress, stage, stage.name == here, look) for stage in course.stages
    )


def _map_line(course: Course, progress: Progress, stage: Stage, here: bool, look: Look) -> str:
    glyph, word, style = _stage_state(course, progress, stage, look)
    marker = look.paint(look.glyphs.current, "accent") if here else " "
    minutes = f" {stage.minutes:>4} min" if look.width >= _NARROW else ""
    size = 20 if look.width >= _WIDEST else 10 if look.width >= _NARROW else 0
    done = bar(_passed(progress, stage), len(stage.exercises), size, look)
    done = " " * size if stage.coming else done
    optional = " (optional)" if stage.optional else ""
    room = max(min(look.width, _WIDEST) - 4 - size - 2 - 8 - len(minutes), 1)
    title = fit(f"{stage.number:02d} {stage.title}{optional}", room, look.glyphs.ellipsis)
    title = look.paint(title, "title" if here else style) if style != "passed" else title
    right = f"{done} {look.paint(fit(word, 8), style)}{look.paint(minutes, 'faint')}"
    return f"{marker} {look.paint(glyph, style)} {title} {right}".rstrip()


def _stage_state(
    course: Course, progress: Progress, stage: Stage, look: Look
) -> tuple[str, str, str]:
    if stage.coming:
        return look.glyphs.coming, "coming", "coming"
    count = f"{_passed(progress, stage)}/{len(stage.exercises)}"
    if learner.stage_done(progress, stage):
        return look.glyphs.passed, count, "passed"
    if not learner.stage_open(course, progress, stage):
        return look.glyphs.locked, "locked", "faint"
    return look.glyphs.unfinished, count, "accent"


def status_text(
    course: Course, progress: Progress, look: Look, *, update_waits: bool = False
) -> str:
    """Where the learner is, whether an update waits, and the one thing to do next."""
    exercise = learner.current(course, progress)
    stage = course.stage_of(exercise)
    done = sum(learner.entry(progress, one).passed for one in course.exercises)
    total = len(course.exercises)
    size = max(min(look.width - 24, 40), 0)
    rows = [
        ("now", f"{look.paint(exercise.name, 'title')}  {exercise.title}"),
        ("file", look.paint(f"exercises/{exercise.file}", "accent")),
        (
            "stage",
            f"{stage.number:02d} {stage.title}, {_passed(progress, stage)} of {len(stage.exercises)}",
        ),
        ("course", f"{bar(done, total, size, look)} {done} of {total}"),
    ]
    tried = _tried(progress, exercise)
    rows += [("so far", tried)] if tried else []
    if update_waits:
        rows.append(("update", "the course has changed: nanolab update --dry-run"))
    return f"{_rows(rows, look)}\n\n{_next(course, progress, look)}"


def _tried(progress: Progress, exercise: Exercise) -> str:
    entry = learner.entry(progress, exercise)
    said = [_count(entry.attempts, "run")] if entry.attempts else []
    said += [_count(entry.hints_used, "hint")] if entry.hints_used else []
    said += ["passed"] if entry.passed else ["skipped"] if entry.skipped else []
    return ", ".join(said)


def _next(course: Course, progress: Progress, look: Look) -> str:
    """One sentence: what to do next."""
    entry = learner.entry(progress, learner.current(course, progress))
    due = learner.reflection_due(course, progress)
    if not entry.done or entry.broken:
        text = "Edit the file and save: `nanolab watch` judges every save. Stuck? `nanolab hint`."
    elif learner.next_exercise(course, progress, None) is not None:
        text = "This one is done: `nanolab watch`, then `n`, moves on."
    elif due is not None:
        text = f"The questions of this stage are next: `nanolab reflect {due.number}`."
    else:
        text = "Every exercise is done. `nanolab export DIR` writes your package as plain files."
    return prose(text, look)


def hint_text(
    exercise: Exercise, hints: Sequence[str], level: int, look: Look, slip: str = ""
) -> str:
    """The hint of one level (from 1) under a heading, and a word on whether more are left.

    Above it stands the learner's slip, if there is one to name.
    """
    heading = look.paint(f"Hint {level} of {len(hints)}", "hint")
    text = f"{heading}  {look.paint(exercise.id, 'faint')}\n\n{prose(hints[level - 1], look)}"
    if slip:
        arrow = look.paint(look.glyphs.arrow, "hint")
        text = f"{arrow} {prose(f'Your code {slip.rstrip(chr(46))}.', look)}\n\n{text}"
    if level < len(hints):
        text += "\n\n" + look.paint("Ask again: the next one says more.", "faint")
    return text


def where_text(places: Sequence[tuple[str, Path]], look: Look) -> str:
    """Where everything is: a label and a path per line, never cut, so that it can be copied."""
    width = max((cells(label) for label, _ in places), default=0)
    return "\n".join(
        f"{look.paint(fit(label, width), 'faint')}  {clean(str(path))}" for label, path in places
    )


def _rows(rows: Sequence[tuple[str, str]], look: Look) -> str:
    width = max(len(label) for label, _ in rows)
    return "\n".join(f"{look.paint(fit(label, width), 'faint')}  {text}" for label, text in rows)


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _passed(progress: Progress, stage: Stage) -> int:
    return sum(learner.entry(progress, exercise).passed for exercise in stage.exercises)
