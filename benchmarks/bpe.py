"""Training and encoding: our crate against PyPI rustbpe, Hugging Face tokenizers and tiktoken.

python bpe.py --upstream FOLDER [--megabytes 81] [--vocab 4096 16384 32768] [--repeats 5]
              [--only train] [--json]

Each measurement is a process of its own; the contenders take turns, so that a busy machine slows
all of them. Needs our crate, tokenizers, tiktoken and numpy, and in FOLDER PyPI's, which has our
import name: pip install --target FOLDER rustbpe==0.1.0.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bpe_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

WORKER = Path(__file__).with_name("bpe_worker.py")


@dataclass(frozen=True)
class Task:
    """One thing to measure, and who can do it; the first contender is ours."""

    name: str
    contenders: tuple[str, ...]
    vocab_size: int
    threads: int


@dataclass(frozen=True)
class Row:
    """The medians of one contender's runs."""

    task: str
    contender: str
    wall: float
    cpu: float
    peak_mb: float
    ratio: float
    """How many times as long as ours it takes."""


def tasks(vocab_sizes: list[int]) -> Iterator[Task]:
    """All measurements."""
    for vocab_size in vocab_sizes:
        for threads in (1, 2):
            yield Task("train", ("ours", "upstream", "tokenizers"), vocab_size, threads)
    middle = vocab_sizes[len(vocab_sizes) // 2]
    yield Task("encode to a list", ("ours", "upstream", "tiktoken", "tokenizers"), middle, 1)
    yield Task("encode to numpy", ("ours", "tiktoken"), middle, 1)
    for threads in (1, 2):
        yield Task(
            "encode a batch", ("ours", "upstream", "tiktoken", "tokenizers"), middle, threads
        )
    yield Task("encode 1 MB in one chunk", ("ours", "tiktoken"), middle, 1)


def run(task: Task, contender: str, folder: Path, upstream: Path) -> dict[str, float]:
    """One measurement."""
    env = {**os.environ, "RAYON_NUM_THREADS": str(task.threads), "TOKENIZERS_PARALLELISM": "true"}
    if contender == "upstream":
        env["PYTHONPATH"] = str(upstream)
    job = (task.name, contender, str(task.vocab_size), str(task.threads), str(folder))
    command = [sys.executable, str(WORKER), *job]
    done = subprocess.run(command, capture_output=True, check=True, env=env, text=True)
    return json.loads(done.stdout)


def measure(task: Task, folder: Path, options: argparse.Namespace) -> list[Row]:
    """The medians of all contenders, who take turns; they must agree on what comes out."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in task.contenders}
    for _ in range(options.repeats):
        for name in task.contenders:
            runs[name].append(run(task, name, folder, options.upstream))
    digests = {one["digest"] for name in runs if name != "tokenizers" for one in runs[name]}
    if len(digests) != 1:
        sys.exit(f"{task}: the contenders do not agree")

    def median(name: str, what: str) -> float:
        return statistics.median(one[what] for one in runs[name])

    ours = median(task.contenders[0], "wall")
    title = (
        f"{task.name}, {task.vocab_size:,} tokens, {task.threads} thread{'s' * (task.threads > 1)}"
    )
    figures = (
        (name, *(median(name, what) for what in ("wall", "cpu", "peak_mb"))) for name in runs
    )
    return [Row(title, name, wall, cpu, peak, wall / ours) for name, wall, cpu, peak in figures]


def show(rows: list[Row], *, as_json: bool) -> None:
    """Print the rows of one task."""
    if as_json:
        print(*(json.dumps(asdict(one)) for one in rows), sep="\n", flush=True)
        return
    print(f"\n{rows[0].task:44}  wall s   cpu s  peak MB   ratio")
    for one in rows:
        figures = f"{one.wall:7.3f} {one.cpu:7.3f} {one.peak_mb:8.0f} {one.ratio:6.1f}x"
        print(f"{one.contender:44} {figures}", flush=True)


def main() -> None:
    """Measure everything and print tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--upstream", type=Path, required=True)
    parser.add_argument("--megabytes", type=int, default=81)
    parser.add_argument("--vocab", type=int, nargs="+", default=[4096, 16_384, 32_768])
    parser.add_argument("--only", default="", help="measure tasks whose name holds this")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    corpus = bpe_corpus.build(options.megabytes * 1_000_000)
    if not options.json:
        bpe_corpus.show(corpus)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "documents.pickle").write_bytes(pickle.dumps(corpus.documents))
        for task in (task for task in tasks(options.vocab) if options.only in task.name):
            show(measure(task, Path(folder), options), as_json=options.json)


if __name__ == "__main__":
    main()
