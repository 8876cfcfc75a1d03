"""Which shards a model learns from, and which it is tested on.

A model that has seen its test knows the answers, and its loss tells nothing.

Lesson: README.md, "Training and validation". Source: nanochat, `dataset.py`,
parquets_iter_batched; the pinned one follows what nanochat does since March 2026.
"""

from collections.abc import Sequence
from pathlib import Path


def split_shards(paths: Sequence[Path], split: str) -> list[Path]:
    """Pick the shards of a split: the last one by name is for validation, all others train.

    Args:
        paths: Shards, in any order. It is not changed.
        split: `"train"` or `"val"`.

    Returns:
        The shards of the split, sorted by name.

    Raises:
        ValueError: If `split` is neither, or if there are no shards. If none is left to train on:
            then the message names the one shard that is there. A wrong `split` is named, too.
    """
    # TODO: refuse an empty list; find the last shard by name; split with it pinned. (4 lines)
    raise NotImplementedError


def split_pinned(paths: Sequence[Path], split: str, val_name: str) -> list[Path]:
    """Pick the shards of a split when it has been settled which one is for validation.

    Args:
        paths: Shards, in any order. It is not changed.
        split: `"train"` or `"val"`.
        val_name: File name of the validation shard.

    Returns:
        The shards of the split, sorted by name.

    Raises:
        ValueError: If `split` is neither; the message names it. If `val_name` is not among the
            shards; the message names it, and says how many shards there are. If none is left to
            train on; the message names the shard that is left.
    """
    # TODO: refuse a wrong split; divide by name; refuse what must not be empty. (10 lines)
    raise NotImplementedError


def main() -> None:
    """Split three shards, then five: `python train_val.py` runs this."""
    for count in (3, 5):
        paths = [Path(f"shard_{i:05d}.parquet") for i in range(count)]
        print(f"{count} shards, last for validation:", split_shards(paths, "val")[0])
        print(f"{count} shards, pinned:             ", split_pinned(paths, "val", paths[2].name)[0])


if __name__ == "__main__":
    main()
