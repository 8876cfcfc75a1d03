"""From a save to the painted verdict, through a real terminal, beside a cold pytest.

`nanolab watch` runs in a pseudo-terminal of 120 x 40. A save writes the exercise; the clock stops
when the bytes arrive that put the verdict on the screen. Saves that pass and saves that fail take
turns, and every few saves the same check runs once in a cold `python -m pytest`. T is the check's
own time: imports, tests and nothing else, in a process that has run it before.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import figures
from terminal import Terminal

from nanolab import assembly, manifest

if TYPE_CHECKING:
    from nanolab.course import Course, Exercise

REPOSITORY = Path(__file__).parent.parent
PASSED, FAILED = "Passed: all", "expected  "  # what only a whole verdict has on the screen
OWN_TIME = Path(__file__).parent / "own_time.py"


@dataclass
class Subject:
    """An exercise to save, over and over.

    Attributes:
        exercise: What is saved.
        course: The course it belongs to.
        slip: The edit of the solution that makes its check fail.
        timings: For each row of the table, seconds.
    """

    exercise: Exercise
    course: Course
    slip: tuple[str, str]
    timings: dict[str, list[float]] = field(default_factory=dict)

    def source(self, *, right: bool, number: int) -> str:
        """A file that passes or fails, different for each number."""
        solution = self.course.solution(self.exercise).read_text(encoding="utf-8")
        text = solution if right else solution.replace(*self.slip)
        return f"{text}\n# save {number}\n"

    def note(self, name: str, seconds: float) -> None:
        """Keep a timing."""
        self.timings.setdefault(name, []).append(seconds)


def main() -> None:
    """Measure, and print a table for each exercise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("hello", "attention"), help="one of the exercises")
    parser.add_argument("--saves", type=int, default=50)
    parser.add_argument("--cold", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    for subject in subjects():
        if options.only not in {None, subject.exercise.name}:
            continue
        with tempfile.TemporaryDirectory() as folder:
            measure(subject, Path(folder), options.saves, options.cold)
        title = f"{subject.exercise.id}; ratio: how many of it a cold pytest takes"
        figures.show(title, rows(subject.timings), as_json=options.json)


def rows(timings: dict[str, list[float]]) -> list[figures.Row]:
    """A line for each timing, compared with the cold pytest of the same kind of save."""
    found = []
    for name, seconds in sorted(timings.items()):
        cold = timings[f"cold pytest, {name.rpartition(', ')[2]}"]
        found.append(figures.row(name, seconds, figures.ratio(cold, seconds)))
    return found


def subjects() -> list[Subject]:
    """An exercise without torch, and one with."""
    plain = manifest.load(REPOSITORY)
    torch = manifest.load(REPOSITORY / "benchmarks" / "course")
    return [
        Subject(plain.find("01_welcome/hello"), plain, ('return f"', 'return f"not ')),
        Subject(torch.find("attention"), torch, (" / math.sqrt(D)", "")),
    ]


def measure(subject: Subject, folder: Path, saves: int, cold: int) -> None:
    """Fill the subject's timings: `saves` of each kind, and `cold` of each between them."""
    workspace = folder / "lab"
    environment = {**os.environ, "NANOLAB_COURSE": str(subject.course.root), "OMP_NUM_THREADS": "1"}
    nanolab = [sys.executable, "-m", "nanolab"]
    subprocess.run([*nanolab, "init", workspace], check=True, env=environment, capture_output=True)
    file = workspace / "exercises" / subject.exercise.stage / f"{subject.exercise.name}.py"
    watch = [*nanolab, "watch", subject.exercise.id]
    with Terminal(watch, workspace, environment) as terminal:
        terminal.wait_for(lambda screen: subject.exercise.name in screen, "the first screen")
        save(terminal, subject, file, right=False, number=0)
        save(terminal, subject, file, right=True, number=0)
        for number in range(1, saves + 1):
            for right in (False, True):
                word = "passing" if right else "failing"
                seconds = save(terminal, subject, file, right=right, number=number)
                subject.note(f"save to verdict, {word}", seconds)
                if number % max(saves // cold, 1) == 0:
                    beside(subject, folder, right=right, word=word)


def save(terminal: Terminal, subject: Subject, file: Path, *, right: bool, number: int) -> float:
    """Save once, as a learner does after a pause; seconds until the verdict is on the screen."""
    time.sleep(random.uniform(0.4, 0.8))  # so that no timer is hit in step
    saved = time.perf_counter()
    file.write_text(subject.source(right=right, number=number), encoding="utf-8")
    seen = terminal.wait_for(
        (lambda screen: PASSED in screen)
        if right
        else (lambda screen: PASSED not in screen and FAILED in screen),
        "a pass" if right else "a failure",
    )
    return seen - saved


def beside(subject: Subject, folder: Path, *, right: bool, word: str) -> None:
    """The same file and check in a cold pytest, and in a process that has run them before."""
    file = folder / f"{subject.exercise.name}.py"
    file.write_text(subject.source(right=right, number=0), encoding="utf-8")
    mount = folder / "mount"
    assembly.write_mount(mount, assembly.under_check(subject.course, subject.exercise, file, {}))
    check = str(subject.course.check(subject.exercise))
    paths = os.pathsep.join([str(mount), str(REPOSITORY)])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    start = time.perf_counter()
    pytest = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", folder, check]
    cold = subprocess.run(pytest, cwd=folder, env=environment, check=False, capture_output=True)
    subject.note(f"cold pytest, {word}", time.perf_counter() - start)
    if (cold.returncode == 0) != right:
        sys.exit(cold.stdout.decode())
    own = [sys.executable, OWN_TIME, check, subject.course.package]
    answer = subprocess.run(
        own, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    subject.note(f"T, the check's own time, {word}", float(answer.stdout.split()[-1]))


if __name__ == "__main__":
    main()
