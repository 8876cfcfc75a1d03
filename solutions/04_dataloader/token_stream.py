"""One river of token ids, out of documents that come in groups.

A batch does not care where a document ends. So we let all documents flow into one stream, a marker
in front of each, and cut batches from that.

Lesson: README.md, "The river". Source: nanochat, `dataloader.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice


def token_stream(
    row_groups: Iterable[Sequence[str]],
    encode: Callable[[Sequence[str]], list[list[int]]],
    bos: int,
    batch_size: int = 128,
) -> Iterator[int]:
    """Turn documents into one stream of ids.

    Nothing is read ahead: a row group is fetched when the tokens of the one before are used up.

    Args:
        row_groups: Documents, a list of texts at a time. It may never end.
        encode: Gives the ids of each text of a list.
        bos: The id that begins every document, an empty one too.
        batch_size: How many documents to encode in one call, at most.

    Yields:
        `bos`, the ids of the first document, `bos`, the ids of the second, and so on.

    Raises:
        TypeError: If a row group is itself a string, which is a sequence of strings too.
        ValueError: If `batch_size` is not positive.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size is {batch_size}; at least 1 document must be encoded at once")
    for texts in row_groups:
        if isinstance(texts, str):
            raise TypeError("a row group is a list of documents, [text], not one string")
        # a call for each document would be slow, one for all of them would need much memory
        for first in range(0, len(texts), batch_size):
            for ids in encode(texts[first : first + batch_size]):
                # it belongs to the document that follows: "forget what was, something new begins"
                yield bos
                yield from ids


def take(stream: Iterator[int], n: int) -> list[int] | None:
    """Take the next `n` ids out of a stream, or None if it ends before.

    Too few are worth nothing to a batch. They are gone all the same: a stream cannot flow back.
    """
    ids = list(islice(stream, n))
    return ids if len(ids) == n else None


def main() -> None:
    """Let three documents flow. `python token_stream.py` runs this."""
    stream = token_stream(
        [["two", "words"], ["one"]], lambda texts: [[*map(ord, t)] for t in texts], 0
    )
    while (ids := take(stream, 4)) is not None:
        print(ids)


if __name__ == "__main__":
    main()
