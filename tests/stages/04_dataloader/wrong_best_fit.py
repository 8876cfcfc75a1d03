"""Wrong answers to 04_dataloader/best_fit."""

from nanolab.wrongs import wrong

_FITTING = "fitting = [i for i, doc in enumerate(buffer) if len(doc) <= room]"
_LONGEST = "row += buffer.pop(max(fitting, key=lambda i: len(buffer[i])))"
_SHORTEST = "shortest = min(range(len(buffer)), key=lambda i: len(buffer[i]))"
_CUT = "row += buffer.pop(shortest)[:room]"
_ROOM = "room = capacity - len(row)"
_HELD = "    if held < capacity:\n"
_FILL = "while len(buffer) < buffer_size or sum(map(len, buffer)) < T + 1:"
_ENOUGH = "            if sum(map(len, buffer)) < T + 1:\n                return\n"
_PACK = "rows.append(pack_row(buffer, T + 1))"
_SIZES = "if min(B, T, buffer_size) < 1:"
_BUFFER = "    buffer: list[list[int]] = []\n"
_FOR = "        rows = []\n"

WRONGS = [
    wrong("first_fit", "takes the first that fits", (_LONGEST, "row += buffer.pop(fitting[0])")),
    wrong(
        "shortest_fit", "takes the shortest that fits", (_LONGEST, _LONGEST.replace("max(", "min("))
    ),
    wrong(
        "last_of_equals",
        "takes the last among equals",
        (_LONGEST, _LONGEST.replace("max(fitting", "max(fitting[::-1]")),
    ),
    wrong(
        "must_be_smaller",
        "leaves room after the last document",
        (_FITTING, _FITTING.replace("<=", "<")),
    ),
    wrong(
        "fits_the_whole_row",
        "measures by the empty row",
        (_FITTING, _FITTING.replace("<= room", "<= capacity")),
    ),
    wrong(
        "cuts_the_longest",
        "cuts the longest, where most is lost",
        (_SHORTEST, _SHORTEST.replace("min(", "max(")),
    ),
    wrong("cuts_the_first", "cuts the first in the buffer", (_SHORTEST, "shortest = 0")),
    wrong(
        "cuts_the_last_of_equals",
        "cuts the last among equally short ones",
        (_SHORTEST, _SHORTEST.replace("range(len(buffer))", "reversed(range(len(buffer)))")),
    ),
    wrong(
        "keeps_the_end",
        "puts in the end of a document, not its beginning",
        (_CUT, "row += buffer.pop(shortest)[-room:]"),
    ),
    wrong(
        "puts_back",
        "puts the cut-off end back, as if it were a document",
        (
            _CUT,
            "document = buffer.pop(shortest)\n            row += document[:room]\n            buffer.append(document[room:])",
        ),
    ),
    wrong("too_long", "lets a row grow too long", (_CUT, "row += buffer.pop(shortest)")),
    wrong(
        "no_check",
        "takes documents for a row that cannot be filled",
        (_HELD, "    if not buffer:\n"),
    ),
    wrong(
        "no_target",
        "packs no id for the last target",
        (_PACK, "rows.append([*pack_row(buffer, T), 0])"),
    ),
    wrong(
        "fills_once",
        "fills the buffer once and never again",
        (
            _FILL,
            "while not (fetched and buffer) and (len(buffer) < buffer_size or sum(map(len, buffer)) < T + 1):",
        ),
        (_BUFFER, _BUFFER + "    fetched = False\n"),
        (_ENOUGH, "            fetched = True\n" + _ENOUGH),
    ),
    wrong(
        "one_more",
        "fetches one document more than the buffer has room for",
        (_FILL, _FILL.replace("< buffer_size", "<= buffer_size")),
    ),
    wrong(
        "gives_up",
        "ends though there are more documents",
        (_FILL, "while len(buffer) < buffer_size:"),
    ),
    wrong(
        "ends_with_stream",
        "ends where the documents do, and forgets those in the buffer",
        ("                    break\n", "                    return\n"),
    ),
    wrong("reads_everything", "ignores how large the buffer may be", (_FILL, "while True:")),
    wrong(
        "fills_per_batch",
        "fills the buffer once for all rows of a batch",
        (_FOR, _FOR + "        kept = buffer_size\n"),
        (_FILL, "while len(buffer) < (kept if not rows else 0) or sum(map(len, buffer)) < T + 1:"),
    ),
    wrong("no_sizes", "takes sizes below 1", (_SIZES, "if min(B, T, buffer_size) < 0:")),
    wrong(
        "keeps_documents",
        "uses a document and leaves it in the buffer",
        (_LONGEST, "row += buffer[max(fitting, key=lambda i: len(buffer[i]))]"),
    ),
]
