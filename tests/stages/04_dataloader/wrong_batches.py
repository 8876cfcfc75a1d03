"""Wrong answers to 04_dataloader/batches."""

from nanolab.wrongs import wrong

_ITER = "    stream = iter(stream)\n"
_WHILE = "    while (ids := take(stream, B * T + 1)) is not None:\n"
_X = "x = torch.tensor(ids[:-1], dtype=torch.int64).view(B, T)"
_Y = "y = torch.tensor(ids[1:], dtype=torch.int64).view(B, T)"
_YIELD = "        yield x, y\n"
_SIZES = "if B < 1 or T < 1:"

WRONGS = [
    wrong("same_ids", "takes the inputs for targets", (_Y, _Y.replace("ids[1:]", "ids[:-1]"))),
    wrong(
        "looks_back",
        "asks for the id before, not after",
        (_X, _X.replace("[:-1]", "[1:]")),
        (_Y, _Y.replace("[1:]", "[:-1]")),
    ),
    wrong(
        "two_ahead",
        "asks for the id after the next",
        (_WHILE, _WHILE.replace("+ 1", "+ 2")),
        (_X, _X.replace("[:-1]", "[:-2]")),
        (_Y, _Y.replace("[1:]", "[2:]")),
    ),
    wrong(
        "overlap",
        "begins a batch with the id that ended the last one's targets",
        (
            _WHILE,
            "    kept = take(stream, 1)\n    while kept and (ids := take(stream, B * T)) is not None:\n        ids = kept + ids\n        kept = ids[-1:]\n",
        ),
    ),
    wrong(
        "row_windows",
        "cuts T + 1 ids for each row",
        (_WHILE, _WHILE.replace("B * T + 1", "B * (T + 1)")),
        (_X, "x = torch.tensor(ids, dtype=torch.int64).view(B, T + 1)[:, :-1].contiguous()"),
        (_Y, "y = torch.tensor(ids, dtype=torch.int64).view(B, T + 1)[:, 1:].contiguous()"),
    ),
    wrong(
        "rows_wrap",
        "looks for a row's last target at the row's own beginning",
        (_Y, "y = x.roll(-1, dims=1)"),
    ),
    wrong(
        "one_too_few",
        "takes no id for the last target",
        (_WHILE, _WHILE.replace(" + 1", "")),
        (_X, _X.replace("[:-1]", "")),
        (_Y, _Y.replace("ids[1:]", "[*ids[1:], ids[0]]")),
    ),
    wrong(
        "columns",
        "writes the ids column by column",
        (_X, _X.replace(".view(B, T)", ".view(T, B).t().contiguous()")),
        (_Y, _Y.replace(".view(B, T)", ".view(T, B).t().contiguous()")),
    ),
    wrong(
        "columns_for_rows",
        "takes T for the number of rows",
        (_X, _X.replace("(B, T)", "(T, B)")),
        (_Y, _Y.replace("(B, T)", "(T, B)")),
    ),
    wrong(
        "int32",
        "makes small integers",
        (_X, _X.replace("int64", "int32")),
        (_Y, _Y.replace("int64", "int32")),
    ),
    wrong(
        "floats",
        "makes floats of ids",
        (_X, _X.replace("torch.int64", "torch.float32")),
        (_Y, _Y.replace("torch.int64", "torch.float32")),
    ),
    wrong(
        "not_contiguous",
        "makes tensors that no view can flatten",
        (_X, _X.replace(".view(B, T)", ".view(B, T).t().contiguous().t()")),
        (_Y, _Y.replace(".view(B, T)", ".view(B, T).t().contiguous().t()")),
    ),
    wrong(
        "shared_memory",
        "cuts both out of one tensor",
        (_X, "both = torch.tensor(ids, dtype=torch.int64)\n        x = both[:-1].view(B, T)"),
        (_Y, "y = both[1:].view(B, T)"),
    ),
    wrong(
        "one_buffer",
        "uses the same tensors for every batch",
        (_ITER, _ITER + "    x, y = torch.empty(2, B, T, dtype=torch.int64)\n"),
        (_X, "x.copy_(torch.tensor(ids[:-1]).view(B, T))"),
        (_Y, "y.copy_(torch.tensor(ids[1:]).view(B, T))"),
    ),
    wrong(
        "padded_tail",
        "fills up the last batch with zeros",
        (_ITER, _ITER.replace("iter(stream)", "_padded(iter(stream), B * T + 1)")),
        (
            "def main()",
            "def _padded(stream, n):\n    number = 0\n    for one in stream:\n        yield one\n        number += 1\n    yield from [0] * (-number % n)\n\n\ndef main()",
        ),
    ),
    wrong("starts_again", "begins a list anew at each batch", (_ITER, "")),
    wrong(
        "reads_all",
        "reads the whole stream before the first batch",
        (_ITER, "    from itertools import islice\n\n    stream = iter([*islice(stream, 1000)])\n"),
    ),
    wrong("only_one", "cuts one batch and stops", (_YIELD, _YIELD + "        return\n")),
    wrong("no_sizes", "cuts batches of no rows, or of no ids", (_SIZES, "if B < 0 or T < 0:")),
]
