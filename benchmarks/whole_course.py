"""Judging the whole course: `nanolab verify`, pytest-xdist, and a cold pytest for each exercise.

All judge the solutions of the same exercises (Python's; Rust's wait for a compiler) by the same
checks, two at a time, in turns. pytest-xdist, where it is installed, gets all checks in one call.
The sum is what the checks take by themselves, as nanolab's verdicts say.

python benchmarks/whole_course.py [--rounds 3] [--json]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import figures

from nanolab import assembly, manifest
from nanolab.runner import unavailable

if TYPE_CHECKING:
    from nanolab.course import Course, Exercise

REPOSITORY = Path(__file__).parent.parent
SIDE_BY_SIDE = 2
PYTEST = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--import-mode=importlib"]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    course = manifest.load(REPOSITORY)
    exercises = [
        one for one in course.exercises if one.kind == "python" and not unavailable(course, one)
    ]
    with tempfile.TemporaryDirectory() as folder:
        environment = mounted(course, Path(folder))
        timings: dict[str, list[float]] = {}
        for _ in range(options.rounds):
            seconds, own = verified(exercises)
            timings.setdefault("nanolab verify -j 2", []).append(seconds)
            timings.setdefault("sum of the checks' own time, by two", []).append(own)
            if importlib.util.find_spec("xdist"):
                seconds = at_once(course, exercises, environment)
                timings.setdefault("pytest -n 2", []).append(seconds)
            seconds = one_by_one(course, exercises, environment)
            timings.setdefault("cold pytest, two at a time", []).append(seconds)
    base = timings["nanolab verify -j 2"]
    rows = [figures.row(name, times, figures.ratio(times, base)) for name, times in timings.items()]
    title = f"{len(exercises)} solutions judged; ratio: to nanolab verify"
    figures.show(title, rows, as_json=options.json)


def mounted(course: Course, folder: Path) -> dict[str, str]:
    """An environment in which the solutions' package and the checks' kit can be imported."""
    assembly.write_mount(folder, assembly.assemble(course, {}))
    paths = [str(folder), str(REPOSITORY), str(REPOSITORY / "tests" / "stages")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1"}


def verified(exercises: list[Exercise]) -> tuple[float, float]:
    """Seconds of `nanolab verify`; and of the checks by themselves, spread over two."""
    names = [one.id for one in exercises]
    command = [sys.executable, "-m", "nanolab", "verify", "--solutions", "--json", "-j", "2"]
    began = time.perf_counter()
    done = subprocess.run([*command, *names], check=True, capture_output=True, cwd=REPOSITORY)
    seconds = time.perf_counter() - began
    judged = json.loads(done.stdout)["exercises"]
    return seconds, sum(one["seconds"] for one in judged) / SIDE_BY_SIDE


def at_once(course: Course, exercises: list[Exercise], environment: dict[str, str]) -> float:
    """Seconds of one pytest with two workers."""
    checks = [str(course.check(one)) for one in exercises]
    return timed([*PYTEST, "-n", str(SIDE_BY_SIDE), *checks], environment)


def one_by_one(course: Course, exercises: list[Exercise], environment: dict[str, str]) -> float:
    """Seconds of a cold pytest for each exercise, two at a time."""
    began = time.perf_counter()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(lambda one: timed([*PYTEST, str(course.check(one))], environment), exercises))
    return time.perf_counter() - began


def timed(command: list[str], environment: dict[str, str]) -> float:
    """Seconds of a run of pytest, in which every test passes."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        rooted = [*command, "--rootdir", folder, "-p", "no:cacheprovider"]
        done = subprocess.run(
            rooted, cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
    if done.returncode:
        sys.exit(done.stdout[-3000:] + done.stderr[-1000:])
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
