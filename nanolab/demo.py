"""What demos call (`tests/stages/STAGE/demo_NAME.py`): rows to show, and a fair race.

A demo offers `show(module, reference)`, which gives something that rich can draw, and
`bench(module, reference)`, which gives rows. Both are handed the learner's exercise and the
solution as modules, and run in a worker, never in the tutor. Colours are ANSI names.
"""

from __future__ import annotations

import gc
import os
import statistics
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Row:
    """One contestant.

    Attributes:
        name: What the learner calls it.
        seconds: The median of its runs; None if it did not run.
        memory: Bytes that a run needs above what the process holds before; None if not measured.
        note: A few words: `not built`, `other merges than the solution`.
    """

    name: str
    seconds: float | None = None
    memory: int | None = None
    note: str = ""


def race(
    contestants: Mapping[str, Callable[[], object] | None],
    *,
    repeats: int = 3,
    judge: Callable[[Any], str] = lambda _: "",
    clock: Callable[[], float] = time.perf_counter,
) -> list[Row]:
    """Run each contestant several times, in turns, so that a busy moment of the machine hits all.

    Args:
        contestants: By name, what to run; None is one that cannot.
        repeats: How many runs count; one more before them warms up.
        judge: Says a few words on what a contestant returned.
        clock: Gives the time in seconds.

    Returns:
        A row for each, in order.
    """
    able = {name: run for name, run in contestants.items() if run is not None}
    notes = {name: judge(run()) for name, run in able.items()}
    seconds: dict[str, list[float]] = {name: [] for name in able}
    for _ in range(repeats):
        for name, run in able.items():
            gc.collect()
            began = clock()
            run()
            seconds[name].append(clock() - began)
    return [
        Row(name, statistics.median(seconds[name]), memory_of(able[name]), notes[name])
        if name in able
        else Row(name, note="not built")
        for name in contestants
    ]


def memory_of(run: Callable[[], object]) -> int | None:
    """Bytes that a run needs at its peak, above what is held before, in whatever language.

    Measured in a forked child; None where there is no fork.
    """
    if not hasattr(os, "fork"):
        return None
    import resource

    gc.collect()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            run()
            after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            os.write(writer, str(after - before).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, "rb") as pipe:  # noqa: PTH123 - a descriptor
        said = pipe.read()
    os.waitpid(child, 0)
    unit = 1 if sys.platform == "darwin" else 1024
    return int(said) * unit if said else None
