"""Gradient accumulation: a batch that does not fit into memory, in pieces, and exactly.

Lesson: README.md, "A batch in pieces". Source: nanochat, `scripts/base_train.py`, the loop over
`grad_accum_steps`; `scripts/chat_sft.py`, num_tokens.
"""

from collections.abc import Sequence
from typing import Any

from torch import Tensor


def accumulate_gradients(
    model: Any,
    micro_batches: Sequence[tuple[Tensor, Tensor]],
    *,
    normalize: str = "micro",
) -> dict[str, float]:
    """Add the gradients of several micro-batches to what is in `.grad`, as of one large batch.

    Args:
        model: `model(x, y, loss_reduction="none")` gives the loss of each token, B * T of them in
            any shape; 0 for a token whose target is -1.
        micro_batches: Pairs `(x, y)`, each (B, T) int64. Where `y` is -1, the token is ignored.
        normalize: What the gradient is of. `"micro"`: the sum of the mean losses, one for each
            micro-batch, divided by the number of all micro-batches; one without a token that counts
            adds 0. Fine if all have the same number of tokens that count. `"token"`: the mean over
            all tokens that count, wherever they are.

    Returns:
        `loss`, a float: what the gradient is of. And `num_tokens`, an int: how many tokens counted.
        A micro-batch without any adds nothing; if there is none at all, the loss is 0.0 and no
        gradient changes.

    Raises:
        ValueError: If there is no micro-batch, if an `x` and its `y` differ in shape, or if
            `normalize` is something else.
    """
    if normalize not in ("micro", "token"):
        raise ValueError(f'normalize is "micro" or "token", not {normalize!r}')
    if not micro_batches:
        raise ValueError("there is no micro-batch to take a gradient of")
    for x, y in micro_batches:
        if x.shape != y.shape:
            raise ValueError(f"x is {tuple(x.shape)}, and y is {tuple(y.shape)}")
    counts = [int((y != -1).sum()) for _, y in micro_batches]
    loss = 0.0
    for (x, y), count in zip(micro_batches, counts, strict=True):
        # the mean over nothing would be 0 / 0
        if count == 0:
            continue
        divisor = sum(counts) if normalize == "token" else count * len(micro_batches)
        share = model(x, y, loss_reduction="none").sum() / divisor
        # backward adds to .grad, and frees the graph: one micro-batch is in memory at a time
        share.backward()
        loss += share.item()
    return {"loss": loss, "num_tokens": sum(counts)}
