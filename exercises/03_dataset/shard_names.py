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
    # TODO: refuse what is no number, or has no place in five digits; give the name. (5 lines)
    raise NotImplementedError


def filename_to_index(name: str) -> int:
    """Read the number in a shard's name, which has no folder in front of it.

    Raises:
        ValueError: If it is not exactly what `index_to_filename` gives.
    """
    # TODO: match the whole name, or refuse it; give its number. (4 lines)
    raise NotImplementedError


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
    # TODO: refuse a folder that is not there; pick the shards, in order. (3 lines)
    raise NotImplementedError


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
    # TODO: count the characters, and the shards that hold them all. (2 lines)
    raise NotImplementedError


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
