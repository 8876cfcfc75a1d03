"""Measure, then explain: how long does a training take, and who is how much faster?

Lesson: README.md, "The race". Source: none; every fast program was measured by somebody.
"""

import importlib
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from nanochat.tokenizer.codec import BPE
from nanochat.tokenizer.pairs import Pair
from nanochat.tokenizer.split import split
from nanochat.tokenizer.train import train
from nanochat.tokenizer.train_fast import train_fast

Trainer = Callable[[Iterable[str], int], dict[Pair, int]]


class Row(NamedTuple):
    """What was measured of one trainer; None where nothing could be."""

    name: str
    seconds: float | None = None  # the median of its runs
    equal: bool | None = None  # whether its merges are those of the first trainer
    tokens: int | None = None  # of the text, encoded with its merges
    ratio: float | None = None  # bytes of the text for each token


def bench(
    work: Callable[[], object], repeat: int = 3, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Measure how long a piece of work takes.

    The first run warms up (caches, memory, imports) and does not count.

    Args:
        work: What to do, once for each run.
        repeat: How many runs count.
        clock: Gives the time in seconds. perf_counter never jumps; time.time does, when somebody
            sets the clock of the machine.

    Returns:
        The median of the runs, in seconds: one disturbed run does not move it.
    """
    work()
    seconds = []
    for _ in range(repeat):
        began = clock()
        work()
        seconds.append(clock() - began)
    # a run is only ever disturbed one way, towards slow: the mean would carry each disturbance on
    return statistics.median(seconds)


def compare(
    text: str,
    num_merges: int,
    trainers: Mapping[str, Trainer | None],
    clock: Callable[[], float] = time.perf_counter,
) -> list[Row]:
    """Let trainers race on the same chunks, and look at what they learned.

    Args:
        text: What to train on, and then to encode.
        num_merges: How many merges to learn.
        trainers: By name, in the order of the rows; the first one is what the others' merges are
            compared with. None is a trainer that is not built.
        clock: As for `bench`.

    Returns:
        A row for each trainer; for one that is not built, only its name.
    """
    # once, and outside of the race: all get the same chunks, and nobody pays for cutting them
    chunks = split(text)
    judge: dict[Pair, int] | None = None
    rows: list[Row] = []
    for name, trainer in trainers.items():
        if trainer is None:
            rows.append(Row(name))
            continue
        # trainer=trainer: a function looks names up when it runs, and by then the loop is elsewhere
        seconds = bench(lambda trainer=trainer: trainer(chunks, num_merges), clock=clock)
        merges = trainer(chunks, num_merges)
        judge = merges if judge is None else judge
        bpe = BPE(merges)
        rows.append(Row(name, seconds, merges == judge, len(bpe.encode(text)), bpe.ratio(text)))
    return rows


def crossover(
    sizes: Sequence[int], slow: Callable[[int], float], fast: Callable[[int], float]
) -> int | None:
    """Find the size from which on the fast way stays ahead.

    Something clever often has a price to pay first, and loses on small inputs.

    Args:
        sizes: Sizes to try, in ascending order.
        slow: Gives the seconds that the slow way takes for a size.
        fast: The same for the fast way.

    Returns:
        The smallest of the sizes such that the fast way takes less time there and at all larger
        ones; None if it loses at the largest.
    """
    found = None
    # from the largest down: the first loss ends it, and one lucky win below does not count
    for size in reversed(sizes):
        if fast(size) >= slow(size):
            break
        found = size
    return found


def rust_trainer() -> Trainer | None:
    """The trainer that you write in Rust, in rust_bind; None where it is not built."""
    try:
        return importlib.import_module("nanochat.tokenizer.rust_bind").train
    except ImportError:
        return None


def table(rows: Sequence[Row]) -> str:
    """Rows as text: a line each, the seconds also as so many times the fastest."""
    fastest = min((row.seconds for row in rows if row.seconds is not None), default=0.0)
    lines = [f"{'trainer':<12} {'seconds':>9} {'times':>7}  merges   tokens  bytes/token"]
    for row in rows:
        if row.seconds is None:
            lines.append(f"{row.name:<12} not built")
            continue
        verdict = "equal " if row.equal else "DIFFER"
        times = row.seconds / fastest
        numbers = f"{row.seconds:9.4f} {times:7.1f}  {verdict} {row.tokens:8} {row.ratio:12.2f}"
        lines.append(f"{row.name:<12} {numbers}")
    return "\n".join(lines)


def main() -> None:
    """Race on the source of one of Python's own modules. `python bench.py` runs this."""
    text = Path(statistics.__file__).read_text(encoding="utf-8")
    trainers = {"naive": train, "incremental": train_fast, "rust": rust_trainer()}
    print(f"{len(text)} characters, 100 merges")
    print(table(compare(text, 100, trainers)))


if __name__ == "__main__":
    main()
