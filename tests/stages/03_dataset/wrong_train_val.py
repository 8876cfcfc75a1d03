"""Wrong answers to 03_dataset/train_val."""

from nanolab.wrongs import wrong

_PINNED = "return split_pinned(in_order, split, in_order[-1].name)"
_SORTED = "    in_order = sorted(paths, key=lambda path: path.name)\n"
_LAST = f"not who came last: two machines must agree\n{_SORTED}"
_RAISE = 'raise ValueError(f\'split is "train" or "val", not {split!r}\')'
_SPLIT = 'if split not in ("train", "val"):'
_EMPTY = 'raise ValueError("there are no shards to split: fetch or write at least two")'
_DIVIDE = f"""{_SORTED}    val = [path for path in in_order if path.name == val_name]"""
_ABSENT = (
    'raise ValueError(f"the validation shard {val_name} is not among the {len(paths)} shards")'
)
_GIVE = 'return train if split == "train" else val'

WRONGS = [
    wrong(
        "first_is_val",
        "keeps the first shard for validation",
        (_PINNED, _PINNED.replace("[-1]", "[0]")),
    ),
    wrong(
        "a_random_one",
        "draws the shard for validation by lot",
        (
            _PINNED,
            f"import random\n    {_PINNED.replace('in_order[-1]', 'random.Random(7).choice(in_order)')}",
        ),
    ),
    wrong(
        "trains_on_all",
        "trains on the validation shard as well",
        (
            "train = [path for path in in_order if path.name != val_name]",
            "train = in_order if len(in_order) > 1 else []",
        ),
    ),
    wrong(
        "last_given",
        "takes the last of the list, not the last by name",
        (_PINNED, _PINNED.replace("in_order[-1]", "paths[-1]")),
    ),
    wrong(
        "sorts_in_place",
        "sorts the caller's own list",
        (
            _DIVIDE,
            f"    if isinstance(paths, list):\n        paths.sort(key=lambda path: path.name)\n{_DIVIDE}",
        ),
    ),
    wrong(
        "unsorted",
        "gives the shards in the order in which they came",
        (_DIVIDE, _DIVIDE.replace("sorted(paths, key=lambda path: path.name)", "list(paths)")),
    ),
    wrong(
        "by_folder",
        "sorts whole paths, in which the folder counts first",
        (_PINNED, _PINNED.replace("in_order[-1]", "sorted(paths)[-1]")),
    ),
    wrong(
        "else_is_val",
        'takes everything that is not "train" for "val"',
        (_SPLIT, "if False:"),
    ),
    wrong(
        "else_is_train",
        'takes everything that is not "val" for "train"',
        (_SPLIT, "if False:"),
        (_GIVE, 'return val if split == "val" else train'),
    ),
    wrong(
        "same_object",
        "asks whether the split is the same object, where it should ask whether it is equal",
        (_GIVE, "same = split is _TRAIN\n    return train if same else val"),
        ("def split_shards", '_TRAIN = "train"\n\n\ndef split_shards'),
    ),
    wrong(
        "nothing_to_train_on",
        "gives an empty list when there is nothing to train on",
        ('if split == "train" and not train:', "if False:"),
    ),
    wrong(
        "no_shards",
        "gives an empty list when there are no shards at all",
        (_EMPTY, "return []"),
    ),
    wrong(
        "never_enough",
        "refuses a single shard, although there is something to validate on",
        ('if split == "train" and not train:', "if not train:"),
    ),
    wrong(
        "pin_ignored",
        "does not look at the pinned name",
        (_DIVIDE, f"{_SORTED}    val_name = in_order[-1].name if paths else val_name\n{_DIVIDE}"),
    ),
    wrong(
        "pin_replaced",
        "takes another shard when the pinned one is not there",
        (_ABSENT, "val = in_order[-1:]\n        train = in_order[:-1]"),
    ),
    wrong(
        "pin_missing",
        "gives no validation data when the pinned shard is not there",
        ("if not val:", "if False:"),
    ),
]
