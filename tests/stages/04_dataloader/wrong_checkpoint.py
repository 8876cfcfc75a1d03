"""Wrong answers to 04_dataloader/checkpoint."""

from nanolab.wrongs import wrong

_LOAD = "in loader(paths, tokenizer, B, T, rank, world_size, epochs=1):"
_JOIN = "ids += [*x.flatten().tolist(), y[-1, -1].item()]"
_OTHER = "            document.append(one)\n"
_DONE = "        if document is not None:  # the first bos ends nothing\n"
_NEXT = "        document = []\n"
_DECODE = "yield tokenizer.decode(document)"
_RANKS = "    for rank in range(world_size):\n"
_RIVER = "ids = river(paths, tokenizer, B, T, rank, world_size)"
_COUNT = "seen.update(documents(ids, tokenizer))"

WRONGS = [
    wrong(
        "inputs_only", "loses the last target of each batch", (_JOIN, "ids += x.flatten().tolist()")
    ),
    wrong(
        "targets_only",
        "loses the first input of each batch",
        (_JOIN, "ids += y.flatten().tolist()"),
    ),
    wrong(
        "both",
        "counts inputs and targets, which are nearly the same ids",
        (_JOIN, "ids += [*x.flatten().tolist(), *y.flatten().tolist()]"),
    ),
    wrong(
        "first_row",
        "takes the first row of each batch",
        (_JOIN, "ids += [*x[0].tolist(), y[0, -1].item()]"),
    ),
    wrong(
        "row_by_row",
        "adds a target to each row, though the next row begins with it",
        (
            _JOIN,
            "ids += [one for row, last in zip(x, y, strict=True) for one in [*row.tolist(), last[-1].item()]]",
        ),
    ),
    wrong(
        "rank_0",
        "asks rank 0, whoever was meant",
        (_LOAD, _LOAD.replace("rank, world_size", "0, world_size")),
    ),
    wrong(
        "all_alone",
        "lets each rank read as if it were alone",
        (_LOAD, _LOAD.replace("rank, world_size", "0, 1")),
    ),
    wrong("two_epochs", "audits two epochs", (_LOAD, _LOAD.replace("epochs=1", "epochs=2"))),
    wrong(
        "with_the_rest",
        "takes the beginning of a document for all of it",
        (_NEXT, _NEXT + "    if document:\n        yield tokenizer.decode(document)\n"),
    ),
    wrong(
        "without_the_first",
        "leaves out the first document",
        (_DONE, "        if document is not None and seen:\n"),
        (
            "    document: list[int] | None = None\n",
            "    document: list[int] | None = None\n    seen = 0\n",
        ),
        (_NEXT, "        seen += document is not None\n" + _NEXT),
    ),
    wrong("without_empty", "leaves out empty documents", (_DONE, "        if document:\n")),
    wrong("bos_inside", "takes bos for a part of the text", (_NEXT, "        document = [one]\n")),
    wrong(
        "id_by_id",
        "decodes each id by itself",
        (_DECODE, 'yield "".join(tokenizer.decode([one]) for one in document)'),
    ),
    wrong("grows", "never begins a new document", (_NEXT, "        document = document or []\n")),
    wrong(
        "one_rank_less",
        "leaves out the last rank",
        (_RANKS, "    for rank in range(max(world_size - 1, 1)):\n"),
    ),
    wrong(
        "same_rank",
        "audits one rank again and again",
        (_RIVER, _RIVER.replace("rank, world_size", "0, world_size")),
    ),
    wrong(
        "only_whether",
        "notes that a document was seen, not how often",
        (_COUNT, "seen.update(set(documents(ids, tokenizer)))"),
    ),
    wrong(
        "last_rank_wins",
        "forgets what the ranks before saw",
        (_COUNT, "seen = Counter(documents(ids, tokenizer))"),
    ),
    wrong(
        "one_river",
        "lets one rank's river run into the next one's",
        (_RANKS, "    ids = []\n" + _RANKS),
        (_RIVER, "ids += river(paths, tokenizer, B, T, rank, world_size)"),
    ),
]
