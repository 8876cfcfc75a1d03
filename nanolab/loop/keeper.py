"""What the loop keeps on disk: the progress, beside what other processes write, and the history."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from nanolab import progress as learner
from nanolab.history import History
from nanolab.session.events import Learned, Warned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import TypeVar

    from nanolab.course import Course, Exercise
    from nanolab.progress import Progress
    from nanolab.session.events import Event
    from nanolab.verdict import Verdict
    from nanolab.workspace import Workspace

    V = TypeVar("V")


class Keeper:
    """Writes what has changed, and reads what others have changed.

    Args:
        course: The course.
        workspace: Where it is kept.
        read_only: Whether nothing is written, because another watch does that.
    """

    def __init__(self, course: Course, workspace: Workspace, *, read_only: bool) -> None:
        self._course, self._workspace, self._read_only = course, workspace, read_only
        self._kept, _ = learner.load(workspace, course)

    def keep(self, mine: Progress) -> Iterator[Event]:
        """Write the progress; tells what others had changed in the meantime.

        Raises:
            NanolabError: If it cannot be written; it will be with the next change.
        """
        base = self._kept
        if self._read_only or mine == base:
            return
        self._kept, note = learner.update(
            self._workspace, self._course, lambda theirs: merged(base, mine, theirs)
        )
        if note:
            yield Warned(note)
        if self._kept != mine:
            yield Learned(self._kept)

    def news(self, mine: Progress) -> Iterator[Event]:
        """What the progress file has that was not written from here.

        Raises:
            NanolabError: If it cannot be read.
        """
        base = self._kept
        self._kept, note = learner.load(self._workspace, self._course)
        if note:
            yield Warned(note)
        if self._kept != base:
            yield Learned(merged(base, mine, self._kept))

    def record(
        self, exercise: Exercise, verdict: Verdict, source: bytes, now: str
    ) -> Iterator[Event]:
        """Keep the tested version in the history; tells if that had to be started anew.

        Args:
            exercise: What was judged.
            verdict: What came of it.
            source: What the file held when the run began; not kept if it is not what was judged.
            now: The time.

        Raises:
            NanolabError: If the history cannot be written.
        """
        if not self._read_only and hashlib.sha256(source).hexdigest() == verdict.sha256:
            note = f"{verdict.outcome}, {verdict.passed_count} of {verdict.total} checks"
            history = History(self._workspace)
            history.record(exercise, source, note, now)
            slip = verdict.diagnosis.slip if verdict.diagnosis else ""
            self._workspace.keep_slip(exercise, verdict.sha256, slip)
            if history.notice:
                yield Warned(history.notice)


def merged(base: Progress, mine: Progress, theirs: Progress) -> Progress:
    """What two have made of `base`; where both changed the same thing, `mine` stays."""
    return replace(
        theirs,
        current=theirs.current if mine.current == base.current else mine.current,
        entries={**theirs.entries, **_changed(base.entries, mine.entries)},
        reflections={**theirs.reflections, **_changed(base.reflections, mine.reflections)},
        welcomed=mine.welcomed or theirs.welcomed,
    )


def _changed(base: Mapping[str, V], mine: Mapping[str, V]) -> dict[str, V]:
    return {key: value for key, value in mine.items() if base.get(key) != value}
