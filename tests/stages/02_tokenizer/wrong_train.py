"""Wrong answers to 02_tokenizer/train."""

from nanolab.wrongs import wrong

_WORDS = "words = [(to_ids(chunk), count) for chunk, count in Counter(chunks).items()]"
_COUNT = "count_pairs(ids, counts, count)"
_END = "if not counts:  # every word has become a single token"
_BEST = "best = min(counts, key=lambda pair: (-counts[pair], pair))"
_ID = "merges[best] = 256 + len(merges)"
_MERGE = "words = [(merge(ids, best, merges[best]), count) for ids, count in words]"
_REFUSE = "if num_merges < 0:"
_APART = """def _count_apart(ids: list[int], counts: dict[Pair, int], weight: int) -> None:
    last, i = None, 0
    for i, pair in enumerate(zip(ids, ids[1:], strict=False)):
        if last != (i - 1, pair):
            counts[pair] = counts.get(pair, 0) + weight
            last = (i, pair)


def train("""

WRONGS = [
    wrong(
        "first_seen",
        "decides among equals by which pair was seen first",
        (_BEST, "best = max(counts, key=counts.__getitem__)"),
    ),
    wrong(
        "largest_pair",
        "decides among equals for the largest pair",
        (_BEST, "best = max(counts, key=lambda pair: (counts[pair], pair))"),
    ),
    wrong(
        "rarest_first",
        "merges the rarest pair first",
        (_BEST, "best = min(counts, key=lambda pair: (counts[pair], pair))"),
    ),
    wrong(
        "unweighted",
        "counts a chunk once, however often it comes",
        (_COUNT, "count_pairs(ids, counts)"),
    ),
    wrong(
        "joins_chunks",
        "joins the chunks, so that pairs reach across their borders",
        (_WORDS, 'words = [(to_ids("".join(chunks)), 1)]'),
    ),
    wrong(
        "code_points",
        "begins with characters instead of bytes",
        (_WORDS, _WORDS.replace("to_ids(chunk)", "[ord(one) for one in chunk]")),
    ),
    wrong(
        "right_to_left",
        "merges from right to left",
        (
            _MERGE,
            _MERGE.replace(
                "merge(ids, best, merges[best])", "merge(ids[::-1], best[::-1], merges[best])[::-1]"
            ),
        ),
    ),
    wrong(
        "stops_at_one",
        "stops when no pair occurs twice",
        (_END, "if max(counts.values(), default=0) < 2:"),
    ),
    wrong(
        "crashes_at_the_end",
        "fails when no pair is left",
        (_END, "if False:"),
    ),
    wrong(
        "ids_from_255",
        "gives the first merge an id that a byte has",
        (_ID, "merges[best] = 255 + len(merges)"),
    ),
    wrong("gaps", "leaves gaps between the ids", (_ID, "merges[best] = 256 + 2 * len(merges)")),
    wrong(
        "never_replaces",
        "puts in place of a pair only its first half",
        (_MERGE, _MERGE.replace("merges[best])", "best[0])")),
    ),
    wrong(
        "apart",
        "counts only pairs that do not overlap",
        (_COUNT, "_count_apart(ids, counts, count)"),
        ("def train(", _APART),
    ),
    wrong("negative_is_none", "takes a negative number of merges for 0", (_REFUSE, "if False:")),
]
