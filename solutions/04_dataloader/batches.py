"""Cut the river of ids into batches: what the model sees, and what it should have guessed.

Lesson: README.md, "Cutting batches". Source: nanochat, `dataloader.py`.
"""

from collections.abc import Iterable, Iterator

import torch
from nanochat.dataloader.token_stream import take


def batches(stream: Iterable[int], B: int, T: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Cut a stream of ids into batches of inputs and targets.

    Each batch takes the next `B*T + 1` ids out of the stream. The inputs are all but the last of
    them, the targets all but the first, both written row by row. So the target of a position is the
    id that follows it in the stream, at the end of a row as well.

    Args:
        stream: Ids; an endless one gives endless batches.
        B: Rows in a batch.
        T: Ids in a row.

    Yields:
        Inputs and targets, both `(B, T)`, int64, contiguous, and each with memory of its own. What
        is left at the end of the stream, too little for a batch, is dropped.

    Raises:
        ValueError: If `B` or `T` is not positive.
    """
    if B < 1 or T < 1:
        raise ValueError(f"B is {B} and T is {T}; a batch has at least 1 row of 1 id")
    # a list would begin again at each take; an iterator goes on
    stream = iter(stream)
    # one more than the batch has positions: the last input needs a target, too
    while (ids := take(stream, B * T + 1)) is not None:
        x = torch.tensor(ids[:-1], dtype=torch.int64).view(B, T)  # (B*T,) -> (B, T)
        # made anew, not cut from the same tensor: whoever changes x must not change y
        y = torch.tensor(ids[1:], dtype=torch.int64).view(B, T)  # (B*T,) -> (B, T)
        yield x, y


def main() -> None:
    """Cut the numbers up to 20 into batches of 2 rows. `python batches.py` runs this."""
    for x, y in batches(range(21), B=2, T=4):
        print("x", x.tolist())
        print("y", y.tolist())


if __name__ == "__main__":
    main()
