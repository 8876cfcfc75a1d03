"""Check of 03_dataset/shard_names."""

import os
import random
import tempfile
from pathlib import Path

from nanochat.dataset.shard_names import (
    MAX_SHARD,
    filename_to_index,
    index_to_filename,
    list_parquet_files,
    main,
    shards_needed,
)

from nanolab.expect import attempt, equal

# What lies about in a folder beside the shards, and is none.
JUNK = [
    "shard_00003.parquet.tmp",
    ".shard_00003.parquet",
    "shard_3.parquet",
    "shard_000003.parquet",
    "shard_00003_parquet",
    "shard_0000٣.parquet",
    "shard_00003.parquet\n",
    "my_shard_00003.parquet",
    "notes.txt",
]


def said(function, value):
    """What an error says; nothing if there is none."""
    try:
        function(value)
    except (TypeError, ValueError, FileNotFoundError) as error:
        return str(error)
    return ""


def filled(folder, indices):
    """Put shards into a folder, made in that order; and junk, and a folder named like a shard."""
    for index in indices:
        (Path(folder) / f"shard_{index:05d}.parquet").write_bytes(b"x")
    for name in JUNK:
        (Path(folder) / name).write_bytes(b"x")
    (Path(folder) / "shard_00009.parquet").mkdir()


def test_five_digits():
    """A shard's name holds its number in five digits.

    Kills no_padding, four_digits and from_one.
    """
    for index, name in ((7, "shard_00007.parquet"), (0, "shard_00000.parquet")):
        equal(index_to_filename(index), name, f"shard {index} is called {name}")
    names = [index_to_filename(i) for i in (2, 9, 10, 1822, 99_999)]
    equal(sorted(names), names, "sorted as text, the names should be in the order of the numbers")


def test_what_has_no_name():
    """A number that five digits cannot say is refused, and so is what is no number.

    Kills six_digits, negative, true_is_one and text_is_number.
    """
    for index in (100_000, -1):
        message = f"there is no shard {index}: five digits go from 0 to 99999"
        equal(attempt(index_to_filename, index), ("raises", "ValueError"), message)
        assert str(index) in said(index_to_filename, index), "the error should name the number"
    for index in (True, "7", 7.0, None):
        message = f"{index!r} is no number of a shard"
        equal(attempt(index_to_filename, index), ("raises", "TypeError"), message)


def test_names_are_read_back():
    """filename_to_index reads what index_to_filename writes, and refuses everything else.

    Kills begins_like_one, any_sign, any_digit and any_length.
    """
    for index in (0, 7, 1822, 99_999):
        equal(filename_to_index(index_to_filename(index)), index, "there and back")
    for name in (*JUNK, "", "data/shard_00003.parquet"):
        message = f"{name!r} is not the name of a shard"
        equal(attempt(filename_to_index, name), ("raises", "ValueError"), message)
    assert "notes.txt" in said(filename_to_index, "notes.txt"), "the error should name the file"


def test_listing_a_folder(tmp_path, monkeypatch):
    """list_parquet_files lists the shards in a folder, in order, and nothing else.

    Kills as_they_come, by_age, bare_names, folders_too, nothing_is_missing and elsewhere.
    """
    indices = random.Random(1).sample([*range(9), *range(10, 40)], 39)
    filled(tmp_path, indices)
    expected = [tmp_path / f"shard_{index:05d}.parquet" for index in sorted(indices)]
    found = list_parquet_files(tmp_path)
    message = "the shards should be listed in order, as paths with their folder, and nothing else"
    equal(found, expected, message)
    equal(list_parquet_files(str(tmp_path)), expected, "a folder may be given as text")
    for folder in (tmp_path / "nowhere", tmp_path / "notes.txt"):
        message = "a folder that is not there should be an error, not an empty list"
        equal(attempt(list_parquet_files, folder), ("raises", "FileNotFoundError"), message)
        assert str(folder) in said(list_parquet_files, folder), "the error should name the folder"
    (tmp_path / "base" / "base_data").mkdir(parents=True)
    equal(list_parquet_files(tmp_path / "base" / "base_data"), [], "no shards are no error")
    (tmp_path / "base" / "base_data" / "shard_00000.parquet").write_bytes(b"x")
    monkeypatch.setenv("NANOCHAT_BASE_DIR", str(tmp_path / "base"))
    found = list_parquet_files()
    message = "without a folder, it is base_data in the base directory"
    equal(found, [tmp_path / "base" / "base_data" / "shard_00000.parquet"], message)


def test_how_many_shards(capsys):
    """shards_needed counts up to the shard that is needed only in part.

    Kills floor, nearest, one_more and tokens_as_chars.
    """
    message = "560,988,160 parameters, 20 tokens each, 4.8 characters each: 215.4 shards, so 216"
    equal(shards_needed(560_988_160), 216, message)
    equal(shards_needed(31_250_000), 12, "3 billion characters are exactly 12 shards")
    equal(shards_needed(31_250_001), 13, "and one parameter more begins the next")
    equal(shards_needed(1), 1, "96 characters are in a shard, too")
    equal(shards_needed(0), 0, "nothing to train needs no data")
    found = shards_needed(7, ratio=3, chars_per_token=2, chars_per_shard=10)
    equal(found, 5, "7 parameters with 3 tokens of 2 characters: 42, which is 5 shards of 10")
    equal(shards_needed(10**15), 384_000_000, "a million billion: 384 million shards")
    equal(index_to_filename(MAX_SHARD), "shard_01822.parquet", "the last one of nanochat's dataset")
    main()
    told = capsys.readouterr().out.splitlines()
    equal(told[0], "d20: 560,988,160 parameters need the shards up to shard_00215.parquet", "d20")
    equal(told[1], "d32: 1,879,048,192 parameters need the shards up to shard_00721.parquet", "d32")


def probe(module):
    names = [attempt(module.index_to_filename, i) for i in (0, 7, 99_999, 100_000, -1, True, "7")]
    read = [attempt(module.filename_to_index, n) for n in (*JUNK, "shard_00007.parquet")]
    needed = [attempt(module.shards_needed, n) for n in (560_988_160, 31_250_000, 0, 2_000_000)]
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        filled(folder, random.Random(1).sample(range(10, 40), 30))
        for age, path in enumerate(sorted(Path(folder).glob("shard_000[12]*"))):
            os.utime(path, (age * 7 % 20, age * 7 % 20))
        os.environ["NANOCHAT_BASE_DIR"] = folder
        listed = [str(path) for path in module.list_parquet_files(folder)]
        missing = attempt(module.list_parquet_files, f"{folder}/nowhere")
        default = attempt(lambda: [path.name for path in module.list_parquet_files()])
        listed = [path.replace(folder, "") for path in listed]
    os.environ.clear()
    os.environ.update(before)
    return names, read, needed, listed, missing, default
