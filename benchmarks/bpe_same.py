"""Are merges and ids the same as PyPI rustbpe's and tiktoken's? Exits 1 if not.

python bpe_same.py [--megabytes 50] [--texts 10000] [--upstream FOLDER] [--golden FILE]

Needs our crate, tiktoken, and in FOLDER PyPI's: pip install --target FOLDER rustbpe==0.1.0. That
one has our import name, so it runs in a process of its own. With --golden the test vectors of
tests/rustbpe are recorded from it instead.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import pickle
import random
import runpy
import subprocess
import sys
from pathlib import Path

import bpe_corpus

NANOCHAT = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
GPT4 = NANOCHAT.replace("{1,2}", "{1,3}")
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
OTHER = r"\p{Lu}?\p{Ll}+|\p{N}|[^\p{L}\p{N}]|\p{L}"
PATTERNS = {"nanochat": NANOCHAT, "GPT-4": GPT4, "GPT-2": GPT2, "other": OTHER}

PIECES = (
    *(
        " ",
        " ",
        "  ",
        "\t",
        "\n",
        "\r\n",
        "\r",
        "'",
        "'s",
        "'LL",
        "'Re",
        "'\u017f",
        "'v",
        "a",
        "b",
        "the",
        "ing",
    ),
    *(
        "Word",
        "\u00e9",
        "\u4e2d",
        "\u0416",
        "1",
        "23",
        "456",
        "\u0663",
        "\u00bd",
        ".",
        "!?",
        "_",
        "\u2019",
        "\u00a0",
    ),
    *("\u0085", "\u001c", "\u2028", "\u200d", "\U0001f600", "\u0301", "\0", "\u212a", "====", "//"),
)


def fuzzed(count: int, seed: int = 0) -> list[str]:
    """Texts in which everything that the patterns tell apart is frequent."""
    dice = random.Random(seed)

    def piece() -> str:
        if dice.random() < 0.9:
            return dice.choice(PIECES)
        code = dice.randrange(0x110000 - 0x800)  # any but the surrogates
        return chr(code if code < 0xD800 else code + 0x800)

    return ["".join(piece() for _ in range(dice.randrange(60))) for _ in range(count)]


def train_and_encode(job: dict[str, object]) -> tuple[list[tuple[bytes, int]], list[list[int]]]:
    """What the rustbpe that can be imported here makes of a job."""
    import rustbpe

    tokenizer = rustbpe.Tokenizer()
    tokenizer.train_from_iterator(iter(job["train"]), job["vocab_size"], pattern=job["pattern"])
    ranks = [(bytes(token), rank) for token, rank in tokenizer.get_mergeable_ranks()]
    return ranks, [tokenizer.encode(text) for text in job["encode"]]


def upstream(folder: Path, job: dict[str, object]) -> object:
    """The same with the rustbpe in a folder."""
    command = [sys.executable, __file__, "--serve"]
    env = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run(
        command, input=pickle.dumps(job), capture_output=True, check=True, env=env
    )
    return pickle.loads(done.stdout)


def report(what: str, ours: object, theirs: object) -> bool:
    """Print whether two things are the same, with the digest of ours."""
    digest = hashlib.sha256(pickle.dumps(ours)).hexdigest()[:12]
    print(f"{'same' if ours == theirs else 'DIFFERENT':10} {what} ({digest})", flush=True)
    return ours == theirs


def compare(options: argparse.Namespace) -> bool:
    """Compare everything; true if all is the same."""
    import tiktoken

    corpus = bpe_corpus.build(options.megabytes * 1_000_000)
    texts = fuzzed(options.texts)
    print(
        f"{corpus.size / 1e6:.1f} MB in {len(corpus.documents):,} documents, {len(texts):,} fuzzed texts"
    )
    same = True
    for name, pattern in PATTERNS.items():
        for what, train, encode in (
            ("corpus", corpus.documents, corpus.documents),
            ("fuzz", texts, texts),
            ("corpus, then fuzz", corpus.documents[::10], texts),
        ):
            job = {"train": train, "encode": encode, "vocab_size": 16_384, "pattern": pattern}
            (ranks, ids), theirs = train_and_encode(job), upstream(options.upstream, job)
            count = sum(map(len, ids))
            same &= report(f"{name}, {what}: {len(ranks):,} tokens as upstream", ranks, theirs[0])
            same &= report(f"{name}, {what}: {count:,} ids as upstream", ids, theirs[1])
            options_ = {"pat_str": pattern, "mergeable_ranks": dict(ranks), "special_tokens": {}}
            encoding = tiktoken.Encoding("ours", **options_)
            same &= report(
                f"{name}, {what}: {count:,} ids as tiktoken",
                ids,
                list(map(encoding.encode_ordinary, encode)),
            )
    return same


def record(options: argparse.Namespace) -> None:
    """Write test vectors: small jobs and what upstream makes of them."""
    tests = Path(__file__).parents[1] / "tests" / "rustbpe" / "conftest.py"
    cases = []
    for name, texts in (("texts", list(runpy.run_path(str(tests))["TEXTS"])), ("fuzz", fuzzed(40))):
        for title, pattern in PATTERNS.items():
            job = {"train": texts, "encode": texts, "vocab_size": 500, "pattern": pattern}
            ranks, ids = upstream(options.upstream, job)
            merges = [token.hex() for token, rank in ranks if rank >= 256]
            case = {
                "name": f"{title}, {name}",
                "texts": texts,
                "vocab_size": 500,
                "pattern": pattern,
            }
            cases.append(case | {"merges": merges, "ids": ids})
    text = "[\n" + ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases) + "\n]\n"
    options.golden.write_text(text, encoding="utf-8")


def main() -> None:
    """Compare, or record, or serve one job."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--upstream", type=Path, default=Path("upstream"))
    parser.add_argument("--golden", type=Path)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        sys.stdout.buffer.write(pickle.dumps(train_and_encode(pickle.load(sys.stdin.buffer))))
    elif options.golden:
        record(options)
    elif not compare(options):
        sys.exit(1)


if __name__ == "__main__":
    main()
