"""Wrong answers to 03_dataset/row_groups."""

from nanolab.wrongs import wrong

_FILES = "for path in paths:"
_GROUPS = "for group in range(start, file.num_row_groups, step):"
_READ = 'table = file.read_row_group(group, columns=["text"], use_threads=False)'
_TEXTS = 'texts = table.column("text").to_pylist()'
_YIELD = "yield [text for text in texts if text is not None]"
_RANGE = "if start < 0 or step < 1:"
_SPLIT = "return iter_batches(split_shards(list_parquet_files(data_dir), split), start, step)"

WRONGS = [
    wrong(
        "document_by_document",
        "hands out single texts, not the texts of a row group",
        (_YIELD, "yield from [text for text in texts if text is not None]"),
    ),
    wrong(
        "file_by_file",
        "hands out whole files, not row groups",
        (_FILES, f"{_FILES}\n        whole = []"),
        (_YIELD, "whole += [text for text in texts if text is not None]"),
        ("\n\n\ndef parquets", "\n        if whole:\n            yield whole\n\n\ndef parquets"),
    ),
    wrong("backwards", "reads the files in reverse", (_FILES, "for path in [*paths][::-1]:")),
    wrong(
        "arrow",
        "hands out Arrow's own strings, not Python's",
        (_TEXTS, 'texts = table.column("text").drop_null()'),
    ),
    wrong(
        "running_counter",
        "counts row groups on from file to file, instead of anew in each",
        (_FILES, f"seen = 0\n    {_FILES}"),
        (
            _GROUPS,
            "first = (start - seen) % step\n            seen += file.num_row_groups\n            for group in range(first, file.num_row_groups, step):",
        ),
    ),
    wrong(
        "no_start",
        "begins at row group 0 for every rank",
        (_GROUPS, _GROUPS.replace("(start,", "(0,")),
    ),
    wrong(
        "no_step",
        "reads every row group from the first one on",
        (_GROUPS, _GROUPS.replace(", step", "")),
    ),
    wrong(
        "neighbours",
        "gives each rank neighbouring row groups, in equal blocks",
        (
            _GROUPS,
            "size = file.num_row_groups // step\n            for group in range(start * size, (start + 1) * size):",
        ),
    ),
    wrong(
        "one_too_few",
        "never reads the last row group of a file",
        (_GROUPS, _GROUPS.replace("num_row_groups", "num_row_groups - 1")),
    ),
    wrong(
        "stops_at_short_file",
        "ends altogether at a file that has too few row groups",
        (
            _GROUPS,
            f"if start >= file.num_row_groups:\n                return\n            {_GROUPS}",
        ),
    ),
    wrong(
        "fails_at_short_file",
        "fails at a file that has too few row groups",
        (_GROUPS, f"file.metadata.row_group(start)\n            {_GROUPS}"),
    ),
    wrong(
        "whole_file",
        "reads the whole file and then takes a part of it",
        (_GROUPS, f"whole = file.read()\n            {_GROUPS}"),
    ),
    wrong(
        "opens_all",
        "opens all files before it reads the first",
        (
            _FILES,
            f"paths = [*paths]\n    for path in paths:\n        pq.ParquetFile(path).close()\n    {_FILES}",
        ),
    ),
    wrong(
        "all_at_once",
        "reads everything before the first batch is asked for",
        (_FILES, f"everything = []\n    {_FILES}"),
        (_YIELD, "everything.append([text for text in texts if text is not None])"),
        ("\n\n\ndef parquets", "\n    yield from everything\n\n\ndef parquets"),
    ),
    wrong(
        "first_column",
        "takes the first column, whatever it is called",
        (_READ, "table = file.read_row_group(group, use_threads=False)"),
        (_TEXTS, "texts = table.column(0).to_pylist()"),
    ),
    wrong("keeps_nulls", "hands out None for a missing text", (_YIELD, "yield texts")),
    wrong(
        "drops_empty", "leaves out empty texts", (_YIELD, "yield [text for text in texts if text]")
    ),
    wrong("any_start", "accepts a start below 0", (_RANGE, "if step < 1:")),
    wrong("any_step", "accepts a step below 0, and then reads nothing", (_RANGE, "if start < 0:")),
    wrong(
        "skips_broken",
        "passes over a file that it cannot read",
        (_FILES, "for path in _good(paths):"),
        (
            "def main",
            "def _good(paths):\n    for path in paths:\n        try:\n            pq.ParquetFile(path).close()\n        except ValueError:\n            continue\n        yield path\n\n\ndef main",
        ),
    ),
    wrong(
        "all_splits",
        "reads all shards, for training and for validation",
        (
            _SPLIT,
            "split_shards(list_parquet_files(data_dir), split)\n    return iter_batches(list_parquet_files(data_dir), start, step)",
        ),
    ),
    wrong(
        "wrong_split",
        "reads the training shards, whatever the split",
        (
            _SPLIT,
            "files = list_parquet_files(data_dir)\n    split_shards(files, split)\n    return iter_batches(split_shards(files, 'train'), start, step)",
        ),
    ),
    wrong(
        "forgets_rank",
        "hands start and step to nobody",
        (_SPLIT, _SPLIT.replace(", start, step", "")),
    ),
    wrong(
        "forgets_folder",
        "looks into the base directory, whatever the folder",
        (_SPLIT, _SPLIT.replace("data_dir", "")),
    ),
    wrong(
        "late",
        "is a generator, and looks at the split only when the first batch is asked for",
        (_SPLIT, _SPLIT.replace("return", "yield from")),
    ),
]
