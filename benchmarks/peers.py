"""From a save to the painted verdict: nanolab, a cold pytest, pytest-watcher and rustlings.

All of them run at once, each in a terminal of 120 x 40, and take turns: one save that fails and
one that passes each, then the next. The first three judge the same file by the same check; rustlings
judges an exercise of its own of like size (`if1`, three tests). Without the programs `ptw` (PyPI's
pytest-watcher) or `rustlings` (from crates.io) their rows are left out.

python benchmarks/peers.py [--rounds 20] [--json]
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import figures
import save_to_verdict as own
from terminal import Terminal

from nanolab import assembly

BIGGER = re.compile(r"(fn bigger\(a: i32, b: i32\) -> i32 \{).*?\n\}", re.S)
SUMMARY = re.compile(r"\d+ (passed|failed)\b.* in [\d.]+s")


class Contestant(Protocol):
    """Something that judges saves."""

    name: str

    def save(self, *, right: bool, number: int) -> float:
        """Save a file that passes or fails; seconds until the verdict stands on the screen."""
        ...


class Nanolab:
    """`nanolab watch` in a workspace."""

    def __init__(self, subject: own.Subject, folder: Path, stack: ExitStack) -> None:
        self.name = f"nanolab, {subject.exercise.name}"
        self.subject = subject
        workspace = folder / "lab"
        environment = {**os.environ, "NANOLAB_COURSE": str(subject.course.root)}
        nanolab = [sys.executable, "-m", "nanolab"]
        init = [*nanolab, "init", workspace]
        subprocess.run(init, check=True, env=environment, capture_output=True)
        self.file = workspace / "exercises" / subject.exercise.file
        watch = [*nanolab, "watch", subject.exercise.id]
        self.terminal = stack.enter_context(Terminal(watch, workspace, environment))
        self.terminal.wait_for(lambda screen: subject.exercise.name in screen, "the first screen")

    def save(self, *, right: bool, number: int) -> float:
        """As `Contestant.save`."""
        return own.save(self.terminal, self.subject, self.file, right=right, number=number)


class Pytest:
    """The same file and check, in a plain folder with the assembly on its path."""

    def __init__(self, subject: own.Subject, folder: Path) -> None:
        self.subject = subject
        self.folder = folder / "plain"
        self.folder.mkdir()
        self.file = self.folder / f"{subject.exercise.name}.py"
        mount = folder / "mount"
        table = assembly.under_check(subject.course, subject.exercise, self.file, {})
        assembly.write_mount(mount, table)
        shutil.copy(subject.course.check(subject.exercise), self.folder)
        paths = os.pathsep.join([str(mount), str(own.REPOSITORY)])
        self.environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}

    def write(self, *, right: bool, number: int) -> float:
        """Save after a pause, as a learner does; the time of the save."""
        time.sleep(random.uniform(0.4, 0.8))
        saved = time.perf_counter()
        text = self.subject.source(right=right, number=number)
        self.file.write_text(text, encoding="utf-8")
        return saved


class ColdPytest(Pytest):
    """`python -m pytest` after each save."""

    def __init__(self, subject: own.Subject, folder: Path) -> None:
        super().__init__(subject, folder)
        self.name = f"cold pytest, {subject.exercise.name}"

    def save(self, *, right: bool, number: int) -> float:
        """As `Contestant.save`."""
        saved = self.write(right=right, number=number)
        pytest = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", "."]
        done = subprocess.run(
            pytest, cwd=self.folder, env=self.environment, check=False, capture_output=True
        )
        if (done.returncode == 0) != right:
            sys.exit(done.stdout.decode())
        return time.perf_counter() - saved


class PytestWatcher(Pytest):
    """`ptw`, with its own delay of 0.2 s."""

    def __init__(self, ptw: str, subject: own.Subject, folder: Path, stack: ExitStack) -> None:
        super().__init__(subject, folder)
        self.name = f"pytest-watcher, {subject.exercise.name}"
        self.write(right=True, number=0)
        watch = [ptw, "--now", "--clear", ".", "--", "-q", "-c", os.devnull, "--rootdir", "."]
        terminal = Terminal(watch, self.folder, self.environment)
        self.terminal = stack.enter_context(terminal)
        self.terminal.wait_for(SUMMARY.search, "the first summary")

    def save(self, *, right: bool, number: int) -> float:
        """As `Contestant.save`, once it is idle: it loses what is saved during a run."""
        self.terminal.wait_for(lambda screen: "Press w" in screen, "pytest-watcher's menu")
        saved = self.write(right=right, number=number)
        word = "passed" if right else "failed"

        def there(screen: str) -> bool:
            found = SUMMARY.search(screen)
            return found is not None and found[1] == word

        return self.terminal.wait_for(there, f"{word} by pytest-watcher") - saved


class Rustlings:
    """`rustlings` in a workspace of its own, at its exercise `if1`."""

    name = "rustlings, if1"

    def __init__(self, rustlings: str, folder: Path, stack: ExitStack) -> None:
        home = folder / "rust"
        home.mkdir()
        init = [rustlings, "init"]
        subprocess.run(init, cwd=home, input=b"\n", check=True, capture_output=True)
        self.workspace = home / "rustlings"
        self.file = next(self.workspace.glob("exercises/*/if1.rs"))
        self.stub = self.file.read_text(encoding="utf-8")
        at = [rustlings, "run", "if1"]  # also makes it the current one
        subprocess.run(at, cwd=self.workspace, input=b"\n", check=False, capture_output=True)
        self.terminal = stack.enter_context(Terminal([rustlings], self.workspace, os.environ))
        self.terminal.wait_for(lambda screen: "if1.rs" in screen, "the first screen")

    def save(self, *, right: bool, number: int) -> float:
        """As `Contestant.save`."""
        time.sleep(random.uniform(0.4, 0.8))
        body = "if a > b { a } else { b }" if right else "if a > b { b } else { a }"
        text = BIGGER.sub(rf"\1\n    {body} // save {number}\n}}", self.stub)
        saved = time.perf_counter()
        self.file.write_text(text, encoding="utf-8")

        def there(screen: str) -> bool:
            return "q:quit" in screen and ("Exercise done" in screen) == right

        return self.terminal.wait_for(there, "a verdict by rustlings") - saved


def main() -> None:
    """Measure, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    timings: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        contestants = enter(Path(folder), stack)
        for number in range(options.rounds + 2):  # two to warm up
            for one in contestants:
                for right in (False, True):
                    seconds = one.save(right=right, number=number)
                    if number >= 2:
                        timings.setdefault(one.name, []).append(seconds)
    ours = {name.partition(", ")[2]: name for name in timings if name.startswith("nanolab")}
    rows = []
    for name, seconds in timings.items():
        base = ours.get(name.partition(", ")[2], ours["hello"])
        rows.append(figures.row(name, seconds, figures.ratio(seconds, timings[base])))
    title = "Save to painted verdict, passing and failing; ratio: to nanolab on that exercise"
    figures.show(title, rows, as_json=options.json)


def enter(folder: Path, stack: ExitStack) -> list[Contestant]:
    """Everyone who can take part, started and ready."""
    found: list[Contestant] = []
    beside_python = Path(sys.executable).parent
    ptw = shutil.which("ptw", path=beside_python) or shutil.which("ptw")
    for subject in own.subjects():
        home = folder / subject.exercise.name
        for part in ("cold", "ptw"):
            (home / part).mkdir(parents=True)
        found.append(Nanolab(subject, home, stack))
        found.append(ColdPytest(subject, home / "cold"))
        if ptw:
            found.append(PytestWatcher(ptw, subject, home / "ptw", stack))
    rustlings = shutil.which("rustlings")
    if rustlings:
        found.append(Rustlings(rustlings, folder, stack))
    return found


if __name__ == "__main__":
    main()
