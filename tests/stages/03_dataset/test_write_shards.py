"""Check of 03_dataset/write_shards."""

import contextlib
import random
import resource
import tempfile
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
from kit.corpus import documents
from nanochat.dataset.write_shards import (
    CHARS_PER_SHARD,
    ROW_GROUP_SIZE,
    main,
    shard_documents,
    shuffled,
    write_shard,
    write_shards,
)

from nanolab.expect import attempt, equal

TEN = [f"document {i}" for i in range(10)]  # of ten characters each


def cut(docs, chars, rows, function=shard_documents):
    """The shards of a corpus, each as its number of documents."""
    return attempt(lambda: [len(shard) for shard in function(docs, chars, rows)])


@contextlib.contextmanager
def full_disk(room=2000):
    """No file may grow above so many bytes: to a program, a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def noise(count):
    """Documents that do not get smaller when they are compressed."""
    rng = random.Random(0)
    return [
        "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=500)) for _ in range(count)
    ]


def said(function):
    """What an error says; nothing if there is none."""
    try:
        function()
    except (OSError, TypeError, ValueError) as error:
        return str(error)
    return ""


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_two_conditions():
    """A shard ends when it is large enough *and* its documents fill whole row groups.

    Kills only_size and only_groups.
    """
    message = "ten characters each: two documents are 20, less than 25; three are no pair; so four"
    equal(cut(TEN, 25, 2), [4, 4, 2], message)
    equal(cut(TEN, 15, 3), [3, 3, 3, 1], "two are enough, but a row group has three")
    equal(cut(TEN, 1, 1), [1] * 10, "the smallest shards are of one document")
    equal(cut(TEN, 1000, 4), [10], "too little for a whole shard is one shard, too")


def test_exactly_enough_is_enough():
    """A shard of exactly the size asked for is complete; characters count, not bytes.

    Kills more_than_enough, bytes and running_total.
    """
    message = "four documents of ten characters are 40: enough, and a whole number of pairs"
    equal(cut(TEN, 40, 2), [4, 4, 2], message)
    message = "one character more than that, in every shard: 60, 60, 60, and 20 are left over"
    equal(cut(TEN * 2, 41, 2), [6, 6, 6, 2], message)
    sizes = (CHARS_PER_SHARD, ROW_GROUP_SIZE)
    equal(sizes, (250_000_000, 1024), "the sizes of nanochat's shards and row groups")
    korean = ["안녕하세요", "좋은 아침", "반갑습니다", "감사합니다"]
    message = "five characters each, whatever their bytes: two of them are 10"
    equal(cut(korean, 10, 1), [2, 2], message)


def test_nothing_is_lost():
    """All documents come out again, in order, none twice; no documents make no shard.

    Kills drops_the_rest, drops_empty, backwards, cleared and empty_shard.
    """
    docs = [*documents(50), "", ""]
    shards = list(shard_documents(docs, 3000, 4))
    found = [doc for shard in shards for doc in shard]
    equal(found, docs, "joined, the shards should be the documents: the rest too, and empty ones")
    message = "each shard but the last one holds whole row groups of four"
    equal([len(shard) % 4 for shard in shards[:-1]], [0] * (len(shards) - 1), message)
    equal(list(shard_documents(iter([]), 10, 2)), [], "no documents, no shard")
    equal(cut(TEN[:4], 20, 2), [2, 2], "when nothing is left over, there is no further shard")


def test_a_stream_is_read_as_it_is_needed():
    """Documents are taken one by one; a corpus need not fit into memory.

    Kills reads_it_all and one_too_many.
    """
    taken = []
    stream = shard_documents((taken.append(doc) or doc for doc in TEN), 20, 2)
    equal(next(stream), TEN[:2], "the first shard has two documents")
    equal(taken, TEN[:2], "for the first shard, no more than its own documents should be taken")


def test_what_is_no_document():
    """What is not a string is refused, and so is a size below 1.

    Kills any_document, one_string and any_size.
    """
    found = attempt(lambda: list(shard_documents(["a", "b", b"c", "d"], 1, 1)))
    equal(found, ("raises", "TypeError"), "document 2 is bytes, not a string")
    told = said(lambda: list(shard_documents(["a", "b", None], 10, 1)))
    assert "2" in told, "the error should say which document it is, counted from 0"
    message = "a string is an iterable of strings, and this one would become ten documents"
    equal(
        attempt(lambda: list(shard_documents("some words", 1, 1))), ("raises", "TypeError"), message
    )
    for sizes in ((0, 1), (1, 0), (-5, 1)):
        found = attempt(lambda sizes=sizes: list(shard_documents(TEN, *sizes)))
        equal(found, ("raises", "ValueError"), f"sizes of {sizes} make no shard")


def test_shuffling(capsys):
    """A seed gives an order: the same one each time, and another for another seed.

    Kills in_place, not_at_all, same_for_all, global_dice and with_repeats.
    """
    docs = documents(40)
    given, state = list(docs), random.getstate()
    found = shuffled(given, 42)
    equal(given, docs, "the caller's own list should be as it was")
    equal(Counter(found), Counter(docs), "the same documents, each as often as before")
    equal(random.getstate(), state, "the generator of the whole program should not be touched")
    random.random()
    equal(shuffled(given, 42), found, "the same seed should give the same order")
    orders = {tuple(shuffled(docs, seed)) for seed in range(5)}
    equal(len(orders | {tuple(docs)}), 6, "five seeds, five orders, and none is the old one")
    equal(sorted(shuffled(iter(TEN), 1)), TEN, "documents may come from an iterator")
    main()
    told = capsys.readouterr().out.splitlines()
    sizes = [line.partition(" characters: ['document ")[0] for line in told]
    expected = ["6 documents, 63", "6 documents, 61", "3 documents, 31"]
    equal(sizes, expected, "fifteen documents, in threes, at least forty characters in a shard")
    equal("'document 8', 'document 13'" in told[0], True, "the order of seed 42")


def test_the_file(tmp_path):
    """A shard is a Parquet file of row groups, compressed with zstd, with one column of text.

    Kills one_group, snappy, dictionary, statistics, other_column and leaves_tmp.
    """
    docs = [*documents(9), ""]
    path = tmp_path / "shard_00000.parquet"
    equal(write_shard(docs, path, 4), None, "write_shard returns nothing")
    equal(names(tmp_path), [path.name], "the shard, and nothing beside it")
    with pq.ParquetFile(path) as file:
        footer, schema = file.metadata, file.schema_arrow
        equal(file.read()["text"].to_pylist(), docs, "what is read should be what was written")
    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    equal([group.num_rows for group in groups], [4, 4, 2], "ten rows in groups of four")
    equal(str(schema), "text: string", "one column, text, of strings")
    column = groups[0].column(0)
    equal(column.compression, "ZSTD", "the texts should be compressed")
    equal(column.is_stats_set, False, "nobody asks for the smallest text: no statistics")
    plain = not any("DICTIONARY" in encoding for encoding in column.encodings)
    assert plain, "texts hardly ever repeat: no dictionary"
    equal(attempt(write_shard, [], tmp_path / "none.parquet"), ("raises", "ValueError"), "no rows")
    for _ in range(2):
        write_shards(TEN, tmp_path / "new", 30, 3)
    equal(len(names(tmp_path / "new")), 4, "ten documents in threes are four shards, also twice")


def test_a_full_disk(tmp_path):
    """When the disk is full, an error says what could not be written, and no half file stays.

    Kills in_place_file, leaves_half and says_nothing.
    """
    path = tmp_path / "shard_00000.parquet"
    with full_disk():
        found = attempt(write_shard, noise(40), path)
    equal(found, ("raises", "OSError"), "the disk is full: that should be an error, not silence")
    equal(names(tmp_path), [], "no half file may stay, under this name or another")
    write_shard(["old"], path)
    before = path.read_bytes()
    with full_disk():
        told = said(lambda: write_shard(noise(40), path))
    assert "40" in told, "your message should say how many documents did not fit: 40"
    assert path.name in told, f"your message should name the file: {path.name}"
    equal(path.read_bytes(), before, "an older file of that name should be as it was")
    found = attempt(write_shard, ["a", 7], path)
    equal(found[1] if isinstance(found, tuple) else found, "ArrowTypeError", "7 is no text")
    (tmp_path / "folder.parquet").mkdir()
    message = "a folder is in the way: that is an error, and the file beside it has to go"
    assert said(lambda: write_shard(TEN, tmp_path / "folder.parquet")), message
    equal(names(tmp_path), ["folder.parquet", path.name], message)


def probe(module):
    cuts = [
        cut(docs, chars, rows, module.shard_documents)
        for docs in (TEN, ["안녕하세요"] * 4, [], "some words", ["a", b"b"], ["", "", "a"])
        for chars, rows in ((25, 2), (15, 3), (40, 2), (10, 1), (0, 1), (1, 0))
    ]
    docs = documents(20)
    joined = attempt(
        lambda: [doc for shard in module.shard_documents(docs, 900, 4) for doc in shard]
    )
    kept = attempt(lambda: list(module.shard_documents(TEN, 20, 2)))
    taken = []
    first = attempt(next, module.shard_documents((taken.append(d) or d for d in TEN), 20, 2))
    return cuts, joined, kept, taken, first, _orders(module), _files(module)


def _orders(module):
    given = TEN[::-1]
    random.seed(1)
    orders = [attempt(module.shuffled, given, seed) for seed in (0, 1, 0)]
    same = [one == other for one, other in pairwise([*orders, sorted(given), given, orders[0]])]
    return (
        given,
        same,
        [sorted(one) == TEN for one in orders],
        orders[0] == orders[2],
        random.random(),
    )


def _files(module):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        seen = [attempt(module.write_shard, docs, path, 4) for docs in ([], [*TEN, ""])]
        with pq.ParquetFile(path) as file:
            one = file.metadata.row_group(0).column(0)
            seen += [file.num_row_groups, str(file.schema_arrow), file.read().to_pydict()]
            seen += [one.compression, one.is_stats_set, sorted(one.encodings)]
        seen.append(names(folder))
        with full_disk():
            seen.append(attempt(module.write_shard, noise(40), path))
        seen += [names(folder), attempt(lambda: pq.read_metadata(path).num_rows)]
        (Path(folder) / "b.parquet").mkdir()
        seen += [attempt(module.write_shard, TEN, Path(folder) / "b.parquet"), names(folder)]
    return seen
