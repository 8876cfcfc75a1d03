"""Many ranks, one step: stop together, and weigh every token alike.

What one rank computes has to be joined with what the others compute, and joining means waiting.
A rank that stops early leaves the others waiting for ever.

Lesson: README.md, "In step". Source: nanochat, `scripts/chat_sft.py` and `scripts/mid_train.py`.
"""

from collections.abc import Callable

import torch
import torch.distributed as dist
from nanochat.welcome.ranks import get_dist_info

# Hands over this rank's number, waits for all ranks, and gives each of them the same answer.
Reduce = Callable[[float], float]


def all_reduce(value: float, op: str = "sum") -> float:
    """Join a number with those of all other ranks. Every rank must call it, as often as the others.

    Args:
        value: This rank's number.
        op: `"sum"`, `"min"` or `"max"`.

    Returns:
        The sum, the least or the greatest of all ranks' numbers. Where there is no process group,
        the rank is alone, and it is `value`.
    """
    if not (dist.is_available() and dist.is_initialized()):
        return value
    joined = torch.tensor(value, dtype=torch.float64)
    dist.all_reduce(joined, getattr(dist.ReduceOp, op.upper()))
    return joined.item()


def lockstep(n_local_batches: int, all_reduce_min: Reduce) -> int:
    """Agree on a number of steps that every rank can take.

    Args:
        n_local_batches: How many batches this rank has; others may have more or fewer.
        all_reduce_min: Gives the least of what all ranks hand over.

    Returns:
        The same number on all ranks, an int.

    Raises:
        ValueError: If some rank has no batch at all, on all ranks: nobody could take a step.
    """
    # TODO: ask the others; refuse if there is no step to take. (4 lines)
    raise NotImplementedError


def global_mean(sum_loss: float, n_tokens: int, all_reduce_sum: Reduce) -> float:
    """Average a loss over the tokens of all ranks.

    Args:
        sum_loss: The sum of this rank's losses, over tokens that have a target.
        n_tokens: How many those are; 0 is possible, where all is masked.
        all_reduce_sum: Gives the sum of what all ranks hand over.

    Returns:
        The mean of all tokens, each counting the same, wherever it was. 0 if there are none.
    """
    # TODO: join sums and counts; divide at the end. (3 lines)
    raise NotImplementedError


def loss_share(
    sum_loss: torch.Tensor, n_tokens: int, world_size: int, all_reduce_sum: Reduce
) -> torch.Tensor:
    """Scale this rank's loss so that the ranks' gradients, averaged, are those of one big batch.

    Args:
        sum_loss: The sum of this rank's losses, a tensor without dimensions, with its graph.
        n_tokens: How many losses are in the sum; 0 is possible.
        world_size: How many ranks there are. After `backward`, the ranks' gradients are added up
            and divided by it: that is how they are joined, and it cannot be changed here.
        all_reduce_sum: Gives the sum of what all ranks hand over.

    Returns:
        What to call `backward` on. Its value is of no interest.
    """
    # TODO: count all ranks' tokens; scale so that the average comes out right. (2 lines)
    raise NotImplementedError


def main() -> None:
    """Take steps together. Run it alone, or on two ranks with `torchrun --nproc_per_node=2`."""
    distributed, rank, _, world_size = get_dist_info()
    if distributed:
        dist.init_process_group("gloo")
    batches = 5 - 2 * rank  # rank 0 has five batches, rank 1 has three
    steps = lockstep(batches, lambda number: all_reduce(number, "min"))
    print(f"rank {rank} of {world_size} has {batches} batches and takes {steps} steps", flush=True)
    for _ in range(steps):
        mean = global_mean(float(rank), rank + 1, all_reduce)
    print(f"rank {rank} of {world_size}: the mean over all tokens is {mean:.4f}", flush=True)
    if distributed:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
