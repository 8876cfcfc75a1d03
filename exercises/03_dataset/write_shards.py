"""From documents to Parquet files: whole row groups, and never half a file.

Two sizes are chosen here, one for the reader and one for the network.

Lesson: README.md, "Writing shards". Source: nanochat, `dev/repackage_data_reference.py`.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from nanochat.dataset.shard_names import index_to_filename

CHARS_PER_SHARD = 250_000_000  # some 100 MB when compressed: a good size for one download
ROW_GROUP_SIZE = 1024  # documents: what a reader takes at a time

# How nanochat's shards are written. Texts hardly ever repeat, and nobody asks for the smallest one,
# so a dictionary and statistics would only cost space.
_OPTIONS = {
    "compression": "zstd",
    "compression_level": 3,
    "use_dictionary": False,
    "write_statistics": False,
}


def shuffled(docs: Iterable[str], seed: int) -> list[str]:
    """Give the documents in another order, the same one for the same seed.

    Neither `docs` nor the global generator of `random` is touched.
    """
    # TODO: shuffle a copy, with a generator of its own. (3 lines)
    raise NotImplementedError


def shard_documents(
    docs: Iterable[str],
    chars_per_shard: int = CHARS_PER_SHARD,
    row_group_size: int = ROW_GROUP_SIZE,
) -> Iterator[list[str]]:
    """Cut a stream of documents into shards, in order.

    A shard ends as soon as it holds `chars_per_shard` characters or more *and* its documents fill
    whole row groups. What remains at the end is a shard too, and may be smaller.

    Args:
        docs: Documents. They are read one after the other, no further than the shard in work.
        chars_per_shard: In characters, not bytes; 1 or more.
        row_group_size: In documents; 1 or more.

    Yields:
        The documents of a shard; never an empty list.

    Raises:
        TypeError: If a document is not a string; the message says which. Or if `docs` is itself
            one: a string is an iterable of strings as well.
        ValueError: If a size is less than 1. What is wrong with a size or with `docs` itself is
            told with the first shard; what is wrong with a document, with its own.
    """
    if isinstance(docs, str):
        raise TypeError("cut several documents, [text], not one string")
    if chars_per_shard < 1 or row_group_size < 1:
        raise ValueError(f"sizes are 1 or more, not {chars_per_shard} and {row_group_size}")
    # TODO: collect documents; hand a shard out when both conditions hold. (12 lines)
    raise NotImplementedError


def write_shard(
    docs: Sequence[str], path: str | Path, row_group_size: int = ROW_GROUP_SIZE
) -> None:
    """Write documents as one Parquet file with one column, `text`.

    The file appears under its name when it is whole, and not before: it is written as
    `NAME.tmp` in the same folder, then renamed. After a failure no `NAME.tmp` is left, and
    what had that name before, an older file or nothing, is as it was.

    Args:
        docs: One row each; at least one.
        path: Where to.
        row_group_size: Rows in a row group; the last one may have fewer.

    Raises:
        ValueError: If there are no documents.
        OSError: If it cannot be written, say because the disk is full. The message says how many
            documents were to be written, and to which file.
    """
    path = Path(path)
    if not docs:
        raise ValueError(f"no documents for {path.name}: a shard holds at least one")
    # TODO: write the table to a temporary file, rename it, and clean up. (10 lines)
    raise NotImplementedError


def write_shards(
    docs: Iterable[str],
    data_dir: str | Path,
    chars_per_shard: int = CHARS_PER_SHARD,
    row_group_size: int = ROW_GROUP_SIZE,
) -> list[Path]:
    """Write a whole corpus as `shard_00000.parquet` and so on; the folder is made if need be."""
    folder = Path(data_dir)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, shard in zip(count(), shard_documents(docs, chars_per_shard, row_group_size)):
        paths.append(folder / index_to_filename(index))
        write_shard(shard, paths[-1], row_group_size)
    return paths


def main() -> None:
    """Cut fifteen tiny documents: `python write_shards.py` runs this."""
    docs = [f"document {i}" for i in range(15)]
    for shard in shard_documents(shuffled(docs, seed=42), chars_per_shard=40, row_group_size=3):
        print(len(shard), "documents,", sum(map(len, shard)), "characters:", shard)


if __name__ == "__main__":
    main()
