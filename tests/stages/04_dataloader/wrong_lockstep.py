"""Wrong answers to 04_dataloader/lockstep."""

from nanolab.wrongs import wrong

_ASK = "    steps = int(all_reduce_min(n_local_batches))\n"
_TEST = "    if steps < 1:\n"
_SUM = "total = all_reduce_sum(sum_loss)"
_COUNT = "    tokens = all_reduce_sum(n_tokens)\n    # divided once"
_MEAN = "return total / tokens if tokens else 0.0"
_TOKENS = "    tokens = all_reduce_sum(n_tokens)\n    # the average"
_SHARE = "return sum_loss * (world_size / max(tokens, 1))"

WRONGS = [
    wrong("own_count", "takes its own number of steps", (_ASK, "    steps = n_local_batches\n")),
    wrong(
        "asks_and_forgets",
        "asks the others, and does not listen",
        (_ASK, "    all_reduce_min(n_local_batches)\n    steps = n_local_batches\n"),
    ),
    wrong(
        "the_fastest",
        "takes as many steps as the rank with the most batches",
        (_ASK, "    steps = int(-all_reduce_min(-n_local_batches))\n"),
    ),
    wrong(
        "one_less",
        "leaves out the last step that all could take",
        (_ASK, _ASK.replace("batches))", "batches)) - 1")),
    ),
    wrong(
        "a_float",
        "gives a float for a number of steps",
        (
            _ASK,
            _ASK.replace("int(all_reduce_min(n_local_batches))", "all_reduce_min(n_local_batches)"),
        ),
    ),
    wrong(
        "raises_before_asking",
        "gives up without telling the others",
        (_ASK, '    if n_local_batches < 1:\n        raise ValueError("no batch")\n' + _ASK),
    ),
    wrong(
        "raises_alone",
        "lets only one rank know that there is no step to take",
        (_TEST, "    if n_local_batches < 1:\n"),
    ),
    wrong("zero_steps", "takes no step, and does not say so", (_TEST, "    if steps < 0:\n")),
    wrong(
        "mean_of_means",
        "averages the averages of the ranks",
        (_SUM, "total = all_reduce_sum(sum_loss / max(n_tokens, 1))"),
        (_COUNT, "    tokens = all_reduce_sum(1)\n    # divided once"),
    ),
    wrong(
        "own_tokens",
        "divides by the tokens of one rank",
        (_COUNT, "    tokens = n_tokens\n    # divided once"),
    ),
    wrong("own_sum", "adds up the losses of one rank only", (_SUM, "total = sum_loss")),
    wrong(
        "only_own",
        "gives each rank a mean of its own",
        (_SUM, "total = sum_loss"),
        (_COUNT, "    tokens = n_tokens\n    # divided once"),
    ),
    wrong("no_division", "gives a sum for a mean", (_MEAN, "return total")),
    wrong(
        "divides_by_ranks",
        "divides by the number of ranks",
        (_COUNT, "    tokens = all_reduce_sum(1)\n    # divided once"),
    ),
    wrong(
        "divides_twice",
        "divides before and after joining",
        (_SUM, "total = all_reduce_sum(sum_loss / max(n_tokens, 1))"),
    ),
    wrong(
        "skips_empty",
        "does not ask when a rank has no tokens",
        (_SUM, "if not n_tokens:\n        return 0.0\n    total = all_reduce_sum(sum_loss)"),
    ),
    wrong("divides_by_nothing", "divides by no tokens", (_MEAN, "return total / tokens")),
    wrong(
        "no_world",
        "forgets that the ranks' gradients are divided by their number",
        (_SHARE, "return sum_loss * (1 / max(tokens, 1))"),
    ),
    wrong(
        "local_mean",
        "lets every rank weigh the same, however few tokens it has",
        (_SHARE, "return sum_loss / max(n_tokens, 1)"),
    ),
    wrong(
        "world_twice",
        "divides by the number of ranks, as the average will do again",
        (_SHARE, "return sum_loss / (world_size * max(tokens, 1))"),
    ),
    wrong(
        "share_own_tokens",
        "counts the tokens of one rank",
        (_TOKENS, "    tokens = n_tokens\n    # the average"),
    ),
    wrong(
        "share_skips_empty",
        "leaves the others waiting when a rank has no tokens to share",
        (_TOKENS, "    if n_tokens == 0:\n        return sum_loss * 0\n" + _TOKENS),
    ),
    wrong(
        "loses_graph_of_nothing",
        "gives a number of its own for the share of a rank without tokens",
        (_SHARE, "if n_tokens == 0:\n        return torch.tensor(0.0)\n    " + _SHARE),
    ),
    wrong(
        "share_of_nothing",
        "divides by the tokens of nobody",
        (_SHARE, "return sum_loss * (world_size / tokens)"),
    ),
    wrong(
        "no_graph",
        "loses the way back to the weights",
        (_SHARE, "return sum_loss.item() * (world_size / max(tokens, 1))"),
    ),
    wrong(
        "new_leaf",
        "makes a new tensor, which knows nothing of the weights",
        (
            _SHARE,
            "return torch.tensor(sum_loss.item() * world_size / max(tokens, 1), requires_grad=True)",
        ),
    ),
]
