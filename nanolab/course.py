"""The course as values: stages, exercises, and the one rule that turns a name into paths.

A name gives every path (`Course.stub`, `.solution`, `.check`, …); no path is written down
anywhere else. `manifest.load` makes a `Course` from `info.toml`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from nanolab.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SUFFIXES = {"python": ".py", "rust": ".rs"}  # by kind of exercise

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Exercise:
    """One file with TODOs.

    Attributes:
        stage: Name of its stage, `05_gpt`.
        name: Short name, `rotary`; unique in its stage.
        title: What it is about, a few words.
        checks: How many checks a complete report holds.
        upstream: What it re-implements, each as `nanochat/gpt.py::apply_rotary_emb`.
        kind: `python` or `rust`: the language of its file.
        timeout: Wall-clock limit of one run, in seconds.
        needs: Names in the course's `needs` table, without which it cannot be judged.
        aliases: Earlier ids, so that progress survives a rename.
        assembled: Whether it is judged together with the learner's other passed files, where all
            others are judged among solutions.
    """

    stage: str
    name: str
    title: str
    checks: int
    upstream: tuple[str, ...] = ()
    kind: str = "python"
    timeout: float = 10.0
    needs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    assembled: bool = False

    @property
    def id(self) -> str:
        """`05_gpt/rotary`: stable, never reused."""
        return f"{self.stage}/{self.name}"

    @property
    def file(self) -> str:
        """`05_gpt/rotary.py`: its file, in whatever tree."""
        return f"{self.id}{SUFFIXES[self.kind]}"


@dataclass(frozen=True, slots=True)
class Stage:
    """One folder of exercises with a lesson and questions.

    Attributes:
        name: `05_gpt`: two digits, then the slug.
        title: As a heading.
        goal: One sentence: what the learner can do afterwards.
        minutes: Honest estimate for a learner.
        requires: Names of the stages to pass first.
        optional: Whether later stages open without it.
        preload: Modules that the worker imports before the first run.
        exercises: In order; empty while the stage is still being written ("coming").
    """

    name: str
    title: str
    goal: str
    minutes: int
    requires: tuple[str, ...] = ()
    optional: bool = False
    preload: tuple[str, ...] = ()
    exercises: tuple[Exercise, ...] = ()

    @property
    def number(self) -> int:
        """Position in the course, from 1."""
        return int(self.name[:2])

    @property
    def slug(self) -> str:
        """The name without its number: `gpt`, also the name of its module."""
        return self.name[3:]

    @property
    def coming(self) -> bool:
        """Whether the stage has no exercises yet; it then blocks nobody."""
        return not self.exercises


@dataclass(frozen=True, slots=True)
class Need:
    """Something outside the course that an exercise cannot do without.

    Attributes:
        name: As exercises refer to it: `torch`.
        module: Python module that must be importable, or empty.
        program: Program that must be on the PATH, or empty.
        cure: The command line that gets it.
    """

    name: str
    module: str
    program: str
    cure: str


@dataclass(frozen=True, slots=True)
class Course:
    """All stages, and where their files lie.

    Attributes:
        root: Folder of `info.toml`, `exercises/`, `solutions/` and `tests/stages/`.
        package: Name of the package that the exercises add up to: `nanochat`.
        repo: Upstream's repository, `karpathy/nanochat`.
        commit: Upstream's pinned commit.
        welcome: Shown once, when a workspace is new.
        final: Shown after the last stage.
    """

    root: Path
    title: str
    package: str
    repo: str
    commit: str
    welcome: str
    final: str
    stages: tuple[Stage, ...]
    needs: tuple[Need, ...] = ()

    @property
    def exercises(self) -> tuple[Exercise, ...]:
        """Every exercise, in course order."""
        return tuple(exercise for stage in self.stages for exercise in stage.exercises)

    def stage_of(self, exercise: Exercise) -> Stage:
        """The stage that an exercise belongs to."""
        return next(stage for stage in self.stages if stage.name == exercise.stage)

    def exercise(self, id: str) -> Exercise | None:  # noqa: A002 - the field's word
        """The exercise of exactly this id or alias, if there is one."""
        for exercise in self.exercises:
            if id == exercise.id or id in exercise.aliases:
                return exercise
        return None

    def find_stage(self, name: str) -> Stage:
        """The stage called `name`: a number (`5`, `05`), full name, slug or unique prefix.

        Raises:
            UnknownNameError: If none or several answer to it; it carries near misses.
        """
        wanted = name.strip().rstrip("/").lower()
        if wanted.isdigit():
            matches = [stage for stage in self.stages if stage.number == int(wanted)]
        else:
            matches = _best(wanted, [(stage, (stage.name, stage.slug)) for stage in self.stages])
        if len(matches) == 1:
            return matches[0]
        candidates = [stage.name for stage in matches or self.stages]
        raise UnknownNameError(name, _near(wanted, candidates, ambiguous=bool(matches)))

    def find(self, name: str) -> Exercise:
        """The exercise called `name`: an id, alias, short name, unique prefix, or a path to it.

        `1/hello` and `welcome/hello` work too.

        Raises:
            UnknownNameError: If none or several answer to it; it carries near misses.
        """
        wanted = re.sub(r"\.(py|rs)$", "", name.strip().replace("\\", "/").lower())
        wanted = "/".join(wanted.split("/")[-2:])
        pool = self.exercises
        stage_part, slash, short = wanted.rpartition("/")
        if slash and stage_part not in {"", ".", "exercises"}:
            known = self.exercise(wanted)
            if known is not None:
                return known
            stage = self.find_stage(stage_part)
            pool, wanted = stage.exercises, short
        else:
            wanted = short
        matches = _best(wanted, [(one, (one.id, one.name, *one.aliases)) for one in pool])
        if len(matches) == 1:
            return matches[0]
        near = _near(wanted, [one.id for one in matches or pool], ambiguous=bool(matches))
        raise UnknownNameError(name, near)

    def select(self, names: Sequence[str]) -> tuple[Exercise, ...]:
        """The exercises that `names` stand for, in course order; a stage stands for all of its.

        Raises:
            UnknownNameError: For the first name that is neither a stage nor an exercise.
        """
        chosen = {exercise.id for name in names for exercise in self._one_or_stage(name)}
        return tuple(exercise for exercise in self.exercises if exercise.id in chosen)

    def _one_or_stage(self, name: str) -> tuple[Exercise, ...]:
        try:
            return self.find_stage(name).exercises
        except UnknownNameError as no_stage:
            try:
                return (self.find(name),)
            except UnknownNameError as no_exercise:
                raise (no_exercise if no_exercise.near else no_stage) from None

    def after(self, exercise: Exercise) -> Exercise | None:
        """The next exercise in course order, or None after the last."""
        ids = [one.id for one in self.exercises]
        position = ids.index(exercise.id) + 1
        return self.exercises[position] if position < len(ids) else None

    # A name gives every path.

    def stub(self, exercise: Exercise) -> Path:
        """The exercise as shipped."""
        return self.root / "exercises" / exercise.file

    def solution(self, exercise: Exercise) -> Path:
        """The reference answer."""
        return self.root / "solutions" / exercise.file

    def check(self, exercise: Exercise) -> Path:
        """The pytest module that judges the exercise."""
        return self.root / "tests" / "stages" / exercise.stage / f"test_{exercise.name}.py"

    def wrongs(self, exercise: Exercise) -> Path:
        """The module with the named wrong answers."""
        return self.root / "tests" / "stages" / exercise.stage / f"wrong_{exercise.name}.py"

    def demo(self, exercise: Exercise) -> Path:
        """The module behind `nanolab show` and `nanolab bench`; most exercises have none."""
        return self.root / "tests" / "stages" / exercise.stage / f"demo_{exercise.name}.py"

    def lesson(self, stage: Stage) -> Path:
        """The stage's lesson, which ends with its questions."""
        return self.root / "exercises" / stage.name / "README.md"

    def hints(self, stage: Stage) -> Path:
        """Three hints for each exercise of the stage."""
        return self.root / "solutions" / stage.name / "hints.md"

    def answers(self, stage: Stage) -> Path:
        """Answers to the stage's questions, and the common errors."""
        return self.root / "solutions" / stage.name / "answers.md"


def _best(wanted: str, pool: list[tuple[T, tuple[str, ...]]]) -> list[T]:
    """Those of which a name equals `wanted`; failing that, those of which a name begins with it."""
    equal = [value for value, names in pool if wanted in names]
    if equal or not wanted:
        return equal
    return [value for value, names in pool if any(name.startswith(wanted) for name in names)]


def _near(wanted: str, names: Sequence[str], *, ambiguous: bool) -> tuple[str, ...]:
    """Up to three names that may have been meant."""
    if ambiguous:
        return tuple(names[:3])
    by_word = {
        part: name for name in names for part in (name, *re.split(r"[/]|^\d+_", name)) if part
    }
    import difflib  # only for near misses

    close = difflib.get_close_matches(wanted, by_word, n=3, cutoff=0.55)
    return tuple(dict.fromkeys(by_word[word] for word in close))
