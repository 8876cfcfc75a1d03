"""Check of 03_dataset/train_val."""

from pathlib import Path

from nanochat.dataset.train_val import main, split_pinned, split_shards

from nanolab.expect import attempt, equal


def shards(*indices, folder="data"):
    """Paths of shards; there need be no files."""
    return [Path(folder) / f"shard_{index:05d}.parquet" for index in indices]


def said(function, *args):
    """What an error says; nothing if there is none."""
    try:
        function(*args)
    except ValueError as error:
        return str(error)
    return ""


def test_the_last_is_for_validation():
    """The last shard is for validation, all others are for training.

    Kills first_is_val, a_random_one and trains_on_all.
    """
    paths = shards(0, 1, 2, 3)
    equal(split_shards(paths, "val"), paths[3:], "shard 3 is the last of 0, 1, 2, 3")
    message = "the other three are for training, and no shard is for both"
    equal(split_shards(paths, "train"), paths[:3], message)


def test_the_order_of_the_list_does_not_matter():
    """Last means last by name, in whichever order the shards are given.

    Kills last_given, sorts_in_place, unsorted and by_folder.
    """
    paths = shards(2, 0, 3, 1)
    equal(split_shards(tuple(paths), "val"), shards(3), "shard 3 is the last by name")
    equal(split_shards(paths, "train"), shards(0, 1, 2), "sorted by name")
    name = "shard_00000.parquet"
    equal(split_pinned(paths, "train", name), shards(1, 2, 3), "sorted by name")
    equal(paths, shards(2, 0, 3, 1), "the caller's own list should be as it was")
    mixed = [*shards(1, folder="a"), *shards(0, folder="b")]
    message = "the names decide, not the folders: shard 1 is the last, wherever it lies"
    equal(split_shards(mixed, "val"), mixed[:1], message)


def test_there_are_two_splits():
    """Anything but "train" and "val" is refused.

    Kills else_is_val, else_is_train and same_object.
    """
    for split in ("valid", "test", "Train", ""):
        message = f"{split!r} is no split, and should not quietly mean one"
        equal(attempt(split_shards, shards(0, 1), split), ("raises", "ValueError"), message)
        found = attempt(split_pinned, shards(0, 1), split, "shard_00001.parquet")
        equal(found, ("raises", "ValueError"), message)
        told = said(split_shards, shards(0, 1), split)
        assert split in told, f"your message should name the wrong split: {split}"
    split = "".join(["tr", "ain"])
    message = (
        "a string that was put together is equal to another one, without being the same object"
    )
    equal(split_shards(shards(0, 1), split), shards(0), message)
    equal(attempt(split_shards, shards(0), split), ("raises", "ValueError"), message)


def test_too_few_shards():
    """No shards, or none left to train on, are an error: a loader would look for a batch for ever.

    Kills nothing_to_train_on and no_shards.
    """
    for split in ("train", "val"):
        message = "no shards cannot be split"
        equal(attempt(split_shards, [], split), ("raises", "ValueError"), message)
    equal(split_shards(shards(5), "val"), shards(5), "a single shard is the last one")
    message = "the only shard is for validation: an empty list would be an endless loop later"
    equal(attempt(split_shards, shards(5), "train"), ("raises", "ValueError"), message)
    name = "shard_00005.parquet"
    told = said(split_shards, shards(5), "train")
    assert name in told, f"your message should name the one shard that is left: {name}"
    found = attempt(split_pinned, shards(5), "train", name)
    equal(found, ("raises", "ValueError"), message)


def test_a_growing_folder(capsys):
    """With more shards, the last one is another one; a pinned one stays.

    Kills pin_ignored, pin_replaced and pin_missing.
    """
    few, many, name = shards(0, 1, 2), shards(0, 1, 2, 3, 4), "shard_00002.parquet"
    equal(split_shards(few, "val"), shards(2), "of three shards, shard 2 is the last")
    message = "of five shards, shard 4 is the last, and yesterday's validation data is for training"
    equal(split_shards(many, "train"), shards(0, 1, 2, 3), message)
    equal(split_pinned(few, "val", name), shards(2), "shard 2 is pinned")
    equal(split_pinned(many, "val", name), shards(2), "pinned, it stays for validation")
    equal(split_pinned(many, "train", name), shards(0, 1, 3, 4), "and is never trained on")
    for split in ("train", "val"):
        found = attempt(split_pinned, many, split, "shard_00007.parquet")
        message = "the pinned shard is not there, and no other may take its place"
        equal(found, ("raises", "ValueError"), message)
        told = said(split_pinned, many, split, "shard_00007.parquet")
        assert "shard_00007.parquet" in told, "your message should name the shard that is pinned"
        assert "5" in told, "your message should say how many shards there are: 5"
    main()
    told = [line.split()[-1] for line in capsys.readouterr().out.splitlines()]
    expected = [f"shard_0000{index}.parquet" for index in (2, 2, 4, 2)]
    equal(told, expected, "of three shards both keep shard 2; of five, only the pinned one stays")


def probe(module):
    lists = [[], shards(5), shards(0, 1, 2, 3), shards(2, 0, 3, 1), shards(4, 0, 2, 1, 3)]
    lists.append([*shards(1, folder="a"), *shards(0, folder="b")])
    names = [f"shard_0000{i}.parquet" for i in (0, 2, 5)]
    return [
        seen
        for paths in lists
        for split in ("train", "val", "test", "".join(["tr", "ain"]))
        for seen in (
            _plain(attempt(module.split_shards, paths, split)),
            *(_plain(attempt(module.split_pinned, paths, split, name)) for name in names),
            _plain(paths),
        )
    ]


def _plain(found):
    return [str(one) for one in found]
