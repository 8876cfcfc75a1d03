"""Wrong answers to 04_dataloader/token_stream."""

from nanolab.wrongs import wrong

_GROUPS = "    for texts in row_groups:\n"
_STARTS = "        for first in range(0, len(texts), batch_size):\n"
_CALL = "            for ids in encode(texts[first : first + batch_size]):\n"
_BOS = "                yield bos\n"
_IDS = "                yield from ids\n"
_TAKE = "    ids = list(islice(stream, n))\n"
_RETURN = "return ids if len(ids) == n else None"

WRONGS = [
    wrong("no_bos", "leaves the documents unmarked", (_BOS, "")),
    wrong("bos_after", "puts the mark after a document", (_BOS, ""), (_IDS, _IDS + _BOS)),
    wrong(
        "bos_between",
        "marks the gaps between documents, not their beginnings",
        (_GROUPS, "    begun = False\n" + _GROUPS),
        (
            _BOS,
            "                if begun:\n                    yield bos\n                begun = True\n",
        ),
    ),
    wrong(
        "bos_first",
        "marks the beginning of the stream only",
        (_BOS, ""),
        (_GROUPS, "    yield bos\n" + _GROUPS),
    ),
    wrong(
        "bos_per_group",
        "marks a row group, not each document",
        (_BOS, ""),
        (_STARTS, "        yield bos\n" + _STARTS),
    ),
    wrong(
        "bos_per_call",
        "marks each call of the encoder, not each document",
        (_BOS, ""),
        (_CALL, "            yield bos\n" + _CALL),
    ),
    wrong(
        "skips_empty",
        "passes over empty documents",
        (_BOS, "                if not ids:\n                    continue\n" + _BOS),
    ),
    wrong(
        "one_by_one",
        "calls the encoder for each document",
        (
            _CALL,
            _CALL.replace(
                "encode(texts[first : first + batch_size])",
                "(encode([text])[0] for text in texts[first : first + batch_size])",
            ),
        ),
    ),
    wrong(
        "all_at_once",
        "hands the encoder a whole row group",
        (_STARTS, "        for first in range(0, len(texts[:1])):\n"),
        (_CALL, "            for ids in encode(texts[first:]):\n"),
    ),
    wrong(
        "all_in_one_group",
        "gathers all row groups before it encodes any",
        (_GROUPS, "    row_groups = [[one for texts in row_groups for one in texts]]\n" + _GROUPS),
    ),
    wrong(
        "loses_the_rest",
        "leaves out the last group of documents when it is not full",
        (_STARTS, _STARTS.replace("len(texts)", "len(texts) - len(texts) % batch_size")),
    ),
    wrong(
        "a_group_too_large",
        "takes one document more at a time than it may",
        (_STARTS, _STARTS.replace(", batch_size)", ", batch_size + 1)")),
        (_CALL, _CALL.replace("batch_size]", "batch_size + 1]")),
    ),
    wrong(
        "fixed_groups",
        "takes 128 documents, whatever batch_size says",
        (_STARTS, _STARTS.replace("batch_size", "128")),
        (_CALL, _CALL.replace("batch_size", "128")),
    ),
    wrong(
        "overlapping_groups",
        "moves on by one document after each call",
        (_STARTS, _STARTS.replace(", batch_size)", ")")),
    ),
    wrong(
        "reads_everything",
        "fetches all row groups before the first token",
        (_GROUPS, "    row_groups = list(row_groups)\n" + _GROUPS),
    ),
    wrong("short_tail", "gives less than was asked for", (_RETURN, "return ids or None")),
    wrong(
        "one_more",
        "takes one id too many out of the stream, and loses it",
        (_TAKE, _TAKE.replace(", n))", ", n + 1))[:n]")),
    ),
    wrong(
        "empty_is_none",
        "takes no ids for too few ids",
        (_RETURN, "return ids if ids and len(ids) == n else None"),
    ),
    wrong(
        "leaves_the_last",
        "wants more than it gives",
        (_RETURN, "return ids if len(ids) > n else None"),
    ),
]
