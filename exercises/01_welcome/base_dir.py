"""One folder for everything that a run makes: shards, tokenizer, checkpoints, report.

Every later stage asks this file where to put things.

Lesson: README.md, "Where things go". Source: nanochat, `common.py`, get_base_dir.
"""

import os
from collections.abc import Mapping
from pathlib import Path, PurePath


def get_base_dir(env: Mapping[str, str] | None = None) -> Path:
    """Find the base directory, and make it if it is not there yet.

    It is `$NANOCHAT_BASE_DIR`, taken as it stands; if that is unset or empty, it is
    `.cache/nanochat` in the home directory.

    Args:
        env: The environment to look in; None means this process's own, as it is at the call.

    Returns:
        The directory. It exists, with all of its parents.
    """
    # TODO: choose the directory, make it, return it. (4 lines)
    raise NotImplementedError


def artifact(*parts: str, env: Mapping[str, str] | None = None) -> Path:
    """Name a file below the base directory: `artifact("tokenizer", "tokenizer.pkl")`.

    Args:
        parts: Folders and file name, from the base directory down.
        env: As for `get_base_dir`.

    Returns:
        The path. Only the base directory is made, nothing below it.

    Raises:
        ValueError: If the parts lead out of the base directory, by a `..` or by being absolute.
    """
    # TODO: join the parts, refuse those that lead out, and put the base in front. (4 lines)
    raise NotImplementedError


def main() -> None:
    """Print where things would go. `python base_dir.py` runs this."""
    print("base directory:", get_base_dir())
    print("the tokenizer: ", artifact("tokenizer", "tokenizer.pkl"))


if __name__ == "__main__":
    main()
