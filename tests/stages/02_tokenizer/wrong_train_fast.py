"""Wrong answers to 02_tokenizer/train_fast."""

from nanolab.wrongs import wrong

_INDEX = "count_pairs(ids, corpus.counts, weight)"
_PLACE = "corpus.where.setdefault(pair, set()).add(number)"
_ITEMS = "for number, (chunk, weight) in enumerate(Counter(chunks).items()):"
_EACH = "for number in corpus.where.pop(pair):"
_MINUS = "count_pairs(ids, corpus.counts, -weight)"
_PLUS = "count_pairs(merged, corpus.counts, weight)"
_EXTEND = "corpus.where.setdefault(one, set()).add(number)"
_IS_NEW = "if new_id in one:"
_HEAP = "heap = [(-count, pair) for pair, count in corpus.counts.items()]"
_WHILE = "while heap and len(merges) < num_merges:"
_STALE = "if count != -noted:"
_BACK = "if count > 0:\n                heapq.heappush(heap, (-count, pair))\n            continue"
_PUSH = "heapq.heappush(heap, (-corpus.counts[new], new))"

WRONGS = [
    wrong(
        "index_unweighted",
        "counts a chunk once at the beginning, however often it comes",
        (_INDEX, "count_pairs(ids, corpus.counts)"),
    ),
    wrong(
        "every_chunk",
        "keeps every chunk, also one that it has already",
        (_ITEMS, "for number, (chunk, weight) in enumerate((one, 1) for one in chunks):"),
    ),
    wrong(
        "one_place",
        "remembers only one word for each pair",
        (_PLACE, "corpus.where[pair] = {number}"),
    ),
    wrong(
        "forgets_old",
        "adds the pairs of the merged word, but never takes the old ones out",
        (_MINUS, "pass"),
    ),
    wrong(
        "merge_unweighted",
        "corrects the counts by one, however often the word occurs",
        (_MINUS, "count_pairs(ids, corpus.counts, -1)"),
        (_PLUS, "count_pairs(merged, corpus.counts, 1)"),
    ),
    wrong(
        "where_not_extended",
        "does not note where the new pairs are",
        (_EXTEND, "corpus.where.setdefault(one, set())"),
    ),
    wrong(
        "gives_all_pairs",
        "gives all pairs of the merged words, not the new ones",
        (_IS_NEW, "if one:"),
    ),
    wrong(
        "looks_at_all",
        "looks at every word for each merge",
        (_EACH, "corpus.where.pop(pair)\n    for number in range(len(corpus.words)):"),
    ),
    wrong(
        "largest_pair",
        "decides among equals for the largest pair",
        (_HEAP, "heap = [(-count, (-pair[0], -pair[1])) for pair, count in corpus.counts.items()]"),
        (
            "noted, pair = heapq.heappop(heap)",
            "noted, (left, right) = heapq.heappop(heap)\n        pair = (-left, -right)",
        ),
        (_BACK, _BACK.replace("pair", "(-pair[0], -pair[1])")),
        (_PUSH, "heapq.heappush(heap, (-corpus.counts[new], (-new[0], -new[1])))"),
    ),
    wrong(
        "fewest_first",
        "takes the rarest pair first, since a heap gives its smallest entry",
        (_HEAP, _HEAP.replace("-count", "count")),
        (_STALE, "if count != noted:"),
        (_BACK, _BACK.replace("-count", "count")),
        (_PUSH, _PUSH.replace("-corpus", "corpus")),
    ),
    wrong(
        "never_corrects",
        "believes an entry of the heap that is out of date",
        (_STALE, "if count == 0:"),
    ),
    wrong("drops_stale", "drops an entry that is out of date", (_BACK, "continue")),
    wrong(
        "stops_at_stale",
        "stops at an entry whose pair is gone",
        (
            _BACK,
            _BACK.replace("            continue", "                continue\n            break"),
        ),
    ),
    wrong("new_pairs_forgotten", "never puts new pairs on the heap", (_PUSH, "pass")),
    wrong(
        "one_too_many",
        "learns one merge more than asked",
        (_WHILE, "while heap and len(merges) <= num_merges:"),
    ),
]
