"""Rows of different lengths in one batch, and a loss that does not count the padding.

Pretraining has no use for this: its river fills every row. Conversations (stage 9) have lengths.

Lesson: README.md, "Ragged rows". Source: nanochat, `scripts/chat_sft.py`.
"""

from collections.abc import Sequence

import torch

IGNORE = -1  # a target that the loss leaves out: no token has this id


def collate(
    rows: Sequence[tuple[Sequence[int], Sequence[int]]], pad_id: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Make one batch of rows of different lengths.

    `n` ids give `n - 1` pairs of an input and the id after it, so the batch is as wide as the
    longest row less one. Shorter rows begin at the left, like all others.

    Args:
        rows: For each row its ids, and a mask of the same length: 1 for an id that the model must
            learn to say, 0 for one that it only reads. Lists or 1-D tensors; they are not changed.
        pad_id: The id that fills up the inputs.

    Returns:
        Inputs and targets, both `(len(rows), width)`, int64. A target is `IGNORE` where there is
        none, and where the mask of the id to be guessed is 0.

    Raises:
        ValueError: If there are no rows, or if none has two ids; the message says how many rows
            there are. If a mask is not as long as its ids; it says which row and how long.
    """
    for number, (ids, mask) in enumerate(rows):
        if len(ids) != len(mask):
            raise ValueError(f"row {number} has {len(ids)} ids, but a mask of {len(mask)}")
    width = max((len(ids) for ids, _ in rows), default=0) - 1
    if width < 1:
        raise ValueError(f"none of the {len(rows)} rows has two ids: there is nothing to guess")
    x = torch.full((len(rows), width), pad_id, dtype=torch.int64)  # (rows, width)
    y = torch.full((len(rows), width), IGNORE, dtype=torch.int64)  # (rows, width)
    for i, (ids, mask) in enumerate(rows):
        row, learn = torch.as_tensor(ids), torch.as_tensor(mask)  # (n,), (n,)
        x[i, : len(ids) - 1] = row[:-1]
        # the mask speaks of the id to be guessed, so it moves along with the targets
        y[i, : len(ids) - 1] = torch.where(learn[1:] == 1, row[1:], IGNORE)  # (n - 1,)
    return x, y


def masked_mean(loss: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Average a loss over the positions that have a target.

    Args:
        loss: One number for each position, of the shape of `y`, or flat. Where there is no target
            it may be nan or inf: leave it out, since 0 times nan is nan.
        y: Targets, `IGNORE` where there is none.

    Returns:
        The mean, a tensor without dimensions. If no position has a target it is 0, and so are its
        gradients: such a batch teaches nothing, and breaks nothing.

    Raises:
        ValueError: If there are not as many losses as targets.
    """
    if loss.numel() != y.numel():
        raise ValueError(f"there are {loss.numel()} losses for {y.numel()} targets")
    valid = y.view(-1) != IGNORE  # (positions,)
    # where, not times: a loss of infinity or nan at a place without a target is no loss at all
    total = torch.where(valid, loss.view(-1), 0.0).sum()
    return total / valid.sum().clamp(min=1)


def main() -> None:
    """Collate two short conversations. `python padding.py` runs this."""
    rows = [([1, 2, 3, 4, 5], [0, 0, 1, 1, 1]), ([1, 6, 7], [0, 0, 1])]
    x, y = collate(rows, pad_id=9)
    print("x", x.tolist())
    print("y", y.tolist())
    loss = torch.arange(8.0)  # as if position 0 cost 0, position 1 cost 1, ...
    print("mean over targets", masked_mean(loss, y).item(), " over everything", loss.mean().item())


if __name__ == "__main__":
    main()
