"""Check of 04_dataloader/lockstep."""

import torch
from kit.probing import tried
from kit.ranks import run_ranks
from kit.together import together
from nanochat.dataloader.lockstep import all_reduce, global_mean, lockstep, loss_share

from nanolab.expect import attempt, close, equal

WORLDS = (1, 2, 3, 8)
GRAPH = (
    "loss_share must keep the graph of sum_loss, even where a rank has no tokens: compute with "
    "the tensor itself, or backward finds no way to the weights"
)


def steps(counts, agree=lockstep):
    """What ranks with so many batches agree on."""
    return attempt(
        together,
        len(counts),
        lambda rank, reduce: attempt(agree, counts[rank], lambda value: reduce(value, "min")),
    )


def means(losses, average=global_mean):
    """The mean that each rank computes of (sum, tokens) of all ranks."""
    return attempt(together, len(losses), lambda rank, reduce: average(*losses[rank], reduce))


def shares(losses, share=loss_share):
    """The share of each rank, of (sum, tokens) of all ranks."""

    def one(rank, reduce):
        total, tokens = losses[rank]
        return share(torch.tensor(total, requires_grad=True), tokens, len(losses), reduce)

    return attempt(together, len(losses), one)


def test_the_slowest_rank_decides():
    """All ranks take as many steps as the one with the fewest batches.

    Kills own_count, asks_and_forgets, the_fastest, one_less and a_float.
    """
    message = "the ranks have 5, 3 and 4 batches: all of them can take 3 steps, and an int it is"
    equal(steps([5, 3, 4]), [3, 3, 3], message)
    equal(steps([7]), [7], "a rank that is alone takes all of its steps")
    equal(steps([2, 2, 2, 2, 2, 2, 2, 1]), [1] * 8, "eight ranks, and the last has 1 batch")
    found = attempt(lockstep, 4, lambda _: 3.0)
    equal(found, 3, "real collectives give a float; the number of steps is an int all the same")


def test_a_rank_without_batches_is_told_by_all():
    """If a rank has no batch, every rank raises, and none is left waiting.

    Kills raises_before_asking, raises_alone and zero_steps.
    """
    for counts in ([3, 0], [0, 3], [0], [5, 5, 0, 5]):
        message = f"batches of the ranks: {counts}. All of them must ask, and then raise ValueError"
        equal(steps(counts), [("raises", "ValueError")] * len(counts), message)


def test_every_token_counts_the_same():
    """The mean is the sum of all losses over the number of all tokens.

    Kills mean_of_means, own_tokens, own_sum, only_own, no_division, divides_by_ranks and
    divides_twice.
    """
    message = "rank 0 has 3 tokens that cost 6, rank 1 has 1 that costs 10: 16 over 4 tokens is 4"
    equal(means([(6.0, 3), (10.0, 1)]), [4.0, 4.0], message)
    equal(means([(6.0, 3)]), [2.0], "alone: 6 over 3")
    message = "eight ranks with a token each, at 0, 1, ... 7: 28 over 8"
    equal(means([(float(rank), 1) for rank in range(8)]), [3.5] * 8, message)


def test_a_rank_without_tokens_asks_all_the_same():
    """A rank whose tokens are all masked still takes part; without any token the mean is 0.

    Kills skips_empty and divides_by_nothing.
    """
    message = "rank 0 has no tokens, rank 1 has 2 that cost 6: the mean is 3, and nobody waits"
    equal(means([(0.0, 0), (6.0, 2)]), [3.0, 3.0], message)
    equal(means([(6.0, 2), (0.0, 0)]), [3.0, 3.0], message.replace("rank 0", "rank 1", 1))
    equal(means([(0.0, 0), (0.0, 0)]), [0.0, 0.0], "no tokens at all: 0, since nothing was lost")


def test_a_share_of_no_tokens_asks_all_the_same():
    """loss_share asks on every rank, and a rank whose tokens are all masked shares 0.

    Kills share_skips_empty, loses_graph_of_nothing and no_graph.
    """
    message = "rank 0 has no tokens, rank 1 has 2 that cost 6: the shares are 0 and 6, nobody waits"
    found = shares([(0.0, 0), (6.0, 2)])
    equal(values(found), [0.0, 6.0], message)
    other = shares([(6.0, 2), (0.0, 0)])
    message = (
        "rank 0 has 2 tokens that cost 6, rank 1 has none: the shares are 6 and 0, nobody waits"
    )
    equal(values(other), [6.0, 0.0], message)
    equal([has_graph(one) for one in [*found, *other]], [True] * 4, GRAPH)


def test_shares_make_one_big_batch():
    """With loss_share, many ranks find the gradient that one would find on all of the data.

    Kills no_world, local_mean, world_twice, share_own_tokens, share_of_nothing, no_graph
    and new_leaf.
    """
    for world_size in WORLDS:
        whole, parts = gradients(world_size, ragged=True)
        message = (
            f"{world_size} ranks, rows with different numbers of targets: the averaged gradient"
        )
        close(parts, whole, message, axes="weight", atol=1e-12)
    shares = attempt(
        together, 2, lambda _, reduce: loss_share(torch.tensor(0.0), 0, 2, reduce).item()
    )
    equal(
        shares,
        [0.0, 0.0],
        "no rank has a target: there is nothing to share, and nothing to divide by",
    )
    one = attempt(loss_share, torch.tensor(3.0), 1, 1, lambda value: value)
    close(one, torch.tensor(3.0), "a single token, on a single rank: its loss is the share")


def test_ranks_or_rounds_it_is_the_same():
    """8 ranks with a batch each do what 1 rank does in 8 rounds, if all have as many tokens.

    Kills no_world, world_twice, share_own_tokens, no_graph and new_leaf.
    """
    whole, parts = gradients(8, ragged=False)
    close(
        parts,
        whole,
        "8 ranks x 1 batch and one batch of all: one gradient",
        axes="weight",
        atol=1e-12,
    )
    weights, x, y, _ = problem(8, ragged=False)
    for rank in range(8):  # gradient accumulation: loss / 8 for each of 8 batches
        losses = (x[rank] @ weights - y[rank]) ** 2
        learn(loss_share(losses.sum(), losses.numel(), 1, lambda n: n) / 8, weights)
    message = "1 rank x 8 batches, loss / 8 each time: the same gradient"
    close(weights.grad, whole, message, axes="weight", atol=1e-12)


def test_eight_real_processes_stay_in_step():
    """Eight processes, joined by torch.distributed, take the same steps and find the same means.

    Kills own_count, the_fastest, mean_of_means and skips_empty.
    """
    few = "rank r has 3 + r batches: all must take 3 steps, or some wait for ever"
    message = (
        "rank r has r tokens of loss r: the mean is (0 + 1 + 4 + ... + 49) / 28 = 5, on all ranks"
    )
    # played by threads first: a wrong answer needs no eight processes to be seen
    equal(steps([3 + rank for rank in range(8)]), [3] * 8, few)
    equal(means([(float(rank * rank), rank) for rank in range(8)]), [5.0] * 8, message)
    found = run_ranks(real_rank, 8, timeout=8.0)
    equal([steps for steps, _ in found], [3] * 8, few)
    equal([means for _, means in found], [[5.0] * 3] * 8, message)


def real_rank(rank, _):
    """Rank r has 3 + r batches, each with r tokens that cost r."""
    number = lockstep(3 + rank, lambda value: all_reduce(value, "min"))
    most = all_reduce(number, "max")
    if most != all_reduce(number, "min") or not 0 < number < 9:
        return number, []  # to go on would be to wait for ever
    return number, [global_mean(float(rank * rank), rank, all_reduce) for _ in range(number)]


def problem(world_size, *, ragged):
    """A linear model, and for each rank four rows; `keep` says which have a target."""
    dice = torch.Generator().manual_seed(0)
    weights = torch.randn(5, generator=dice, dtype=torch.float64).requires_grad_()
    x = torch.randn(world_size, 4, 5, generator=dice, dtype=torch.float64)
    y = torch.randn(world_size, 4, generator=dice, dtype=torch.float64)
    keep = [4 - rank % 4 if ragged else 4 for rank in range(world_size)]
    return weights, x, y, keep


def values(found):
    """Numbers for tensors; what `attempt` says of an exception stays."""
    return [torch.as_tensor(one).item() for one in found] if isinstance(found, list) else found


def has_graph(share):
    """Whether `backward` can be called on it."""
    return isinstance(share, torch.Tensor) and share.requires_grad


def learn(share, weights):
    """Call `backward`, and require that it finds the weights."""
    found = "no gradient"
    if has_graph(share):
        share.backward()
        found = "no gradient" if weights.grad is None else "a gradient"
    equal(found, "a gradient", GRAPH)


def gradients(world_size, *, ragged, share=loss_share):
    """The gradient of the mean over all targets; and the mean of the ranks' gradients."""
    weights, x, y, keep = problem(world_size, ragged=ragged)
    losses = torch.cat([((x[r] @ weights - y[r]) ** 2)[: keep[r]] for r in range(world_size)])
    (whole,) = torch.autograd.grad(losses.mean(), weights)

    def rank_gradient(rank, reduce):
        own = weights.detach().clone().requires_grad_()
        losses = ((x[rank] @ own - y[rank]) ** 2)[: keep[rank]]
        learn(share(losses.sum(), len(losses), world_size, reduce), own)
        return own.grad

    return whole, torch.stack(together(world_size, rank_gradient)).mean(dim=0)


def probe(module):
    """Steps, means and shares of small worlds; how often each rank asks."""
    refused = ("raises", "ValueError")
    counts = [([5, 3, 4], [3] * 3), ([7], [7]), ([3, 0], [refused] * 2), ([0, 3], [refused] * 2)]
    losses = [
        ([(6.0, 3), (10.0, 1)], [4.0] * 2, [3.0, 5.0]),
        ([(6.0, 3)], [2.0], [2.0]),
        ([(0.0, 0), (6.0, 2)], [3.0] * 2, [0.0, 6.0]),
        ([(0.0, 0), (0.0, 0)], [0.0] * 2, [0.0] * 2),
    ]
    agreed = [tried(right, steps, one, module.lockstep) for one, right in counts]
    once = tried(("3", [4]), _asks, module)
    found = [tried(right, means, one, module.global_mean) for one, right, _ in losses]
    parts = [tried((right, [True] * len(right)), _parts, module, one) for one, _, right in losses]
    grown = [_shares(module, world, ragged) for world in (1, 3) for ragged in (True, False)]
    return agreed, once, found, parts, grown


def _asks(module):
    asked = []
    found = attempt(module.lockstep, 4, lambda value: asked.append(value) or 3.0)
    return repr(found), asked


def _parts(module, losses):
    found = shares(losses, module.loss_share)
    return values(found), [has_graph(one) for one in found]


def _shares(module, world_size, ragged):
    whole, _ = gradients(world_size, ragged=ragged, share=lambda total, *_: total)
    right = [round(value, 6) for value in whole.tolist()]

    def parts():
        _, parts = gradients(world_size, ragged=ragged, share=module.loss_share)
        return [round(value, 6) for value in parts.tolist()]

    return tried(right, parts)
