"""What a key sets going outside the session: reset, undo, the editor, the questions of a stage."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import lessons, notes, storage
from nanolab.errors import NanolabError
from nanolab.history import History
from nanolab.loop.screen import terminal_size
from nanolab.session.events import Answered, Restored, Warned
from nanolab.views.look import Look
from nanolab.views.prose import prose

if TYPE_CHECKING:
    from nanolab.course import Course, Exercise, Stage
    from nanolab.workspace import Workspace

_IN_TERMINAL = {
    "ed", "emacs", "helix", "hx", "joe", "kak", "mcedit", "micro", "nano", "ne", "nvim", "pico",
    "vi", "vim",
}  # fmt: skip


def reset(course: Course, workspace: Workspace, exercise: Exercise, now: str) -> Restored:
    """Put an exercise back as shipped; what was there can be brought back.

    Raises:
        NanolabError: If the stub cannot be read or the file not be written.
    """
    stub = workspace.shipped(course, exercise)
    if storage.read(workspace.file(exercise)) == stub:
        return Restored(f"{exercise.name} is as it was shipped.")
    history, label = History(workspace), f"reset {exercise.name}"
    history.replace(exercise, stub, label, now)
    return Restored(
        _told(history, f"{exercise.name} is as shipped again; u brings yours back."),
        ((exercise, hashlib.sha256(stub).hexdigest()),),
        undo=label,
    )


def undo(course: Course, workspace: Workspace, now: str) -> Restored:
    """Take the last reset or restore back.

    Raises:
        NanolabError: If the history cannot be read or a file not be written.
    """
    history = History(workspace)
    undone = history.undo(now)
    if undone is None:
        return Restored(_told(history, "There is nothing to undo."))
    return Restored(_told(history, f"Undone: {undone.label}."), undone.exercises(course))


def _told(history: History, notice: str) -> str:
    """The notice, and what happened to the history if that must be known."""
    return f"{notice} {history.notice}".strip()


def is_in_terminal(editor: str) -> bool:
    """Whether an editor takes the terminal over, rather than a window of its own."""
    return Path(shlex.split(editor)[0]).stem in _IN_TERMINAL


def edit(editor: str, file: Path, *, wait: bool) -> Warned | None:
    """Open a file in the editor; a warning if that cannot be started."""
    command = [*shlex.split(editor), str(file)]
    try:
        if wait:
            subprocess.run(command, check=False)  # noqa: S603 - the learner's own command
        else:
            nothing = subprocess.DEVNULL
            subprocess.Popen(  # noqa: S603 - the learner's own command
                command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
            )
    except OSError as error:
        return Warned(
            f"{command[0]} does not start ({error.strerror}); set $VISUAL to your editor."
        )
    return None


def ask(course: Course, workspace: Workspace, stage: Stage, now: str) -> Answered | None:
    """Put a stage's questions one by one; an empty line skips one, and an answer is kept at once.

    After each comes what the course answers, to compare.

    Returns:
        Whether any was answered; None if the learner left with Ctrl-C or Ctrl-D.
    """
    questions, answers = lessons.questions(course, stage), _answers(course, stage)
    _say(f"Stage {stage.number}, {stage.title}. An empty line skips a question.")
    count = 0
    try:
        for number, question in enumerate(questions, start=1):
            _say(f"{number}. {question}")
            text = input("> ").strip()
            if text:
                notes.add(workspace, text, now, about=stage.name, question=number)
                count += 1
            if number <= len(answers):
                _say(f"The course says: {answers[number - 1]}")
    except (KeyboardInterrupt, EOFError):
        return None
    return Answered(stage, skipped=not count)


def _answers(course: Course, stage: Stage) -> tuple[str, ...]:
    try:
        return lessons.answers(course, stage)
    except NanolabError:
        return ()


def _say(markdown: str) -> None:
    sys.stdout.write(f"\n{prose(markdown, Look(width=terminal_size()[0]))}\n")
    sys.stdout.flush()
