"""Wrong answers to 04_dataloader/resume."""

from nanolab.wrongs import wrong

_WORLD = "    if saved_by != world_size:\n"
_FILE = '    if not 0 <= state["pq_idx"] < files:\n'
_ROUNDS = 'rounds = state["rg_idx"] // world_size + 1'
_POINT = 'return state.get("epoch", 1), state["pq_idx"], rounds * world_size + rank'
_EPOCH = "    epoch, *place = point\n"
_IF = "        if visit >= tuple(place):\n"
_YIELD = "            yield epoch, *visit\n"
_ON = "    yield from visits(plan, None if last_epoch is None else last_epoch - epoch, first=epoch + 1)\n"
_NONE = "    if resume_state_dict is None:\n        order = visits(plan)\n"
_FROM = "        order = visits_from(plan, resume_point(resume_state_dict, rank, world_size, len(paths)))\n"
_FOLLOW = "in follow(order, paths, tokenizer, B, T, world_size, tokenizer_batch_size):"
_MOVE = "yield x.to(device), y.to(device), state"

WRONGS = [
    wrong(
        "again", "reads the last row group a second time", (_ROUNDS, _ROUNDS.replace(" + 1", ""))
    ),
    wrong(
        "one_further",
        "goes on one row group further, which belongs to the next rank",
        (_POINT, _POINT.replace("rounds * world_size + rank", 'state["rg_idx"] + 1')),
    ),
    wrong(
        "one_round_further",
        "takes the saving rank's row group for its own",
        (_POINT, _POINT.replace("rounds * world_size + rank", 'state["rg_idx"] + world_size')),
    ),
    wrong(
        "everybody_is_0",
        "sends all ranks to the row group of rank 0",
        (_POINT, _POINT.replace(" + rank", "")),
    ),
    wrong("skips_a_round", "leaves out a round", (_ROUNDS, _ROUNDS.replace("+ 1", "+ 2"))),
    wrong(
        "rounded_up",
        "takes a round for over when it has hardly begun, or for begun when it is over",
        (_ROUNDS, 'rounds = -(-state["rg_idx"] // world_size)'),
    ),
    wrong(
        "epoch_lost",
        "forgets in which epoch it was",
        (_POINT, _POINT.replace('state.get("epoch", 1)', "1")),
    ),
    wrong(
        "first_file",
        "goes on in the first file, whatever the state says",
        (_POINT, _POINT.replace('state["pq_idx"], rounds', "0, rounds")),
    ),
    wrong("any_world", "goes on with another number of ranks", (_WORLD, "    if saved_by < 1:\n")),
    wrong(
        "fewer_is_fine",
        "goes on with fewer ranks than before",
        (_WORLD, "    if saved_by < world_size:\n"),
    ),
    wrong("any_file", "goes on in files that are not there", (_FILE, "    if False:\n")),
    wrong(
        "negative_file",
        "goes on in a file before the first",
        (_FILE, '    if state["pq_idx"] >= files:\n'),
    ),
    wrong(
        "needs_all",
        "does not understand the states of nanochat",
        (_POINT, _POINT.replace('state.get("epoch", 1)', 'state["epoch"]')),
    ),
    wrong(
        "eats_the_state",
        "changes the state that it is given",
        (_ROUNDS, 'state["rg_idx"] += 1\n    rounds = (state["rg_idx"] - 1) // world_size + 1'),
    ),
    wrong(
        "every_file",
        "leaves out the beginning of every file that follows",
        (_IF, "        if visit[0] >= place[0] and visit[1] >= place[1]:\n"),
    ),
    wrong(
        "every_epoch",
        "leaves out in each epoch what had been read in the first",
        (
            _ON,
            _ON.replace(
                "plan, None", "[visit for visit in plan if visit >= tuple(place)] or plan, None"
            ),
        ),
    ),
    wrong(
        "strictly_behind",
        "leaves out the row group that it should go on with",
        (_IF, _IF.replace(">=", ">")),
    ),
    wrong(
        "exact_place",
        "waits for a row group that does not come, if the file ends before",
        (
            _IF,
            "        begun = locals().get('begun', False) or visit == tuple(place)\n        if begun:\n",
        ),
    ),
    wrong("whole_epoch", "begins the epoch from its start", (_IF, "        if visit:\n")),
    wrong("stops", "ends with the epoch", (_ON, "")),
    wrong(
        "same_epoch",
        "calls the next epoch like the last one",
        (_ON, _ON.replace("first=epoch + 1", "first=epoch")),
    ),
    wrong(
        "too_many_epochs",
        "counts the last epoch from where it went on",
        (_ON, _ON.replace("last_epoch - epoch", "last_epoch")),
    ),
    wrong(
        "forgets_to_resume",
        "begins at the beginning, whatever state it gets",
        (_NONE, "    if True:\n        order = visits(plan)\n"),
    ),
    wrong(
        "no_device",
        "leaves the inputs where they were made",
        (_MOVE, "yield x, y.to(device), state"),
    ),
    wrong(
        "no_target_device",
        "leaves the targets where they were made",
        (_MOVE, "yield x.to(device), y, state"),
    ),
    wrong(
        "forgets_world",
        "does not say how many ranks saved the state",
        (_FOLLOW, _FOLLOW.replace("world_size", "1")),
    ),
    wrong(
        "stays_at_the_end",
        "turns round at the end of the plan and finds nothing more, for ever",
        (_EPOCH, _EPOCH + "    plan = iter(plan)\n"),
        (_ON, "    while True:\n        for visit in plan:\n            yield epoch + 1, *visit\n"),
    ),
]
