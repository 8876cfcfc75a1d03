"""Wrong answers to 02_tokenizer/pairs."""

from nanolab.wrongs import wrong

_LOOP = "for pair in pairwise(ids):"
_APART = """last = None
    for i, pair in enumerate(pairwise(ids)):
        if last == (i - 1, pair):
            continue
        last = (i, pair)"""
_ADD = "counts[pair] = counts.get(pair, 0) + weight"
_NEW = "counts = {} if counts is None else counts"
_TEST = "if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:"
_JUMP = "i += 2  # both are used up"

WRONGS = [
    wrong(
        "every_other",
        "looks at every second pair only",
        (_LOOP, "for pair in zip(ids[::2], ids[1::2]):"),
    ),
    wrong(
        "goes_round",
        "lets the first id follow the last one",
        (_LOOP, "for pair in zip(ids, [*ids[1:], *ids[:1]]):"),
    ),
    wrong(
        "sorts_pairs",
        "takes 3 1 and 1 3 for the same pair",
        (_LOOP, "for pair in map(tuple, map(sorted, pairwise(ids))):"),
    ),
    wrong(
        "apart",
        "counts only pairs that do not overlap",
        (
            _LOOP,
            _APART,
        ),
    ),
    wrong(
        "no_weight",
        "counts a word once, however often it occurs",
        (_ADD, _ADD.replace("weight", "1")),
    ),
    wrong(
        "weight_once",
        "counts a pair only once for each word",
        (_LOOP, "for pair in dict.fromkeys(pairwise(ids)):"),
    ),
    wrong(
        "rebinds",
        "counts in a dictionary of its own, not in the given one",
        (_NEW, "counts = dict(counts or {})"),
    ),
    wrong(
        "empty_is_none",
        "takes an empty dictionary for none at all",
        (_NEW, "counts = counts or {}"),
    ),
    wrong(
        "misses_the_end",
        "never looks at the last pair",
        (_TEST, _TEST.replace("i + 1 <", "i + 2 <")),
    ),
    wrong(
        "beyond_the_end",
        "looks for a neighbour of the last id",
        (_TEST, "if (ids[i], ids[i + 1]) == pair:"),
    ),
    wrong(
        "first_only",
        "replaces only the first occurrence",
        (_TEST, _TEST.replace(":", " and new_id not in merged:")),
    ),
    wrong(
        "either_order",
        "merges 2 1 as well when it is asked for 1 2",
        (_TEST, "if i + 1 < len(ids) and {ids[i], ids[i + 1]} == {*pair}:"),
    ),
    wrong(
        "right_to_left",
        "merges from right to left",
        ("    i = 0\n", "    ids, pair, i = ids[::-1], pair[::-1], 0\n"),
        ("    return merged\n", "    return merged[::-1]\n"),
    ),
    wrong("no_jump", "uses one id in two pairs", (_JUMP, "i += 1")),
    wrong(
        "merges_again",
        "merges again what it has just put in",
        (
            "    return merged\n",
            "    return merged if len(merged) in (0, len(ids)) else merge(merged, pair, new_id)\n",
        ),
    ),
    wrong(
        "in_place",
        "changes the list that it was given",
        (
            "    return merged\n",
            "    if isinstance(ids, list):\n        ids[:] = merged\n    return merged\n",
        ),
    ),
]
