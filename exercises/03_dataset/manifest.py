"""A list of what is there, by which one can tell tomorrow whether it still is.

A flipped bit in a hundred gigabytes raises no error. It only makes a model a little worse.

Lesson: README.md, "The manifest". nanochat has none.
"""

import functools
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from nanochat.dataset.row_groups import iter_batches
from nanochat.dataset.shard_names import list_parquet_files
from nanochat.dataset.train_val import split_shards

_CHUNK = 1 << 20  # bytes
_VERSION = 1
_ADDED_UP = ("bytes", "rows", "row_groups", "chars")


@dataclass(frozen=True)
class Problem:
    """One thing that is not as the manifest says.

    Attributes:
        name: The shard's file name.
        kind: `missing` (no such file), `unreadable` (no whole Parquet file, or no permission),
            `size`, `hash`, `metadata` (rows, row groups or characters), or `extra` (a shard of
            which the manifest knows nothing).
    """

    name: str
    kind: str


def file_sha256(path: str | Path) -> str:
    """Give a file's SHA-256 in hexadecimal, reading no more than 1 MiB of it at a time."""
    digest = hashlib.sha256()
    # TODO: update the digest with one piece after another. (4 lines)
    raise NotImplementedError


def describe(path: str | Path) -> dict[str, Any]:
    """Describe a shard; the same file is read once only, as long as it does not change.

    Returns:
        A new dictionary: `name` (without folder), `bytes`, `rows`, `row_groups`, `chars` (in all
        its texts together) and `sha256` (of the file's bytes).

    Raises:
        FileNotFoundError: If it is not there.
        OSError: If it cannot be read.
        ValueError: If it is not a whole Parquet file. The message names it.
    """
    path = Path(path).absolute()
    stat = path.stat()
    # TODO: ask the cache, with time and size; give a copy. (1 line)
    raise NotImplementedError


def build_manifest(data_dir: str | Path) -> dict[str, Any]:
    """Describe all shards in a folder.

    Returns:
        `version` (1); `shards`, for each file name, in order, what `describe` gives and its
        `split`, `"train"` or `"val"`, by the rule of `split_shards`; and `totals`, the number of
        `shards` and the sums of their `bytes`, `rows`, `row_groups` and `chars`. A folder without
        shards gives a manifest of nothing.

    Raises:
        FileNotFoundError: If there is no such folder.
        OSError, ValueError: As `describe`.
    """
    # TODO: describe each shard, add its split, add up the totals. (7 lines)
    raise NotImplementedError


def verify(data_dir: str | Path, manifest: dict[str, Any]) -> list[Problem]:
    """Compare the shards in a folder with a manifest.

    Which split a shard belongs to is not compared: it may change when others come.

    Returns:
        Every problem, at most one for each shard, in the order of their names. None: all is well.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    there = {path.name: path for path in list_parquet_files(data_dir)}
    # TODO: look at every shard that is there or known; collect the problems. (3 lines)
    raise NotImplementedError


def save_manifest(manifest: dict[str, Any], path: str | Path) -> None:
    """Write a manifest as JSON, the same bytes for the same content; never half of it."""
    # sorted, so that two manifests can be compared line by line
    text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    # a name of this process's own: two may finish at the same time, and both are right
    temporary = Path(path).with_name(f"{Path(path).name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(text.encode())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def load_manifest(path: str | Path) -> dict[str, Any]:
    """Read what `save_manifest` wrote.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is damaged, or of another version. The message names the file.
    """
    try:
        manifest: dict[str, Any] = json.loads(Path(path).read_bytes())
        version = manifest["version"]
        whole = all({"bytes", "sha256"} <= one.keys() for one in manifest["shards"].values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} cannot be used, remove it: {error!r}") from error
    if version != _VERSION or not whole:
        why = "a shard has no size or hash" if not whole else f"version {version!r} is unknown"
        raise ValueError(f"{path} cannot be used, remove it: {why}")
    return manifest


@functools.cache
def _described(path: Path, mtime_ns: int, size: int) -> dict[str, Any]:
    """What `describe` gives, from the cache if all three arguments are as they were before."""
    del mtime_ns
    # TODO: count the characters; read the footer; hash the file. (10 lines)
    raise NotImplementedError


def _problem(path: Path | None, known: dict[str, Any] | None) -> str:
    """What is wrong with one shard; nothing, as a rule.

    The first kind that fits, in this order: `extra`, `missing`, `unreadable`, `size`, `hash`,
    `metadata`. So a file that the manifest does not know is `extra`, even if it cannot be read;
    and one that was cut off is `unreadable`, although its size is wrong as well. A number that
    `describe` gives and `known` lacks is `metadata`. What `known` has beside it does not count.

    Args:
        path: The file; None if it is not there.
        known: What the manifest says of it; None if it says nothing.
    """
    # TODO: name the first thing that is wrong; describe may raise. (13 lines)
    raise NotImplementedError


def main() -> None:
    """Describe the shards of nanochat's base directory: `python manifest.py` runs this."""
    from nanochat.welcome.base_dir import artifact

    print(build_manifest(artifact("base_data"))["totals"])


if __name__ == "__main__":
    main()
