"""Wrong answers to 06_optim/grad_accum."""

from nanolab.wrongs import wrong

_WORD = """    if normalize not in ("micro", "token"):
        raise ValueError(f'normalize is "micro" or "token", not {normalize!r}')
"""
_EMPTY = """    if not micro_batches:
        raise ValueError("there is no micro-batch to take a gradient of")
"""
_SHAPES = "if x.shape != y.shape:"
_COUNTS = "counts = [int((y != -1).sum()) for _, y in micro_batches]"
_LOOP = "for (x, y), count in zip(micro_batches, counts, strict=True):"
_SKIP = """        if count == 0:
            continue
"""
_DIVISOR = 'divisor = sum(counts) if normalize == "token" else count * len(micro_batches)'
_SHARE = 'share = model(x, y, loss_reduction="none").sum() / divisor'
_BACKWARD = "share.backward()"
_LOSS = "loss += share.item()"
_RETURN = 'return {"loss": loss, "num_tokens": sum(counts)}'

WRONGS = [
    wrong(
        "unscaled",
        "adds the gradients of the micro-batches' means without dividing by their number",
        (_DIVISOR, 'divisor = sum(counts) if normalize == "token" else count'),
    ),
    wrong(
        "scaled_twice",
        "divides by the number of micro-batches twice",
        (_DIVISOR, f"{_DIVISOR} * len(micro_batches)"),
    ),
    wrong(
        "sum_of_tokens",
        "never divides by the number of tokens",
        (_DIVISOR, 'divisor = 1 if normalize == "token" else len(micro_batches)'),
    ),
    wrong(
        "token_for_micro",
        'does "token" where it should do "micro"',
        (_DIVISOR, "divisor = sum(counts)"),
    ),
    wrong(
        "micro_for_token",
        'does "micro" where it should do "token"',
        (_DIVISOR, "divisor = count * len(micro_batches)"),
    ),
    wrong(
        "all_tokens",
        "counts the tokens that are ignored, too",
        (_COUNTS, "counts = [y.numel() if (y != -1).any() else 0 for _, y in micro_batches]"),
    ),
    wrong(
        "zero_ignored",
        "ignores the token 0",
        (_COUNTS, "counts = [int((y > 0).sum()) for _, y in micro_batches]"),
    ),
    wrong(
        "mean_of_nothing",
        "divides by the number of tokens of a micro-batch that has none",
        (_SKIP, ""),
    ),
    wrong(
        "empty_left_out",
        'does not count a micro-batch without tokens when it divides by their number ("micro")',
        (
            _DIVISOR,
            'divisor = sum(counts) if normalize == "token" else count * sum(n > 0 for n in counts)',
        ),
    ),
    wrong(
        "stops_at_empty",
        "stops at a micro-batch without tokens",
        (_SKIP, _SKIP.replace("continue", "break")),
    ),
    wrong("no_backward", "never calls backward", (_BACKWARD, "pass")),
    wrong(
        "last_only",
        "clears the gradients between micro-batches",
        (_SHARE, f"model.zero_grad()\n        {_SHARE}"),
    ),
    wrong(
        "clears",
        "clears the gradients that are there",
        (_COUNTS, f"model.zero_grad()\n    {_COUNTS}"),
    ),
    wrong(
        "last_loss",
        "returns the loss of the last micro-batch, as nanochat prints it",
        (_LOSS, "loss = share.item() * divisor / count"),
    ),
    wrong(
        "sum_of_losses",
        "returns the sum of the losses, not their mean",
        (_LOSS, "loss += share.item() * divisor / count"),
    ),
    wrong(
        "loss_as_tensor", "returns the loss as a tensor", (_LOSS, "loss = loss + share.detach()")
    ),
    wrong(
        "last_count",
        "returns the number of tokens of the last micro-batch",
        (_RETURN, 'return {"loss": loss, "num_tokens": counts[-1]}'),
    ),
    wrong("no_empty_check", "takes no micro-batch for a loss of 0", (_EMPTY, "")),
    wrong("no_word_check", 'takes every other word for "micro"', (_WORD, "")),
    wrong(
        "no_shape_check",
        "takes x and y of different shapes",
        (_SHAPES, "if x.numel() != y.numel():"),
    ),
]
