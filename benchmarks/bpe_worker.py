"""One measurement of bpe.py: prints wall and CPU seconds, peak memory and a digest of the outcome.

python bpe_worker.py TASK CONTENDER VOCAB_SIZE THREADS FOLDER
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERN = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,2}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
ENCODED_BYTES = 10_000_000
"""How much of the corpus is encoded."""


def peak_mb() -> float:
    """The most memory that this process had since `reset_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def reset_peak() -> float:
    """Forget the peak; gives the memory in use now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_mb()


def our_training(documents: list[str], vocab_size: int, threads: int) -> Callable[[], object]:
    """What to time: our training."""
    import rustbpe

    tokenizer = rustbpe.Tokenizer()
    options = {"pattern": PATTERN, "num_threads": threads}
    return lambda: (
        tokenizer.train_from_iterator(iter(documents), vocab_size, **options) or tokenizer
    )


def upstream_training(documents: list[str], vocab_size: int, _: int) -> Callable[[], object]:
    """What to time: PyPI's training; its threads are set from outside."""
    import rustbpe

    tokenizer = rustbpe.Tokenizer()
    return lambda: (
        tokenizer.train_from_iterator(iter(documents), vocab_size, pattern=PATTERN) or tokenizer
    )


def tokenizers_training(documents: list[str], vocab_size: int, _: int) -> Callable[[], object]:
    """What to time: Hugging Face's training; its threads are set from outside."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    split = pre_tokenizers.Split(Regex(PATTERN), behavior="isolated")
    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, bytes_])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    options = {"vocab_size": vocab_size, "show_progress": False, "initial_alphabet": alphabet}
    trainer = trainers.BpeTrainer(min_frequency=0, special_tokens=[], **options)
    return lambda: tokenizer.train_from_iterator(iter(documents), trainer) or tokenizer


TRAINING = {"ours": our_training, "upstream": upstream_training, "tokenizers": tokenizers_training}


def tokenizer_of(contender: str, vocab_size: int, folder: Path) -> object:
    """A trained tokenizer: all have the merges of ours, but for upstream, which must learn them."""
    documents = pickle.loads((folder / "documents.pickle").read_bytes())
    if contender == "upstream":
        return upstream_training(documents, vocab_size, 2)()
    file = folder / f"{vocab_size}.json"
    import rustbpe

    if not file.exists():
        file.write_text(our_training(documents, vocab_size, 2)().to_huggingface(), encoding="utf-8")
    if contender == "tokenizers":
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(file))
    ours = rustbpe.Tokenizer.from_huggingface(file.read_bytes())
    return ours.to_tiktoken() if contender == "tiktoken" else ours


def encoding(
    task: str, contender: str, tokenizer: object, texts: list[str], threads: int
) -> Callable[[], object]:
    """What to time: some encoding."""
    import numpy as np

    whole = "\n".join(texts)
    chunk = "ab" * 500_000
    one, many = {
        "ours": ("encode", lambda: tokenizer.encode_batch(texts, num_threads=threads)),
        "upstream": ("encode", lambda: tokenizer.batch_encode(texts)),
        "tiktoken": (
            "encode_ordinary",
            lambda: tokenizer.encode_ordinary_batch(texts, num_threads=threads),
        ),
        "tokenizers": ("encode", lambda: [each.ids for each in tokenizer.encode_batch_fast(texts)]),
    }[contender]
    encode = getattr(tokenizer, one)
    if task == "encode to numpy":
        if contender == "ours":
            return lambda: np.asarray(tokenizer.encode_to_buffer(whole))
        return lambda: tokenizer.encode_to_numpy(whole)
    if task == "encode to a list":
        return lambda: encode(whole).ids if contender == "tokenizers" else encode(whole)
    return many if task == "encode a batch" else lambda: encode(chunk)


def some(documents: list[str]) -> list[str]:
    """The first documents that make `ENCODED_BYTES`."""
    size, chosen = 0, []
    for document in documents:
        if size >= ENCODED_BYTES:
            break
        chosen.append(document)
        size += len(document.encode())
    return chosen


def digest(outcome: object) -> str:
    """What came out, in short."""
    if hasattr(outcome, "get_mergeable_ranks"):
        outcome = [(bytes(token), rank) for token, rank in outcome.get_mergeable_ranks()]
    elif hasattr(outcome, "get_vocab_size"):
        outcome = outcome.get_vocab_size()
    elif hasattr(outcome, "tolist"):
        outcome = outcome.tolist()
    return hashlib.sha256(repr(outcome).encode()).hexdigest()


def main() -> None:
    """Measure once."""
    task, contender, vocab_size, threads, folder = sys.argv[1:]
    documents = pickle.loads((Path(folder) / "documents.pickle").read_bytes())
    if task == "train":
        work = TRAINING[contender](documents, int(vocab_size), int(threads))
    else:
        tokenizer = tokenizer_of(contender, int(vocab_size), Path(folder))
        work = encoding(task, contender, tokenizer, some(documents), int(threads))
    before = reset_peak()
    cpu, start = time.process_time(), time.perf_counter()
    outcome = work()
    wall, cpu = time.perf_counter() - start, time.process_time() - cpu
    figures = {"wall": wall, "cpu": cpu, "peak_mb": peak_mb() - before}
    print(json.dumps(figures | {"digest": digest(outcome)}))


if __name__ == "__main__":
    main()
