"""Names for the shell's completion: the front door answers for them without typer.

Typer's completion scripts call nanolab with `_NANOLAB_COMPLETE` and the words typed so far in the
environment. Commands and options are typer's to complete; names of stages and exercises, which
are completed most, need only the course, and in a workspace only what was kept of it.
"""

from __future__ import annotations

import sys

from nanolab.cli.recall import Recall

TYPE_CHECKING = False  # `typing` itself takes as long as all of this
if TYPE_CHECKING:
    from collections.abc import Mapping

_STAGE_COMMANDS = {"list", "read", "reflect"}
_EXERCISE_COMMANDS = {
    "diff", "goto", "hint", "history", "reset", "restore", "run", "skip", "verify", "watch",
}  # fmt: skip


def offer_names(environment: Mapping[str, str]) -> bool:
    """Print the names that complete the last word, if that word is one for a name.

    Returns:
        Whether it was; if not, typer has to answer.
    """
    words = _words(environment)
    if len(words) < 2 or words[-1].startswith("-") or words[-2].startswith("-"):
        return False
    command, incomplete = words[0], words[-1]
    if command in _STAGE_COMMANDS:
        names = stage_names(incomplete)
    elif command in _EXERCISE_COMMANDS:
        names = exercise_names(incomplete)
    else:
        return False
    sys.stdout.write("".join(f"{name}\n" for name in names))
    return True


def _words(environment: Mapping[str, str]) -> list[str]:
    """The words after `nanolab`, the one under the cursor last; empty for a shell but bash."""
    if environment.get("_NANOLAB_COMPLETE") != "complete_bash":
        return []
    words = environment.get("COMP_WORDS", "").split()
    position = int(environment.get("COMP_CWORD", "0"))
    return [*words[1:position], words[position] if position < len(words) else ""]


def exercise_names(incomplete: str = "") -> list[str]:
    """Short names and ids of exercises that begin with `incomplete`; none if there is no course."""
    _, exercises = _course_names()
    short = [id_.partition("/")[2] for id_ in exercises]
    # An id only once the learner has begun to write one: short names are nicer.
    return _beginning(short, incomplete) or _beginning(exercises, incomplete)


def stage_names(incomplete: str = "") -> list[str]:
    """Names of stages that begin with `incomplete`; none if there is no course."""
    return _beginning(_course_names()[0], incomplete)


def _beginning(names: list[str], start: str) -> list[str]:
    return list(dict.fromkeys(name for name in names if name.startswith(start)))


def _course_names() -> tuple[list[str], list[str]]:
    """Names of the stages, and ids of the exercises."""
    recall = Recall(["names"])
    known = recall.answer()
    if known is None:
        recall.watch()
        known = _read_names()
        recall.keep(known)
    stages, _, exercises = known.partition("\n")
    return stages.split(), exercises.split()


def _read_names() -> str:
    from nanolab import manifest
    from nanolab.errors import NanolabError

    try:
        course = manifest.load()
    except NanolabError:
        return ""
    stages = " ".join(stage.name for stage in course.stages)
    return stages + "\n" + " ".join(exercise.id for exercise in course.exercises)
