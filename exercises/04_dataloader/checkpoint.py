"""Checkpoint: does every document reach exactly one rank?

Nothing new is built here. What you built is put together, and audited: your tokenizer, your row
groups, your loader, eight ranks.

Lesson: README.md, "The checkpoint". Source: none; nanochat trusts its loader.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from nanochat.dataloader.loader import loader
from nanochat.tokenizer.tokenizer import RustBPETokenizer


def river(
    paths: Sequence[str | Path],
    tokenizer: RustBPETokenizer,
    B: int,
    T: int,
    rank: int,
    world_size: int,
) -> list[int]:
    """Put the batches of one rank's epoch back into the stream that they were cut from.

    Returns:
        All ids of the batches, each once, in the order of the stream.
    """
    # TODO: all inputs in order; of the targets only what is no input. (4 lines)
    raise NotImplementedError


def documents(ids: Sequence[int], tokenizer: RustBPETokenizer) -> Iterator[str]:
    """Cut a stream, which begins with bos, where documents begin, and decode each.

    The last document is left out: the epoch may have ended in the middle of it.
    """
    # TODO: gather ids until the next bos; then decode them. (9 lines)
    raise NotImplementedError


def audit(
    paths: Sequence[str | Path], tokenizer: RustBPETokenizer, B: int, T: int, world_size: int
) -> Counter[str]:
    """Count how often each document was seen in an epoch, by all ranks together.

    Returns:
        For each document's text how many times it was seen, whole, by any rank.
    """
    # TODO: count what each rank saw. (5 lines)
    raise NotImplementedError


def main() -> None:
    """Take the river of a small stream apart. `python checkpoint.py` runs this."""
    tokenizer = RustBPETokenizer({})
    bos = tokenizer.get_bos_token_id()
    ids = [bos, *b"one", bos, *b"two", bos, *b"to"]
    print([*documents(ids, tokenizer)], "and the beginning of another")


if __name__ == "__main__":
    main()
