"""Bonus: rows that begin where a document begins. What nanochat does today.

In the river, most rows begin in the middle of a document. Packing whole documents into rows mends
that, and pays for it with the ends of documents that did not fit.

Lesson: README.md, "Bonus: packing". Source: nanochat since January 2026, `dataloader.py`.
"""

from collections.abc import Iterable, Iterator

import torch


def pack_row(buffer: list[list[int]], capacity: int) -> list[int]:
    """Fill one row with documents from a buffer.

    Takes the longest document that fits into what is left of the row, again and again. When none
    fits, it takes the shortest and cuts off what is too much; the cut-off end is lost.

    Args:
        buffer: Documents, as ids that begin with bos. Those that are used are taken out of it.
        capacity: How many ids the row has.

    Returns:
        Exactly `capacity` ids. Among documents of the same length, the first in the buffer is used.

    Raises:
        ValueError: If the buffer holds fewer ids than the row needs; it is not changed then.
    """
    held = sum(map(len, buffer))
    if held < capacity:
        raise ValueError(f"the row needs {capacity} ids, the {len(buffer)} documents hold {held}")
    row: list[int] = []
    # TODO: while there is room: the longest that fits, or else the shortest, cut. (8 lines)
    raise NotImplementedError
    return row


def best_fit(
    documents: Iterable[list[int]], B: int, T: int, buffer_size: int = 1000
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Make batches whose rows all begin with a document.

    Before each row, the buffer is filled up to `buffer_size` documents, and with more if these are
    too short for a row; as far as there are any.

    Args:
        documents: Each as ids that begin with bos.
        B: Rows in a batch.
        T: Ids in a row of inputs. A row is packed with one more, for the last target.
        buffer_size: Among how many documents to look for one that fits.

    Yields:
        Inputs and targets, both `(B, T)`, int64, contiguous, each with memory of its own. What is
        left when the documents are used up, too little for a batch, is dropped.

    Raises:
        ValueError: If `B`, `T` or `buffer_size` is not positive.
    """
    if min(B, T, buffer_size) < 1:
        raise ValueError(f"B is {B}, T is {T}, buffer_size is {buffer_size}: none may be below 1")
    stream = iter(documents)
    buffer: list[list[int]] = []
    while True:
        rows = []
        for _ in range(B):
            # TODO: fetch until the buffer is full and the row can be; pack it, or end. (8 lines)
            raise NotImplementedError
        flat = torch.tensor(rows, dtype=torch.int64)  # (B, T + 1)
        yield flat[:, :-1].clone(), flat[:, 1:].clone()  # (B, T), (B, T)


def main() -> None:
    """Pack made-up documents; say how much is lost. `python best_fit.py` runs this."""
    torch.manual_seed(0)
    # most documents of the web are short, and a few are very long
    sizes = (torch.randn(5_000) + 6).exp().long().add(1).tolist()
    for buffer_size in (1, 100, 1000):
        used = sum(
            x.numel() + len(x) for x, _ in best_fit(([0] * n for n in sizes), 1, 2048, buffer_size)
        )
        print(
            f"a buffer of {buffer_size:4} documents: {1 - used / sum(sizes):.1%} of the ids are lost"
        )


if __name__ == "__main__":
    main()
