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
    if not paths:
        raise ValueError("there are no shards to split: fetch or write at least two")
    # the rule is about names, not about who came last: two machines must agree
    in_order = sorted(paths, key=lambda path: path.name)
    return split_pinned(in_order, split, in_order[-1].name)


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
    # anything but "train" must not silently mean "val": "valid", "test", "Train"
    if split not in ("train", "val"):
        raise ValueError(f'split is "train" or "val", not {split!r}')
    in_order = sorted(paths, key=lambda path: path.name)
    val = [path for path in in_order if path.name == val_name]
    train = [path for path in in_order if path.name != val_name]
    # another shard in its place would be one that the model has trained on
    if not val:
        raise ValueError(f"the validation shard {val_name} is not among the {len(paths)} shards")
    # upstream gives an empty list here, and its loader then looks for a first batch for ever
    if split == "train" and not train:
        raise ValueError(f"the only shard is for validation ({val_name}): training needs 2 or more")
    return train if split == "train" else val


def main() -> None:
    """Split three shards, then five: `python train_val.py` runs this."""
    for count in (3, 5):
        paths = [Path(f"shard_{i:05d}.parquet") for i in range(count)]
        print(f"{count} shards, last for validation:", split_shards(paths, "val")[0])
        print(f"{count} shards, pinned:             ", split_pinned(paths, "val", paths[2].name)[0])


if __name__ == "__main__":
    main()
