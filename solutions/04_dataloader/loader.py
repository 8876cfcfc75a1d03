"""The loader: files in, batches out, one epoch after another, for one of many ranks.

Lesson: README.md, "The loader". Source: nanochat, `dataloader.py`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from nanochat.dataloader.batches import batches
from nanochat.dataloader.rank_slices import rowgroups_for
from nanochat.dataloader.token_stream import token_stream
from nanochat.dataset.row_groups import iter_batches
from nanochat.tokenizer.tokenizer import RustBPETokenizer

Visit = tuple[int, int, int]  # epoch, from 1; file and row group, from 0
Batch = tuple[torch.Tensor, torch.Tensor, dict[str, int]]  # inputs, targets, where we are


def plan_for(paths: Sequence[str | Path], rank: int, world_size: int) -> list[tuple[int, int]]:
    """List what a rank reads in an epoch. Only the footers of the files are read.

    Args:
        paths: Shards, in reading order.
        rank: Whose plan, 0 to `world_size - 1`.
        world_size: How many ranks share the shards.

    Returns:
        The pairs `(file, group)` in reading order, at least one.

    Raises:
        RuntimeError: If there is nothing for this rank; the message names the rank, the world size
            and how many row groups there are in each file.
        ValueError: If a file is not a whole Parquet file; the message names it.
    """
    groups = [_count_groups(path) for path in paths]
    plan = rowgroups_for(rank, world_size, groups)
    # said now, with the numbers; a loop that looks for a first document would look for ever
    if not plan:
        raise RuntimeError(
            f"rank {rank} of {world_size} has nothing to read: {len(paths)} files with {groups} row "
            "groups. Use fewer ranks, or write more files or smaller row groups"
        )
    return plan


def visits(
    plan: Sequence[tuple[int, int]], epochs: int | None = None, first: int = 1
) -> Iterator[Visit]:
    """Go through a plan epoch by epoch.

    Args:
        plan: What to read in each epoch, in order.
        epochs: How many, whatever the number of the first one; None means for ever.
        first: The number of the first one.

    Yields:
        `(epoch, file, group)`.

    Raises:
        ValueError: If the plan is empty.
    """
    if not plan:
        raise ValueError("the plan is empty: there is no row group to visit")
    for epoch in count(first) if epochs is None else range(first, first + epochs):
        # a loop of its own for each epoch: it begins at the first file every time
        for file, group in plan:
            yield epoch, file, group


def follow(
    order: Iterable[Visit],
    paths: Sequence[str | Path],
    tokenizer: RustBPETokenizer,
    B: int,
    T: int,
    world_size: int = 1,
    batch_size: int = 128,
) -> Iterator[Batch]:
    """Read row groups in the order given, and make batches of them.

    What is left of one epoch, too little for a batch, flows into the next.

    Args:
        order: Which row groups to read.
        paths: Shards; a visit's file is a place in this list.
        tokenizer: `encode` gives the ids of documents, `get_bos_token_id()` the id of `<|bos|>`.
        B: Rows in a batch.
        T: Ids in a row.
        world_size: How many ranks there are; it is noted in the state.
        batch_size: How many documents to encode at once.

    Yields:
        Inputs and targets, as `batches` makes them, and the state: a new dictionary each time, with
        the `epoch`, `pq_idx` (file) and `rg_idx` (row group) read last, and the `world_size`.

    Raises:
        RuntimeError: If there is not a single document in the row groups, however often they are read.
        ValueError: As `batches`, or if a file cannot be read.
    """
    state = {"world_size": world_size}
    documents = _read(order, paths, state)
    bos = tokenizer.get_bos_token_id()
    stream = token_stream(documents, tokenizer.encode, bos, batch_size)
    # everything is lazy: when a batch is there, state speaks of the row group that it ended in
    for x, y in batches(stream, B, T):
        # a copy: this one goes on changing, and the caller's must not
        yield x, y, dict(state)


def loader(
    paths: Sequence[str | Path],
    tokenizer: RustBPETokenizer,
    B: int,
    T: int,
    rank: int = 0,
    world_size: int = 1,
    epochs: int | None = None,
) -> Iterator[Batch]:
    """Load batches for one rank: `plan_for`, `visits` and `follow`, one after the other.

    Args:
        paths: Shards, in reading order.
        tokenizer: Encodes the documents.
        B: Rows in a batch.
        T: Ids in a row.
        rank: Which rank this is.
        world_size: How many there are.
        epochs: After how many epochs to end; None means never.

    Yields:
        As `follow`.

    Raises:
        RuntimeError, ValueError: As `plan_for` and `follow`.
    """
    plan = plan_for(paths, rank, world_size)
    yield from follow(visits(plan, epochs), paths, tokenizer, B, T, world_size)


def _read(
    order: Iterable[Visit], paths: Sequence[str | Path], state: dict[str, int]
) -> Iterator[list[str]]:
    """The documents of each row group; `state` is told which one, just before they come."""
    barren = set()  # row groups without documents, since the last one that had some
    for epoch, file, group in order:
        state.update(epoch=epoch, pq_idx=file, rg_idx=group)
        # iter_batches begins at this row group, and next takes no other
        texts = next(iter_batches([paths[file]], start=group))
        if texts:
            barren.clear()
        elif (file, group) in barren:
            raise RuntimeError(f"the {len(barren)} row groups of this rank hold no document at all")
        else:
            barren.add((file, group))
        yield texts


def _count_groups(path: str | Path) -> int:
    """How many row groups a file has; its footer says so."""
    try:
        return pq.read_metadata(path).num_row_groups
    except pa.ArrowInvalid as error:
        size = Path(path).stat().st_size
        raise ValueError(f"{path} ({size} bytes) is not a whole Parquet file: {error}") from error


def main() -> None:
    """Walk through a plan of two files, twice. `python loader.py` runs this."""
    plan = rowgroups_for(rank=1, world_size=2, groups_per_file=[4, 3])
    for epoch, file, group in visits(plan, epochs=2):
        print(f"epoch {epoch}: rank 1 of 2 reads row group {group} of file {file}")


if __name__ == "__main__":
    main()
