"""Read shards piece by piece, so that a corpus need not fit into memory, and ranks can share it.

Each of eight ranks reads every eighth row group, and no rank needs to ask another.

Lesson: README.md, "Reading row groups". Source: nanochat, `dataset.py`, parquets_iter_batched.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
from nanochat.dataset.shard_names import list_parquet_files
from nanochat.dataset.train_val import split_shards


def iter_batches(paths: Iterable[str | Path], start: int = 0, step: int = 1) -> Iterator[list[str]]:
    """Read the row groups `start`, `start + step`, ... of each file, one at a time.

    The count begins anew in each file. A file is opened when its turn comes, and of its row groups
    only those asked for are read.

    Args:
        paths: Shards, read in this order.
        start: The first row group of each file; a rank's number. 0 or more.
        step: How far it is to the next; the number of ranks. 1 or more.

    Yields:
        The texts of a row group, from the column `text`. Missing texts (nulls) are left out.

    Raises:
        ValueError: If `start` or `step` is out of range, or if a file is not a whole Parquet file
            or has no column `text`; the message names it. It comes when its turn has come.
    """
    if start < 0 or step < 1:
        raise ValueError(f"start is 0 or more and step 1 or more, not {start} and {step}")
    # TODO: open each file; read every step-th row group; give its texts. (6 lines)
    raise NotImplementedError


def parquets_iter_batched(
    split: str, start: int = 0, step: int = 1, data_dir: str | Path | None = None
) -> Iterator[list[str]]:
    """Read the row groups of a split, as `iter_batches` does.

    Args:
        split: `"train"` or `"val"`.
        start: A rank's number.
        step: The number of ranks.
        data_dir: Where the shards are; None means `base_data` in nanochat's base directory.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: As `split_shards` and `iter_batches`.
    """
    # TODO: list, split, read: three functions that are there. (1 line)
    raise NotImplementedError


@contextmanager
def _opened(path: str | Path) -> Iterator[pq.ParquetFile]:
    """Open a shard, of which only the footer is read; and name it when something is wrong with it.

    Raises:
        ValueError: If it is not a whole Parquet file, or has no column `text`.
        OSError: If the system does not let it be read.
    """
    try:
        with pq.ParquetFile(path) as file:
            _require_text(file.schema_arrow.names)
            yield file
    except (OSError, ValueError) as error:
        # what the system says, no such file, has a number; damage that pyarrow meets has none
        if isinstance(error, OSError) and error.errno is not None:
            raise
        size = Path(path).stat().st_size
        raise ValueError(f"cannot use {path} ({size} bytes): {error}") from error


def _require_text(columns: list[str]) -> None:
    if "text" not in columns:
        raise ValueError(f"it has no column text, but {columns}")


def main() -> None:
    """Say what four ranks would read of seven row groups: `python row_groups.py` runs this."""
    for rank in range(4):
        print("rank", rank, "reads the row groups", list(range(rank, 7, 4)))


if __name__ == "__main__":
    main()
