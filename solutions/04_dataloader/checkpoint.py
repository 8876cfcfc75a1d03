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
    ids = []
    for x, y, _ in loader(paths, tokenizer, B, T, rank, world_size, epochs=1):
        # (B, T) row by row; the batch's last id is a target only
        ids += [*x.flatten().tolist(), y[-1, -1].item()]
    return ids


def documents(ids: Sequence[int], tokenizer: RustBPETokenizer) -> Iterator[str]:
    """Cut a stream, which begins with bos, where documents begin, and decode each.

    The last document is left out: the epoch may have ended in the middle of it.
    """
    bos = tokenizer.get_bos_token_id()
    document: list[int] | None = None
    for one in ids:
        if one != bos:
            document.append(one)
            continue
        if document is not None:  # the first bos ends nothing
            yield tokenizer.decode(document)
        document = []


def audit(
    paths: Sequence[str | Path], tokenizer: RustBPETokenizer, B: int, T: int, world_size: int
) -> Counter[str]:
    """Count how often each document was seen in an epoch, by all ranks together.

    Returns:
        For each document's text how many times it was seen, whole, by any rank.
    """
    seen: Counter[str] = Counter()
    for rank in range(world_size):
        ids = river(paths, tokenizer, B, T, rank, world_size)
        seen.update(documents(ids, tokenizer))
    return seen


def main() -> None:
    """Take the river of a small stream apart. `python checkpoint.py` runs this."""
    tokenizer = RustBPETokenizer({})
    bos = tokenizer.get_bos_token_id()
    ids = [bos, *b"one", bos, *b"two", bos, *b"to"]
    print([*documents(ids, tokenizer)], "and the beginning of another")


if __name__ == "__main__":
    main()
