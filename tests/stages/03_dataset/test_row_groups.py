"""Check of 03_dataset/row_groups."""

import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from kit.corpus import write_shards
from nanochat.dataset.row_groups import iter_batches, main, parquets_iter_batched

from nanolab.expect import attempt, equal

# Errors that are slips of the pen: a learner should see their line, not a comparison that failed.
BLUNDERS = (NotImplementedError, NameError, AttributeError, TypeError)


def shard(letter, groups, rows=2):
    """Documents for so many row groups: `a0`, `a0'`, `a1`, `a1'`, ...; the number is the group's."""
    return [f"{letter}{group}{row * chr(39)}" for group in range(groups) for row in range(rows)]


def batch(letter, group):
    """What a row group of such a shard holds."""
    return [f"{letter}{group}", f"{letter}{group}'"]


def read(paths, *args, function=iter_batches, **kwargs):
    """All that an iterator gives; as far as it comes, if it ends with an error."""
    seen = []
    try:
        for one in function(paths, *args, **kwargs):
            seen.append(one)  # noqa: PERF402 - kept when an error comes
    except BLUNDERS:
        raise
    except Exception as error:
        return [*seen, ("raises", type(error).__name__)]
    return seen


def said(paths, **kwargs):
    """What an error says; nothing if there is none."""
    try:
        list(iter_batches(paths, **kwargs))
    except ValueError as error:
        return str(error)
    return ""


def spoil(path, group):
    """Overwrite the texts of one row group of a shard, and nothing else."""
    column = pq.read_metadata(path).row_group(group).column(0)
    with path.open("r+b") as file:
        file.seek(column.data_page_offset)
        file.write(b"\xff" * column.total_compressed_size)


def two(folder):
    """A shard of five row groups, and one of two."""
    return write_shards(Path(folder), [shard("a", 5), shard("b", 2)], 2)


def test_all_of_it(tmp_path):
    """One batch for each row group, file by file, in order.

    Kills document_by_document, file_by_file, backwards and arrow.
    """
    expected = [batch("a", group) for group in range(5)] + [batch("b", 0), batch("b", 1)]
    message = "seven row groups, the five of the first file before the two of the second"
    equal(read(two(tmp_path)), expected, message)
    equal(read([str(path) for path in two(tmp_path)]), expected, "paths may be given as text")
    equal(read([]), [], "no files, no batches")


def test_every_third(tmp_path, capsys):
    """With start and step, a rank reads its own row groups; the count begins anew in each file.

    Kills running_counter, no_start, no_step, neighbours, blocks and stops_at_short_file.
    """
    paths = two(tmp_path)
    expected = [batch("a", 1), batch("a", 4), batch("b", 1)]
    message = "start 1, step 3: groups 1 and 4 of the first file, and again group 1 of the second"
    equal(read(paths, 1, 3), expected, message)
    expected = [batch("a", 3), batch("b", 0)]
    message = "a file with too few row groups gives nothing, and the next one is still read"
    equal(read([paths[1], paths[0]], 3, 8), expected[:1], message)
    ranks = [read(paths, rank, 3) for rank in range(3)]
    together = sorted(one for rank in ranks for one in rank)
    equal(together, sorted(read(paths)), "three ranks together read everything, and nothing twice")
    main()
    told = capsys.readouterr().out.splitlines()
    equal(told[1], "rank 1 reads the row groups [1, 5]", "of seven row groups, for four ranks")
    equal((len(told), told[3]), (4, "rank 3 reads the row groups [3]"), "the last of four ranks")


def test_only_what_is_asked_for(tmp_path):
    """Row groups of others are not read, and a file is opened only when its turn comes.

    Kills whole_file, all_at_once and opens_all.
    """
    paths = two(tmp_path)
    spoil(paths[0], 1)
    found = read(paths[:1], 0, 2)
    message = "row group 1 is damaged; who reads groups 0, 2 and 4 should never notice"
    equal(found, [batch("a", 0), batch("a", 2), batch("a", 4)], message)
    batches = iter_batches([paths[1], tmp_path / "not there yet.parquet"])
    message = "the second file is not there yet, but the first one can be read"
    equal([next(batches), next(batches)], [batch("b", 0), batch("b", 1)], message)
    equal(attempt(next, batches), ("raises", "FileNotFoundError"), "now its turn has come")


def test_the_column_of_texts(tmp_path):
    """Texts come from the column called text; missing ones are left out, empty ones are texts.

    Kills first_column, keeps_nulls and drops_empty.
    """
    table = pa.table({"id": ["x", "y", "z"], "text": ["a", None, ""], "score": [1, 2, 3]})
    pq.write_table(table, tmp_path / "extra.parquet", row_group_size=3)
    message = "the texts are a, none, and an empty one; ids are in the column in front of it"
    equal(read([tmp_path / "extra.parquet"]), [["a", ""]], message)
    pq.write_table(table.drop(["text"]), tmp_path / "none.parquet")
    equal(read([tmp_path / "none.parquet"]), [("raises", "ValueError")], "there is no column text")
    assert "score" in said([tmp_path / "none.parquet"]), (
        "the error names the columns that are there"
    )


def test_what_cannot_be_read(tmp_path):
    """A start or step out of range, and a damaged file, are errors.

    Kills any_start, any_step and skips_broken.
    """
    paths = two(tmp_path)
    for start, step in ((-1, 1), (0, 0), (0, -1)):
        message = f"start {start}, step {step}: there is no such row group, or no end"
        equal(read(paths, start, step), [("raises", "ValueError")], message)
        equal(read([], start, step), [("raises", "ValueError")], f"{message}, also without a file")
        told = said(paths, start=start, step=step)
        assert str(min(start, step)) in told, "the error should name the number"
    whole = paths[0].read_bytes()
    broken = tmp_path / "broken.parquet"
    for content in (whole[: len(whole) // 2], b""):
        broken.write_bytes(content)
        message = "half a file cannot be read, and passing over it would lose documents"
        equal(read([broken]), [("raises", "ValueError")], message)
        for word in (str(broken), str(len(content))):
            assert word in said([broken]), f"the error should name file and size: {word}"
    equal(read([broken, *paths])[:1], [("raises", "ValueError")], "nor is it passed over")
    spoil(paths[0], 1)
    message = "row group 1 is damaged: an error that names the file, after row group 0"
    equal(read(paths), [batch("a", 0), ("raises", "ValueError")], message)
    assert str(paths[0]) in said(paths), "the error should name the file"


def test_a_split(tmp_path, monkeypatch):
    """parquets_iter_batched reads the shards of a split in a folder.

    Kills all_splits, wrong_split, forgets_rank, forgets_folder and late.
    """
    write_shards(tmp_path, [shard("a", 3), shard("b", 2), shard("c", 2)], 2)
    val = [batch("c", 0), batch("c", 1)]
    found = read("val", data_dir=tmp_path, function=parquets_iter_batched)
    equal(found, val, "the last shard is for validation")
    found = read("train", 1, 2, tmp_path, function=parquets_iter_batched)
    equal(found, [batch("a", 1), batch("b", 1)], "rank 1 of 2 reads group 1 of each other shard")
    found = attempt(parquets_iter_batched, "test", data_dir=tmp_path)
    message = "a wrong split is refused at once, not when the first batch is asked for"
    equal(found, ("raises", "ValueError"), message)
    (tmp_path / "base_data").mkdir()
    write_shards(tmp_path / "base_data", [shard("d", 1), shard("e", 1)], 2)
    monkeypatch.setenv("NANOCHAT_BASE_DIR", str(tmp_path))
    found = read("train", function=parquets_iter_batched)
    equal(found, [batch("d", 0)], "without a folder, it is base_data in the base directory")


def probe(module):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = two(folder)
        settings = ((0, 1), (1, 3), (2, 3), (3, 8), (-1, 1), (0, 0), (0, -1))
        seen = [read(paths, *one, function=module.iter_batches) for one in settings]
        seen += [read([], *one, function=module.iter_batches) for one in settings]
        seen.append(read(paths[::-1], 3, 8, function=module.iter_batches))
        seen += [
            read(one, 0, 2, data_dir=folder, function=module.parquets_iter_batched)
            for one in ("train", "val")
        ]
        seen.append(
            attempt(lambda: str(type(module.parquets_iter_batched("test", data_dir=folder))))
        )
        table = pa.table({"id": ["x", "y", "z"], "text": ["a", None, ""]})
        pq.write_table(table, folder / "extra.parquet")
        pq.write_table(table.drop(["text"]), folder / "none.parquet")
        (folder / "half.parquet").write_bytes(paths[0].read_bytes()[:400])
        for other in ("extra", "none", "half", "absent"):
            seen.append(read([paths[1], folder / f"{other}.parquet"], function=module.iter_batches))
        spoil(paths[0], 1)
        seen.append(read(paths[:1], 0, 2, function=module.iter_batches))
    return seen
