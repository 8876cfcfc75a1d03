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
    # asked at the call, not at import: a script may set the variable after importing us.
    # And "is None", since an empty mapping is a real answer: nothing is set
    env = os.environ if env is None else env
    # get() gives None for an unset variable and "" for an empty one; `or` passes over both
    base = Path(env.get("NANOCHAT_BASE_DIR") or Path.home() / ".cache" / "nanochat")
    # parents: ~/.cache may be missing on a new machine; exist_ok: the second call is no error
    base.mkdir(parents=True, exist_ok=True)
    return base


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
    # PurePath takes "a/../b" apart, so that a ".." inside a longer part is seen as well
    below = PurePath(*parts)
    # the anchor is the "/" (or "C:\") of an absolute path; joining one would throw the base away
    if below.anchor or ".." in below.parts:
        raise ValueError(f"{below} leads out of the base directory")
    return get_base_dir(env) / below


def main() -> None:
    """Print where things would go. `python base_dir.py` runs this."""
    print("base directory:", get_base_dir())
    print("the tokenizer: ", artifact("tokenizer", "tokenizer.pkl"))


if __name__ == "__main__":
    main()
