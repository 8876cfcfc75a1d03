"""Deal the data to the ranks: who reads which row groups, and how many batches make a step.

Every rank works it out by itself. Nobody asks anybody, and still nothing is read twice.

Lesson: README.md, "Who reads what". Source: nanochat, `dataloader.py`, and `base_train.py`.
"""

from collections.abc import Sequence


def rowgroups_for(
    rank: int, world_size: int, groups_per_file: Sequence[int]
) -> list[tuple[int, int]]:
    """List the row groups that one rank reads in an epoch.

    In each file, rank 2 of 8 takes the groups 2, 10, 18 and so on, and starts anew in the next.

    Args:
        rank: Whose row groups, 0 to `world_size - 1`.
        world_size: How many ranks share the files.
        groups_per_file: For each file, in reading order, how many row groups it holds.

    Returns:
        The pairs `(file, group)`, both counted from 0, in reading order. With more ranks than row
        groups, some ranks get an empty list.

    Raises:
        ValueError: If there is no such rank.
    """
    # TODO: refuse a rank that is none; then go through the files, in steps. (7 lines)
    raise NotImplementedError


def grad_accum(total_tokens: int, B: int, T: int, world_size: int) -> int:
    """Count the batches that each rank adds up before the weights change once.

    Args:
        total_tokens: Tokens that one step of the optimizer must see, all ranks together.
        B: Rows in a batch of one rank.
        T: Tokens in a row.
        world_size: How many ranks work at the same time.

    Returns:
        The number of batches for each rank, at least 1.

    Raises:
        ValueError: If a size is not positive; the message names the sizes. Or if `total_tokens` is
            not one or more whole rounds, in which every rank does one batch. A total of 0 is no
            round either. The message names the total and the tokens of a round.
    """
    # TODO: compute the tokens of a round; see how many rounds make the total. (7 lines)
    raise NotImplementedError


def main() -> None:
    """Deal three files to eight ranks. `python rank_slices.py` runs this."""
    for rank in range(8):
        mine = rowgroups_for(rank, 8, [10, 8, 3])
        print(f"rank {rank}:", "  ".join(f"file {file} group {group}" for file, group in mine))
    for world_size in (1, 2, 4, 8):
        rounds = grad_accum(524_288, 32, 2048, world_size)
        ranks = "1 rank" if world_size == 1 else f"{world_size} ranks"
        batches = "1 batch" if rounds == 1 else f"{rounds} batches"
        print(f"{ranks}: {batches} per rank for a step of 524,288 tokens")


if __name__ == "__main__":
    main()
