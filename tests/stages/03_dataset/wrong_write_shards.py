"""Wrong answers to 03_dataset/write_shards."""

from nanolab.wrongs import wrong

_BOTH = "if chars >= chars_per_shard and len(shard) % row_group_size == 0:"
_COUNT = "chars += len(doc)"
_NEW = "shard, chars = [], 0"
_REST = "    if shard:\n        yield shard\n"
_LOOP = "for number, doc in enumerate(docs):"
_APPEND = "shard.append(doc)"
_TYPE = "if not isinstance(doc, str):"
_COPY = "order = list(docs)"
_SHUFFLE = "random.Random(seed).shuffle(order)"
_WRITE = "pq.write_table(table, temporary, row_group_size=row_group_size, **_OPTIONS)"
_TABLE = 'table = pa.table({"text": pa.array(docs, pa.string())})'
_TEMPORARY = 'temporary = path.with_name(path.name + ".tmp")'
_UNLINK = "temporary.unlink(missing_ok=True)"
_RAISE = "raise OSError(error.errno, what) from error"

WRONGS = [
    wrong(
        "only_size",
        "ends a shard as soon as it is large enough, in the middle of a row group",
        (_BOTH, "if chars >= chars_per_shard:"),
    ),
    wrong(
        "only_groups",
        "ends a shard with each row group, however small it is",
        (_BOTH, "if len(shard) % row_group_size == 0:"),
    ),
    wrong(
        "either",
        "ends a shard when one of the two conditions holds",
        (_BOTH, _BOTH.replace(" and ", " or ")),
    ),
    wrong(
        "more_than_enough",
        "goes on when a shard has exactly the size asked for",
        (_BOTH, _BOTH.replace(">=", ">")),
    ),
    wrong("bytes", "counts bytes instead of characters", (_COUNT, "chars += len(doc.encode())")),
    wrong("documents", "counts documents instead of characters", (_COUNT, "chars += 1")),
    wrong(
        "running_total",
        "does not begin to count anew for the next shard",
        (_NEW, "shard = []"),
    ),
    wrong("drops_the_rest", "throws the last, smaller shard away", (_REST, "")),
    wrong(
        "drops_empty",
        "leaves out empty documents",
        (_APPEND, f"if not doc:\n            continue\n        {_APPEND}"),
    ),
    wrong("backwards", "turns the documents of a shard round", (_APPEND, "shard.insert(0, doc)")),
    wrong(
        "cleared",
        "empties the list that it has just handed out",
        (_NEW, "shard.clear()\n            chars = 0"),
    ),
    wrong(
        "empty_shard", "ends with an empty shard when nothing is left", (_REST, "    yield shard\n")
    ),
    wrong(
        "reads_it_all",
        "reads the whole corpus before the first shard",
        (_LOOP, "for number, doc in enumerate(list(docs)):"),
    ),
    wrong(
        "one_too_many",
        "takes a document more than the shard needs",
        (
            _LOOP,
            "stream = iter(docs)\n    ahead = [*itertools.islice(stream, 1)]\n    for number, doc in enumerate(_ahead(stream, ahead)):",
        ),
        ("import random\n", "import itertools\nimport random\n"),
        (
            "def write_shard(\n",
            "def _ahead(stream, ahead):\n    for one in stream:\n        ahead.append(one)\n        yield ahead.pop(0)\n    yield from ahead\n\n\ndef write_shard(\n",
        ),
    ),
    wrong("any_document", "takes whatever has a length for a document", (_TYPE, "if False:")),
    wrong(
        "one_string",
        "takes a string for a list of documents, one for each letter",
        ("if isinstance(docs, str):", "if False:"),
    ),
    wrong(
        "any_size",
        "accepts a size of 0",
        (
            "if chars_per_shard < 1 or row_group_size < 1:",
            "row_group_size = max(row_group_size, 1)\n    if False:",
        ),
    ),
    wrong(
        "in_place",
        "shuffles the caller's own list",
        (_COPY, "order = docs if isinstance(docs, list) else list(docs)"),
    ),
    wrong("not_at_all", "does not shuffle", (_SHUFFLE, "del seed")),
    wrong(
        "sorted",
        "sorts instead of shuffling",
        (_SHUFFLE, "order.sort(key=lambda doc: (seed, len(doc), doc))"),
    ),
    wrong(
        "same_for_all",
        "gives the same order for every seed",
        (_SHUFFLE, "random.Random(42).shuffle(order)"),
    ),
    wrong(
        "global_dice",
        "seeds the generator that the whole program shares",
        (_SHUFFLE, "random.seed(seed)\n    random.shuffle(order)"),
    ),
    wrong(
        "unseeded",
        "throws dice without a seed: another order each time",
        (_SHUFFLE, "del seed\n    random.Random(_DICE.randrange(1 << 30)).shuffle(order)"),
        ("CHARS_PER_SHARD = 250", "_DICE = random.Random(3)\nCHARS_PER_SHARD = 250"),
    ),
    wrong(
        "with_repeats",
        "draws documents with replacement: some come twice, others never",
        (_SHUFFLE, "order = random.Random(seed).choices(order, k=len(order))"),
    ),
    wrong(
        "one_group",
        "writes everything as one row group",
        (_WRITE, _WRITE.replace("row_group_size=row_group_size, ", "")),
    ),
    wrong(
        "snappy",
        "leaves the compression to the library",
        ('"compression": "zstd",', ""),
        ('    "compression_level": 3,\n', ""),
    ),
    wrong(
        "dictionary",
        "builds a dictionary of texts",
        ('"use_dictionary": False', '"use_dictionary": True'),
    ),
    wrong(
        "statistics", "writes statistics", ('"write_statistics": False', '"write_statistics": True')
    ),
    wrong(
        "other_column",
        "calls the column something else",
        (_TABLE, _TABLE.replace('"text"', '"texts"')),
    ),
    wrong(
        "second_column",
        "writes a second column",
        (
            _TABLE,
            'table = pa.table({"text": pa.array(docs, pa.string()), "id": list(range(len(docs)))})',
        ),
    ),
    wrong(
        "leaves_tmp",
        "copies the temporary file, and leaves it there",
        ("temporary.replace(path)", "path.write_bytes(temporary.read_bytes())"),
        (_UNLINK, "pass"),
    ),
    wrong(
        "in_place_file",
        "writes under the final name at once",
        (_TEMPORARY, "temporary = path"),
        ("temporary.replace(path)", "pass"),
        (_UNLINK, "pass"),
    ),
    wrong(
        "leaves_half",
        "leaves half of a temporary file behind",
        (_UNLINK, "pass"),
    ),
    wrong("says_nothing", "says nothing when the disk is full", (_RAISE, "del what")),
    wrong("empty_file", "writes a shard without documents", ("if not docs:", "if False:")),
]
