"""Wrong answers to 03_dataset/shard_names."""

from nanolab.wrongs import wrong

_NAME = 'return f"shard_{index:05d}.parquet"'
_TYPE = "if isinstance(index, bool) or not isinstance(index, int):"
_RANGE = "if not 0 <= index <= 99_999:"
_MATCH = r're.fullmatch(r"shard_([0-9]{5})\.parquet", name)'
_LIST = "return sorted(path for path in folder.iterdir() if _is_shard(path))"
_MISSING = (
    'raise FileNotFoundError(f"there is no folder {folder}: fetch or write some shards first")'
)

WRONGS = [
    wrong(
        "no_padding",
        "writes the number without zeros in front, and shard 10 sorts before shard 9",
        (_NAME, 'return f"shard_{index}.parquet"'),
    ),
    wrong("four_digits", "writes four digits", (_NAME, _NAME.replace("05", "04"))),
    wrong("from_one", "counts shards from 1", (_NAME, _NAME.replace("index", "index + 1"))),
    wrong("six_digits", "accepts a number with six digits", (_RANGE, "if index < 0:")),
    wrong("negative", "accepts a negative number", (_RANGE, "if index > 99_999:")),
    wrong("true_is_one", "takes True for a number", (_TYPE, "if not isinstance(index, int):")),
    wrong(
        "text_is_number",
        "does not look at the type, and takes text that looks like a number",
        (
            _TYPE,
            "index = index if isinstance(index, bool) else int(index)\n    if isinstance(index, bool):",
        ),
    ),
    wrong(
        "begins_like_one",
        "does not look at what stands behind the name",
        (_MATCH, _MATCH.replace("fullmatch", "match")),
    ),
    wrong(
        "newline",
        "lets a line end stand behind the name",
        (_MATCH, r're.match(r"shard_([0-9]{5})\.parquet$", name)'),
    ),
    wrong(
        "anywhere",
        "finds the name inside of a longer one",
        (_MATCH, r're.search(r"shard_([0-9]{5})\.parquet\Z", name)'),
    ),
    wrong("any_sign", "takes any character for the dot", (_MATCH, _MATCH.replace(r"\.", "."))),
    wrong("any_digit", "takes digits of other scripts", (_MATCH, _MATCH.replace("[0-9]", r"\d"))),
    wrong("any_length", "takes any number of digits", (_MATCH, _MATCH.replace("{5}", "+"))),
    wrong(
        "as_they_come",
        "lists the files in the order in which the system gives them",
        (_LIST, _LIST.replace("sorted(", "list(")),
    ),
    wrong(
        "by_age",
        "sorts the files by their age",
        (
            _LIST,
            _LIST.replace(
                "_is_shard(path))", "_is_shard(path)), key=lambda path: path.stat().st_mtime_ns)"
            ).replace("sorted(path for", "sorted((path for"),
        ),
    ),
    wrong(
        "bare_names",
        "lists names without their folder",
        (_LIST, _LIST.replace("sorted(path for", "sorted(Path(path.name) for")),
    ),
    wrong(
        "folders_too",
        "takes a folder that is named like a shard",
        ("return path.is_file()", "return True"),
    ),
    wrong(
        "every_parquet",
        "takes every file that ends in .parquet",
        (_LIST, 'return sorted(path for path in folder.glob("*.parquet") if path.is_file())'),
    ),
    wrong(
        "nothing_is_missing",
        "gives an empty list for a folder that is not there",
        (_MISSING, "return []"),
    ),
    wrong(
        "elsewhere",
        "looks into the base directory itself",
        ('artifact("base_data") if', "artifact() if"),
    ),
    wrong("floor", "rounds down, so that the last tokens are missing", ("math.ceil(", "int(")),
    wrong("nearest", "rounds to the nearest number", ("math.ceil(", "round(")),
    wrong(
        "one_more",
        "adds a shard also where the last one is full",
        ("math.ceil(chars / chars_per_shard)", "int(chars // chars_per_shard) + 1"),
    ),
    wrong(
        "tokens_as_chars",
        "counts tokens where characters are asked for",
        (" * chars_per_token", ""),
    ),
]
