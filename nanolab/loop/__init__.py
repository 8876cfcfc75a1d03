"""The learner's loop: `watch` judges every save and shows what came of it, until the learner quits.

`hops` has the loop itself; `screen`, `lines` and `ndjson` are its three faces.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from nanolab import lessons, storage, update
from nanolab import progress as learner
from nanolab.errors import CourseError, NanolabError
from nanolab.loop.hops import Loop
from nanolab.loop.lines import Lines
from nanolab.loop.ndjson import Ndjson
from nanolab.loop.scenes import Scenes
from nanolab.loop.screen import Screen, terminal_size
from nanolab.session import Session
from nanolab.views.look import Look, glyphs_for

if TYPE_CHECKING:
    from nanolab.config import Config
    from nanolab.course import Course, Stage
    from nanolab.loop.hops import Face, Judge
    from nanolab.workspace import Workspace

SMALLEST = (40, 10)  # columns and rows of a terminal that a screen fits on


def watch(  # noqa: PLR0913 - one for each option of the command
    course: Course,
    workspace: Workspace,
    config: Config,
    *,
    runner: Judge,
    name: str = "",
    manual: bool = False,
    plain: bool = False,
    json: bool = False,
    look: Look | None = None,
) -> int:
    """Judge every save until the learner quits.

    Args:
        course: The course.
        workspace: Where the learner's files are.
        config: For `advance` and `editor`.
        runner: Judges; whoever made it closes it.
        name: The exercise to go to; empty for where the learner was.
        manual: Whether only the key judges.
        plain: One line per verdict, even on a terminal.
        json: One JSON object per event; `ndjson` says which.
        look: Of stdout; without, it has no colour.

    Returns:
        The exit code: 0, or 130, 143, 129 after Ctrl-C, SIGTERM, SIGHUP.

    Raises:
        NanolabError: If the workspace cannot be used (with `json`: its exit code instead).
    """
    look = look or Look(glyphs=glyphs_for(sys.stdout.encoding or "ascii"), root=workspace.root)
    scenes = Scenes(course, workspace)
    screen = not (plain or json) and _fits_a_screen()
    face: Face
    if json:
        face = Ndjson(workspace.file, _write)
    elif screen:
        face = Screen(look, scenes, _write, terminal_size)
    else:
        face = Lines(look, scenes, _write)
    try:
        workspace.make_directory(workspace.state)
        lock = storage.Lock(workspace.lock_file)
        alone = lock.acquire()
        try:
            session = opening(course, workspace, config, name, 0 if alone else lock.owner)
            auto = session.auto or not screen
            session = replace(session, manual=manual, auto=auto, plain=not screen)
            session = replace(session, keyboard=sys.stdin.isatty())
            return Loop(course, workspace, runner, face, config.editor).run(session)
        finally:
            lock.release()
    except NanolabError as error:
        if not isinstance(face, Ndjson):
            raise
        face.fail(error)
        return error.exit_code


def opening(
    course: Course, workspace: Workspace, config: Config, name: str = "", other: int = 0
) -> Session:
    """The session before the first event: where the learner was, or wants to be.

    Args:
        course: The course.
        workspace: Has the progress.
        config: For `advance`, `editor`, and warnings about itself.
        name: The exercise to go to; empty for where the learner was.
        other: Pid of the watch that keeps the progress in our place; 0 if none does.

    Raises:
        NanolabError: If the progress cannot be read, or no exercise has that name.
    """
    progress, note = learner.load(workspace, course)
    exercise = course.find(name) if name else learner.current(course, progress)
    if other:
        note = f"Another watch (process {other}) keeps the progress; this one only looks."
    return Session(
        course=course,
        progress=learner.with_current(progress, exercise),
        current=exercise,
        shown=exercise,
        asking=frozenset(stage.name for stage in course.stages if _asks(course, stage)),
        notice=note or " ".join(config.warnings) or _update_notice(course, workspace),
        auto=config.advance == "auto",
        read_only=bool(other),
        editor=bool(config.editor),
    )


def _update_notice(course: Course, workspace: Workspace) -> str:
    try:
        waits = update.waiting(workspace, course)
    except NanolabError:
        return ""
    return "The course has changed: nanolab update brings it here, your edits stay." * waits


def _asks(course: Course, stage: Stage) -> bool:
    try:
        return not stage.coming and bool(lessons.questions(course, stage))
    except CourseError:
        return False


def _fits_a_screen() -> bool:
    """Whether somebody sits before a terminal that is large enough to draw on."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        return False
    columns, rows = terminal_size()
    return columns >= SMALLEST[0] and rows >= SMALLEST[1]


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
