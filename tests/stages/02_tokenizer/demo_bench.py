"""The race of the trainers: the naive one, the incremental one, Rust, and the crate rustbpe."""

import importlib
import os
import statistics
from collections import Counter
from pathlib import Path

from nanochat.tokenizer.split import split, split_pattern
from nanochat.tokenizer.train import train
from nanochat.tokenizer.train_fast import train_fast

from nanolab.demo import race

CHARACTERS = 50_000
MERGES = 100


def bench(module, reference):
    """Who trains how fast on some of Python's own source; each on chunks that are cut already."""
    del reference
    folder = Path(os.__file__).parent
    sources = (folder / "argparse.py", Path(statistics.__file__))
    text = "".join(path.read_text(encoding="utf-8") for path in sources)[:CHARACTERS]
    chunks = split(text)
    expected = [*train_fast(chunks, MERGES)]
    return race(
        {
            "naive": lambda: [*train(chunks, MERGES)],
            "incremental": lambda: [*train_fast(chunks, MERGES)],
            "Rust": _rust(chunks),
            "Rust, by PyO3": _bound(module, chunks),
            "rustbpe (splits too)": _rustbpe(text),
        },
        judge=lambda merges: "" if merges == expected else "other merges",
    )


def _rust(chunks):
    """The trainer of rust_train, with the way into Rust and back; None where it is not built."""
    try:
        trainer = importlib.import_module("nanochat.tokenizer.rust_train").train
    except Exception:
        return None

    def run():
        weights = Counter(chunks)
        return trainer([list(one.encode()) for one in weights], [*weights.values()], MERGES)

    return run


def _bound(module, chunks):
    """What the learner's bench finds: the trainer of rust_bind; None where it is not built."""
    try:
        trainer = module.rust_trainer()
    except SyntaxError:  # it does not compile
        trainer = None
    return trainer and (lambda: [*trainer(chunks, MERGES)])


def _rustbpe(text):
    """The production crate; None where it is not installed, or cannot train."""
    try:
        tokenizer = importlib.import_module("rustbpe").Tokenizer()
        tokenizer.train_from_iterator([text], 256 + MERGES, pattern=split_pattern())
    except Exception:
        return None

    def run():
        tokenizer.train_from_iterator([text], 256 + MERGES, pattern=split_pattern())
        ranks = [bytes(token) for token, _ in tokenizer.get_mergeable_ranks()]
        return _pairs(ranks)

    return run


def _pairs(ranks):
    """The two ids that each merged token was made of: its parts, once all earlier merges are done."""
    ids = {token: number for number, token in enumerate(ranks)}
    return [_halves(token, number, ids) for number, token in enumerate(ranks) if number >= 256]


def _halves(token, number, ids):
    parts = [token[at : at + 1] for at in range(len(token))]
    while len(parts) > 2:
        joined = [parts[at] + parts[at + 1] for at in range(len(parts) - 1)]
        best = min(ids.get(one, number) if one != token else number for one in joined)
        at = next(at for at, one in enumerate(joined) if ids.get(one) == best)
        parts[at : at + 2] = [joined[at]]
    return tuple(ids[part] for part in parts)
