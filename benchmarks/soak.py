"""A long watch: a save every second, and what it costs in memory, descriptors and processor time.

`nanolab watch` runs in a terminal, first idle for a minute, then under saves of which every other
fails. At the end the history is compared with what was saved: every save must have been tested.
Memory is PSS, the share of each page that is a process's own, summed over the tutor and all that it
started.

python benchmarks/soak.py [--minutes 30] [--idle 60] [--json]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
import save_to_verdict as own
from terminal import Terminal

NANOLAB = [sys.executable, "-m", "nanolab"]
PASSED, FAILED = own.PASSED, own.FAILED


@dataclass(frozen=True)
class Reading:
    """What the tutor and its children hold at one moment.

    Attributes:
        minute: Since the first save.
        memory: PSS in MiB.
        descriptors: Open files, pipes and sockets.
        threads: Of all of them.
    """

    minute: float
    memory: float
    descriptors: int
    threads: int


def main() -> None:
    """Soak, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--idle", type=float, default=60, help="seconds without a save, first")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    subject = own.subjects()[0]
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "lab"
        subprocess.run([*NANOLAB, "init", workspace], check=True, capture_output=True)
        file = workspace / "exercises" / subject.exercise.file
        watch = [*NANOLAB, "watch", subject.exercise.id]
        with Terminal(watch, workspace, dict(os.environ)) as terminal:
            terminal.wait_for(lambda screen: subject.exercise.name in screen, "the first screen")
            save(terminal, subject, file, -1)
            idle = idle_share(terminal, options.idle)
            readings, saved = soak(terminal, subject, file, options.minutes)
        history = [*NANOLAB, "history", subject.exercise.id, "--json"]
        done = subprocess.run(history, cwd=workspace, check=True, capture_output=True)
        tested = {one["sha256"] for one in json.loads(done.stdout)["versions"]}
    show(idle, readings, len(saved), len(saved & tested), as_json=options.json)
    if not saved <= tested:
        sys.exit(1)


def save(terminal: Terminal, subject: own.Subject, file: Path, number: int) -> str:
    """Save once and wait for the verdict; the sha256 of what was saved."""
    text = subject.source(right=number % 2 == 0, number=number).encode()
    file.write_bytes(text)
    wanted, other = (PASSED, FAILED) if number % 2 == 0 else (FAILED, PASSED)
    terminal.wait_for(lambda screen: wanted in screen and other not in screen, "the verdict")
    return hashlib.sha256(text).hexdigest()


def soak(
    terminal: Terminal, subject: own.Subject, file: Path, minutes: float
) -> tuple[list[Reading], set[str]]:
    """Save every second; readings twice a minute, and the hashes of what was saved."""
    readings, saved = [], set()
    began = time.monotonic()
    for number in range(int(minutes * 60)):
        saved.add(save(terminal, subject, file, number))
        if number % 30 == 29:
            readings.append(reading(terminal, (time.monotonic() - began) / 60))
        time.sleep(max(began + number + 1 - time.monotonic(), 0))
    return readings, saved


def family(terminal: Terminal) -> list[psutil.Process]:
    """The tutor and everything that it started."""
    tutor = psutil.Process(terminal.process.pid)
    return [tutor, *tutor.children(recursive=True)]


def reading(terminal: Terminal, minute: float) -> Reading:
    """What they hold now, once the next worker is warm."""
    time.sleep(0.4)
    them = family(terminal)
    return Reading(
        minute=minute,
        memory=sum(one.memory_full_info().pss for one in them) / (1 << 20),
        descriptors=sum(one.num_fds() for one in them),
        threads=sum(one.num_threads() for one in them),
    )


def idle_share(terminal: Terminal, seconds: float) -> float:
    """The share of one processor that an untouched watch uses."""
    time.sleep(5)
    before = sum(sum(one.cpu_times()[:2]) for one in family(terminal))
    time.sleep(seconds)
    return (sum(sum(one.cpu_times()[:2]) for one in family(terminal)) - before) / seconds


def show(idle: float, readings: list[Reading], saves: int, tested: int, *, as_json: bool) -> None:
    """Print the readings, and how the last minutes compare with the first."""
    if as_json:
        rows = [asdict(one) for one in readings]
        print(json.dumps({"idle": idle, "saves": saves, "tested": tested, "readings": rows}))
        return
    print(f"idle: {idle:.2%} of a processor\nsaves tested: {tested} of {saves}\n")
    print("minute   MiB  descriptors  threads")
    for one in readings:
        print(f"{one.minute:6.1f} {one.memory:5.0f} {one.descriptors:12} {one.threads:8}")
    few = max(len(readings) // 5, 1)
    for name in ("memory", "descriptors"):
        first = sum(getattr(one, name) for one in readings[:few]) / few
        last = sum(getattr(one, name) for one in readings[-few:]) / few
        print(f"{name}, last fifth against first: {last / first - 1:+.1%}")


if __name__ == "__main__":
    main()
