"""Names for the files of a corpus that is too large for one.

Everything after this finds its data by these names, and trusts that sorting them sorts the shards.

Lesson: README.md, "Names that sort". Source: nanochat, `dataset.py`, index_to_filename.
"""

import math
import re
from pathlib import Path

from nanochat.welcome.base_dir import artifact

# The last shard of nanochat's dataset. The first is 0, so there are 1823 of them.
MAX_SHARD = 1822


def index_to_filename(index: int) -> str:
    """Name a shard: 7 becomes `shard_00007.parquet`.

    Args:
        index: The shard's number, 0 to 99999: what five digits can say.

    Raises:
        TypeError: If `index` is not an int. True is none here.
        ValueError: If `index` does not fit into five digits. The message names it.
    """
    # for isinstance, True is the int 1, and would quietly name shard 1
    if isinstance(index, bool) or not isinstance(index, int):
        raise TypeError(f"a shard's number is an int, not {index!r}")
    # a sixth digit would sort shard 100000 in front of shard 10001
    if not 0 <= index <= 99_999:
        raise ValueError(f"a shard's number is 0 to 99999, not {index}")
    return f"shard_{index:05d}.parquet"


def filename_to_index(name: str) -> int:
    """Read the number in a shard's name, which has no folder in front of it.

    Raises:
        ValueError: If it is not exactly what `index_to_filename` gives.
    """
    # fullmatch: nothing may stand before or behind. [0-9], since \d takes the digits of any script
    found = re.fullmatch(r"shard_([0-9]{5})\.parquet", name)
    if found is None:
        raise ValueError(f"{name!r} is no name of a shard, such as 'shard_00007.parquet'")
    return int(found[1])


def list_parquet_files(data_dir: str | Path | None = None) -> list[Path]:
    """List the shards in a folder, in the order of their numbers.

    Half-written `.tmp` files, other files, and folders that are named like a shard are passed over.

    Args:
        data_dir: The folder; None means `base_data` in nanochat's base directory.

    Returns:
        Their paths, `data_dir` included. The list may be empty.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    folder = artifact("base_data") if data_dir is None else Path(data_dir)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}: fetch or write some shards first")
    # the system lists a folder in any order it likes, so sort; five digits make that numerical
    return sorted(path for path in folder.iterdir() if _is_shard(path))


def shards_needed(
    n_params: int,
    ratio: float = 20,
    chars_per_token: float = 4.8,
    chars_per_shard: int = 250_000_000,
) -> int:
    """Work out how many shards a model of `n_params` parameters should see.

    Args:
        n_params: Parameters of the model.
        ratio: Tokens to train on for each parameter; 20 is the rule of the Chinchilla paper.
        chars_per_token: What the tokenizer makes of English, on average.
        chars_per_shard: Characters in a shard.

    Returns:
        The number of shards. One that is needed only in part is counted whole.
    """
    chars = n_params * ratio * chars_per_token
    # up, never down: with 215 shards for 215.4 the last tokens would be missing
    return math.ceil(chars / chars_per_shard)


def _is_shard(path: Path) -> bool:
    """Whether it is a file, and has a shard's name."""
    try:
        filename_to_index(path.name)
    except ValueError:
        return False
    return path.is_file()


def main() -> None:
    """Plan a run: `python shard_names.py` runs this."""
    for name, n_params in {"d20": 560_988_160, "d32": 1_879_048_192}.items():
        last = index_to_filename(shards_needed(n_params) - 1)
        print(f"{name}: {n_params:,} parameters need the shards up to {last}")


if __name__ == "__main__":
    main()
