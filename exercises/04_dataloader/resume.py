"""Go on where a checkpoint was made, and the public face of the loader.

A run of days will be interrupted. What it has read already, it should not read again.

Lesson: README.md, "Going on". Source: nanochat, `dataloader.py`.
"""

from collections.abc import Iterator, Mapping, Sequence

import torch
from nanochat.dataloader.loader import Batch, Visit, follow, plan_for, visits
from nanochat.dataset.shard_names import list_parquet_files
from nanochat.dataset.train_val import split_shards
from nanochat.tokenizer.tokenizer import RustBPETokenizer
from nanochat.welcome.base_dir import artifact
from nanochat.welcome.ranks import get_dist_info


def resume_point(state: Mapping[str, int], rank: int, world_size: int, files: int) -> Visit:
    """Find out where a rank goes on.

    A checkpoint is written by one rank, usually rank 0, and read by all. So the state does not say
    what *this* rank has read, but in which round of `world_size` row groups the ranks were. Rounds
    are counted from 0, anew in each file. That round is over for all of them.

    Args:
        state: What came with the last batch: `pq_idx`, `rg_idx`, and perhaps `epoch` (1 if it is
            not there) and `world_size` (not checked if it is not there); nanochat's has neither.
        rank: Which rank goes on.
        world_size: How many ranks there are now.
        files: How many files there are now.

    Returns:
        Epoch, file and row group of the next visit. The row group may lie past the file's last
        one; what comes next then is the rank's first row group of the next file.

    Raises:
        ValueError: If the state was made by another number of ranks, or speaks of a file that is
            not there. The message names the numbers.
    """
    # TODO: refuse what does not fit; find this rank's group in the next round. (10 lines)
    raise NotImplementedError


def visits_from(
    plan: Sequence[tuple[int, int]], point: Visit, last_epoch: int | None = None
) -> Iterator[Visit]:
    """Go through what is left of an epoch, then through whole ones.

    Args:
        plan: What this rank reads in an epoch, in order.
        point: Where to go on: what lies before it is not visited in that epoch.
        last_epoch: The number of the last epoch, while `visits` is told how many there are; None
            means for ever.

    Yields:
        `(epoch, file, group)`, as `visits`.
    """
    # TODO: the rest of this epoch, once; then whole ones, from the next on. (5 lines)
    raise NotImplementedError


def tokenizing_distributed_data_loader_with_state(
    B: int,
    T: int,
    split: str,
    tokenizer_threads: int = 4,
    tokenizer_batch_size: int = 128,
    device: str | torch.device = "cuda",
    resume_state_dict: Mapping[str, int] | None = None,
) -> Iterator[Batch]:
    """Load batches for this process, for ever. Rank, shards and tokenizer are found by themselves.

    Args:
        B: Rows in a batch.
        T: Ids in a row.
        split: `"train"` or `"val"`.
        tokenizer_threads: Not used; nanochat's code passes it.
        tokenizer_batch_size: How many documents to encode at once.
        device: Where the tensors should be.
        resume_state_dict: The state to go on from; None means from the beginning.

    Yields:
        Inputs and targets, both `(B, T)`, int64, on `device`; and the state to save with a
        checkpoint, which JSON can hold.

    Raises:
        FileNotFoundError: If there is no folder of shards, or no tokenizer.
        RuntimeError, ValueError: As `split_shards`, `plan_for`, `resume_point` and `follow`.
    """
    del tokenizer_threads
    _, rank, _, world_size = get_dist_info()
    paths = split_shards(list_parquet_files(), split)
    tokenizer = RustBPETokenizer.from_directory(artifact("tokenizer"))
    plan = plan_for(paths, rank, world_size)
    # TODO: choose the order of the visits; follow it; move the tensors. (6 lines)
    raise NotImplementedError


def tokenizing_distributed_data_loader(
    B: int,
    T: int,
    split: str,
    tokenizer_threads: int = 4,
    tokenizer_batch_size: int = 128,
    device: str | torch.device = "cuda",
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Do the same without the state, for those who never resume: an evaluation, say."""
    for x, y, _ in tokenizing_distributed_data_loader_with_state(
        B, T, split, tokenizer_threads, tokenizer_batch_size, device
    ):
        yield x, y


def main() -> None:
    """Stop after some visits and go on. `python resume.py` runs this."""
    plan = [(0, 1), (0, 3), (1, 1)]  # rank 1 of 2; files of 4 and 3 row groups
    state = {"epoch": 1, "pq_idx": 0, "rg_idx": 0, "world_size": 2}  # saved by rank 0
    point = resume_point(state, rank=1, world_size=2, files=2)
    print("rank 0 had read row group 0; rank 1 goes on at", point)
    print([*visits_from(plan, point, last_epoch=2)])


if __name__ == "__main__":
    main()
