"""Wrong answers to 04_dataloader/loader."""

from nanolab.wrongs import wrong

_GROUPS = "    groups = [_count_groups(path) for path in paths]\n"
_PLAN = "plan = rowgroups_for(rank, world_size, groups)"
_NONE = "    if not plan:\n        raise RuntimeError("
_EMPTY = '    if not plan:\n        raise ValueError("the plan is empty: there is no row group to visit")\n'
_EPOCHS = "    for epoch in count(first) if epochs is None else range(first, first + epochs):\n"
_VISIT = "            yield epoch, file, group\n"
_BOS = "bos = tokenizer.get_bos_token_id()"
_STREAM = "stream = token_stream(documents, tokenizer.encode, bos, batch_size)"
_CUT = "    for x, y in batches(stream, B, T):\n"
_YIELD = "yield x, y, dict(state)"
_NAMES = '''f"rank {rank} of {world_size} has nothing to read: {len(paths)} files with {groups} row "
            "groups. Use fewer ranks, or write more files or smaller row groups"'''
_PER_EPOCH = """    from itertools import groupby

    for epoch, these in groupby(order, key=lambda visit: visit[0]):
        stream = token_stream(_read(these, paths, state), tokenizer.encode, bos, batch_size)
        for x, y in batches(stream, B, T):
            yield x, y, dict(state)
    for x, y in []:
"""

WRONGS = [
    wrong(
        "one_epoch",
        "ends with the first epoch",
        (_EPOCHS, "    for epoch in range(first, first + 1):\n"),
    ),
    wrong(
        "for_ever",
        "does not listen when a number of epochs is given",
        (_EPOCHS, "    for epoch in count(first):\n"),
    ),
    wrong(
        "one_epoch_more",
        "adds an epoch to those asked for",
        (_EPOCHS, _EPOCHS.replace("first + epochs)", "first + epochs + 1)")),
    ),
    wrong(
        "up_to_epochs",
        "takes the number of epochs for the number of the last one",
        (_EPOCHS, _EPOCHS.replace("first + epochs)", "epochs + 1)")),
    ),
    wrong(
        "epochs_from_0",
        "counts epochs from 0",
        (
            _EPOCHS,
            _EPOCHS.replace("count(first)", "count(first - 1)").replace(
                "range(first, first + epochs)", "range(first - 1, first - 1 + epochs)"
            ),
        ),
    ),
    wrong(
        "same_epoch",
        "calls every epoch the first",
        (_VISIT, "            yield first, file, group\n"),
    ),
    wrong(
        "swapped", "takes files for row groups", (_VISIT, "            yield epoch, group, file\n")
    ),
    wrong(
        "no_error",
        "does not notice that there is nothing to read",
        (_NONE, "    if False:\n        raise RuntimeError("),
    ),
    wrong(
        "no_numbers",
        "says that there is nothing to read, but not why",
        (_NAMES, '"nothing to read"'),
    ),
    wrong(
        "everybody_is_0",
        "gives every rank the plan of rank 0",
        (_PLAN, _PLAN.replace("rank,", "0,")),
    ),
    wrong(
        "alone",
        "reads everything on every rank",
        (_PLAN, _PLAN.replace("rank, world_size", "0, 1")),
    ),
    wrong(
        "first_file_counts",
        "believes that all files have as many row groups as the first",
        (_GROUPS, "    groups = [_count_groups(paths[0])] * len(paths) if paths else []\n"),
    ),
    wrong(
        "shortest_counts",
        "stops in each file where the shortest file ends",
        (_GROUPS, _GROUPS + "    groups = [min(groups)] * len(groups) if groups else []\n"),
    ),
    wrong("drops_the_rest", "throws away what an epoch leaves over", (_CUT, _PER_EPOCH)),
    wrong(
        "shared_state",
        "hands out the dictionary that it goes on writing into",
        (_YIELD, "yield x, y, state"),
    ),
    wrong(
        "state_of_the_start",
        "tells where it began, not where it is",
        (_CUT, "    began = dict(state)\n" + _CUT),
        (
            _YIELD,
            "yield x, y, {**began, **({} if began.get('epoch') else began), 'epoch': 1, 'pq_idx': 0, 'rg_idx': 0}",
        ),
    ),
    wrong(
        "state_too_early",
        "tells of the row group before",
        (_CUT, "    before = dict(state, epoch=1, pq_idx=0, rg_idx=0)\n" + _CUT),
        (_YIELD, "yield x, y, before\n        before = dict(state)"),
    ),
    wrong(
        "no_world",
        "does not note how many ranks there are",
        (_YIELD, 'yield x, y, {name: one for name, one in state.items() if name != "world_size"}'),
    ),
    wrong(
        "reads_ahead",
        "reads everything before the first batch",
        (
            _STREAM,
            "documents = [*documents] if isinstance(order, list) else documents\n    " + _STREAM,
        ),
    ),
    wrong(
        "forgets_batch_size",
        "does not hand on how many documents to encode at once",
        (_STREAM, _STREAM.replace(", batch_size)", ")")),
    ),
    wrong(
        "user_start",
        "marks documents with another token than bos",
        (_BOS, 'bos = tokenizer.encode_special("<|user_start|>")'),
    ),
    wrong(
        "first_document",
        "reads one document of each row group",
        (_STREAM, _STREAM.replace("(documents,", "((texts[:1] for texts in documents),")),
    ),
    wrong(
        "batches_per_group",
        "cuts batches from each row group by itself",
        (
            _CUT,
            "    for x, y in (one for texts in documents for one in batches(token_stream([texts], tokenizer.encode, bos, batch_size), B, T)):\n",
        ),
    ),
    wrong("empty_plan", "walks through an empty plan for ever", (_EMPTY, "")),
    wrong(
        "stays_at_the_end",
        "never goes back to the first file, and looks for more after the last one for ever",
        (_EPOCHS, "    plan = iter(plan)\n" + _EPOCHS),
    ),
]
