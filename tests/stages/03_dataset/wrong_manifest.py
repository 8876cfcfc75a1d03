"""Wrong answers to 03_dataset/manifest."""

from nanolab.wrongs import wrong

_PIECES = """        while chunk := file.read(_CHUNK):
            digest.update(chunk)
"""
_GIVE = "return dict(_described(path, stat.st_mtime_ns, stat.st_size))"
_CHARS = "chars = sum(len(text) for texts in iter_batches([path]) for text in texts)"
_SHARDS = """        path.name: {**describe(path), "split": "val" if path in val else "train"} for path in paths
"""
_VAL = 'val = split_shards(paths, "val") if paths else []'
_TOTALS = "totals = {key: sum(one[key] for one in shards.values()) for key in _ADDED_UP}"
_THERE = "there = {path.name: path for path in list_parquet_files(data_dir)}"
_EACH = "for name in {*there, *known}}"
_RESULT = "return [Problem(name, kind) for name, kind in sorted(found.items()) if kind]"
_EXTRA = '        return "extra"\n'
_MISSING = '    if path is None:\n        return "missing"\n'
_TRY = """    try:
        found = describe(path)
    except (OSError, ValueError):
        return "unreadable"
"""
_SIZE = """    if found["bytes"] != known["bytes"]:
        return "size"
"""
_HASH = """    if found["sha256"] != known["sha256"]:
        return "hash"
"""
_SAME = 'return "" if found.items() <= known.items() else "metadata"'

WRONGS = [
    wrong(
        "reads_it_all",
        "reads the whole file into memory",
        (_PIECES, "        digest.update(file.read())\n"),
    ),
    wrong(
        "tiny_pieces",
        "reads the file in tiny pieces",
        (_PIECES, _PIECES.replace("_CHUNK", "1024")),
    ),
    wrong(
        "first_piece",
        "takes only the first piece of a file into account",
        (_PIECES, "        digest.update(file.read(_CHUNK))\n"),
    ),
    wrong(
        "last_piece",
        "begins a new digest with every piece",
        (_PIECES, _PIECES.replace("digest.update(chunk)", "digest = hashlib.sha256(chunk)")),
    ),
    wrong(
        "other_hash",
        "computes another hash",
        ("digest = hashlib.sha256()", "digest = hashlib.md5()"),
    ),
    wrong(
        "raw_digest",
        "gives bytes, which JSON cannot say",
        ("return digest.hexdigest()", "return digest.digest()"),
    ),
    wrong(
        "groups_as_rows",
        "counts row groups as rows",
        ('"rows": footer.num_rows', '"rows": footer.num_row_groups'),
    ),
    wrong(
        "bytes_as_chars",
        "counts bytes of text as characters",
        (_CHARS, _CHARS.replace("len(text)", "len(text.encode())")),
    ),
    wrong(
        "documents_as_chars",
        "counts documents as characters",
        (_CHARS, _CHARS.replace("len(text)", "1")),
    ),
    wrong(
        "first_group",
        "counts the characters of the first row group only",
        (_CHARS, "chars = sum(map(len, next(iter_batches([path]))))"),
    ),
    wrong(
        "whole_path", "gives the whole path for a name", ('"name": path.name', '"name": str(path)')
    ),
    wrong(
        "hash_of_text",
        "hashes the texts, and would miss damage to the rest of the file",
        (
            '"sha256": file_sha256(path)',
            '"sha256": hashlib.sha256("".join(t for b in iter_batches([path]) for t in b).encode()).hexdigest()',
        ),
    ),
    wrong(
        "poisoned",
        "hands out the dictionary that the cache keeps",
        (_GIVE, "return _described(path, stat.st_mtime_ns, stat.st_size)"),
    ),
    wrong(
        "no_cache",
        "reads a file again although it has not changed",
        (_GIVE, "return dict(_described.__wrapped__(path, stat.st_mtime_ns, stat.st_size))"),
    ),
    wrong(
        "stale",
        "keeps the old answer when a file has another time",
        (_GIVE, "return dict(_described(path, 0, stat.st_size))"),
    ),
    wrong(
        "stale_size",
        "keeps the old answer when a file has another size",
        (_GIVE, "return {**_described(path, stat.st_mtime_ns, 0), 'bytes': stat.st_size}"),
    ),
    wrong(
        "no_split",
        "does not say which split a shard is in",
        (_SHARDS, "        path.name: describe(path) for path in paths\n"),
        (_VAL, "split_shards(paths, 'val') if paths else []"),
    ),
    wrong(
        "first_is_val", "calls the first shard the one for validation", (_VAL, "val = paths[:1]")
    ),
    wrong("all_train", "calls all shards training shards", (_VAL, "val = []")),
    wrong(
        "needs_two",
        "fails for a folder with one shard",
        (
            _VAL,
            'val = split_shards(paths, "val") if paths and split_shards(paths, "train") else []',
        ),
    ),
    wrong(
        "needs_one", "fails for a folder without shards", (_VAL, 'val = split_shards(paths, "val")')
    ),
    wrong(
        "averages",
        "gives the largest where the sum is asked for",
        (
            _TOTALS,
            _TOTALS.replace(
                "sum(one[key] for one in shards.values())",
                "max([one[key] for one in shards.values()], default=0)",
            ),
        ),
    ),
    wrong(
        "stops_at_first",
        "stops at the first problem",
        (_RESULT, _RESULT + "[:1]"),
    ),
    wrong(
        "only_known",
        "does not notice shards that the manifest does not know",
        (_EACH, "for name in known}"),
    ),
    wrong(
        "only_there",
        "does not notice shards that are gone",
        (_EACH, "for name in there}"),
    ),
    wrong(
        "raises",
        "lets the first damaged shard end it all",
        (_TRY, "    found = describe(path)\n"),
    ),
    wrong(
        "unreadable_is_fine",
        "passes over a shard that it cannot read",
        (_TRY, _TRY.replace('"unreadable"', '""')),
    ),
    wrong("only_size", "compares the size only", (_HASH, ""), (_SAME, 'return ""')),
    wrong("no_hash", "does not compare the hash", (_HASH, "")),
    wrong("no_size", "does not compare the size", (_SIZE, "")),
    wrong(
        "believes_footer", "does not compare rows, row groups and characters", (_SAME, 'return ""')
    ),
    wrong(
        "compares_split",
        "takes it for damage when a shard has changed its split",
        (
            _SAME,
            "split = build_manifest(path.parent)['shards'][path.name]['split'] if path.exists() else ''\n    return '' if {**found, 'split': split}.items() <= known.items() else 'metadata'",
        ),
    ),
    wrong(
        "unsorted",
        "lists the problems in reverse",
        (_RESULT, _RESULT.replace("sorted(found.items())", "sorted(found.items(), reverse=True)")),
    ),
]
