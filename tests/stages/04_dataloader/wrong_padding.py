"""Wrong answers to 04_dataloader/padding."""

from nanolab.wrongs import wrong

_WIDTH = "    width = max((len(ids) for ids, _ in rows), default=0) - 1\n"
_ONE = "    if width < 1:\n"
_X = "x = torch.full((len(rows), width), pad_id, dtype=torch.int64)"
_Y = "y = torch.full((len(rows), width), IGNORE, dtype=torch.int64)"
_ROW = "row, learn = torch.as_tensor(ids), torch.as_tensor(mask)"
_WRITE_X = "x[i, : len(ids) - 1] = row[:-1]"
_WRITE_Y = "y[i, : len(ids) - 1] = torch.where(learn[1:] == 1, row[1:], IGNORE)"
_VALID = "valid = y.view(-1) != IGNORE"
_TOTAL = "total = torch.where(valid, loss.view(-1), 0.0).sum()"
_MEAN = "return total / valid.sum().clamp(min=1)"

WRONGS = [
    wrong(
        "too_wide",
        "makes room for an input that has no target",
        (_WIDTH, _WIDTH.replace(" - 1\n", "\n")),
    ),
    wrong(
        "first_row",
        "takes the first row for the longest",
        (
            _WIDTH,
            "    width = (len(rows[0][0]) if rows else 0) - 1\n    rows = [(ids[: width + 1], mask[: width + 1]) for ids, mask in rows]\n",
        ),
    ),
    wrong(
        "narrowest",
        "cuts all rows to the shortest",
        (
            _WIDTH,
            "    width = min((len(ids) for ids, _ in rows), default=0) - 1\n    rows = [(ids[: width + 1], mask[: width + 1]) for ids, mask in rows]\n",
        ),
    ),
    wrong(
        "pads_targets",
        "makes the padding a thing to be learned",
        (_Y, _Y.replace("IGNORE", "pad_id")),
    ),
    wrong(
        "pads_inputs_with_ignore",
        "fills the inputs with what no embedding can look up",
        (_X, _X.replace("pad_id", "IGNORE")),
    ),
    wrong("pads_with_zero", "pads with id 0, whatever pad_id is", (_X, _X.replace("pad_id", "0"))),
    wrong(
        "left_padding",
        "puts the padding in front",
        (_WRITE_X, "x[i, width + 1 - len(ids) :] = row[:-1]"),
        (_WRITE_Y, _WRITE_Y.replace("y[i, : len(ids) - 1]", "y[i, width + 1 - len(ids) :]")),
    ),
    wrong(
        "mask_of_the_input",
        "asks the mask of the id that is read, not of the one to be guessed",
        (_WRITE_Y, _WRITE_Y.replace("learn[1:]", "learn[:-1]")),
    ),
    wrong(
        "no_mask", "learns every id, masked or not", (_WRITE_Y, "y[i, : len(ids) - 1] = row[1:]")
    ),
    wrong(
        "mask_reversed",
        "learns what it should only read",
        (_WRITE_Y, _WRITE_Y.replace("== 1", "== 0")),
    ),
    wrong(
        "masks_inputs",
        "hides from the model what it should read",
        (_WRITE_X, "x[i, : len(ids) - 1] = torch.where(learn[:-1] == 1, row[:-1], pad_id)"),
    ),
    wrong(
        "not_shifted",
        "makes each id its own target",
        (_WRITE_Y, _WRITE_Y.replace("learn[1:]", "learn[:-1]").replace("row[1:]", "row[:-1]")),
    ),
    wrong(
        "writes_into_rows",
        "writes into the ids that it was given",
        (_WRITE_Y, "row[1:][learn[1:] != 1] = IGNORE\n        y[i, : len(ids) - 1] = row[1:]"),
    ),
    wrong(
        "ignore_100",
        "marks what has no target with PyTorch's own number",
        ("IGNORE = -1", "IGNORE = -100"),
    ),
    wrong(
        "int32",
        "makes small integers",
        (_X, _X.replace("int64", "int32")),
        (_Y, _Y.replace("int64", "int32")),
    ),
    wrong(
        "empty_batch",
        "makes a batch in which there is nothing to guess",
        (_ONE, "    if width < 0:\n"),
    ),
    wrong(
        "mean_of_all",
        "divides by all positions, padding included",
        (_MEAN, "return total / y.numel()"),
    ),
    wrong(
        "no_clamp",
        "divides by the targets of a batch that has none",
        (_MEAN, "return total / valid.sum()"),
    ),
    wrong(
        "plus_one",
        "divides by one more than there are",
        (_MEAN, "return total / (valid.sum() + 1)"),
    ),
    wrong("positive_targets", "takes id 0 for no target", (_VALID, "valid = y.view(-1) > 0")),
    wrong(
        "times_mask",
        "multiplies by the mask, and nan times 0 is nan",
        (_TOTAL, "total = (loss.view(-1) * valid).sum()"),
    ),
    wrong("whole_sum", "adds up the losses at padding as well", (_TOTAL, "total = loss.sum()")),
    wrong(
        "detached",
        "loses the way back to the weights",
        (_MEAN, "return torch.tensor(total.item(), requires_grad=True) / valid.sum().clamp(min=1)"),
    ),
]
