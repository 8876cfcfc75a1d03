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
    with Path(path).open("rb") as file:
        # an empty piece is the end of the file
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


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
    # a file with another time or size is another file to the cache below
    return dict(_described(path, stat.st_mtime_ns, stat.st_size))


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
    paths = list_parquet_files(data_dir)
    val = split_shards(paths, "val") if paths else []
    shards = {
        path.name: {**describe(path), "split": "val" if path in val else "train"} for path in paths
    }
    totals = {key: sum(one[key] for one in shards.values()) for key in _ADDED_UP}
    return {"version": _VERSION, "shards": shards, "totals": {"shards": len(shards), **totals}}


def verify(data_dir: str | Path, manifest: dict[str, Any]) -> list[Problem]:
    """Compare the shards in a folder with a manifest.

    Which split a shard belongs to is not compared: it may change when others come.

    Returns:
        Every problem, at most one for each shard, in the order of their names. None: all is well.

    Raises:
        FileNotFoundError: If there is no such folder.
    """
    there = {path.name: path for path in list_parquet_files(data_dir)}
    known = manifest["shards"]
    # one bad shard must not hide the next: each is looked at by itself
    found = {name: _problem(there.get(name), known.get(name)) for name in {*there, *known}}
    return [Problem(name, kind) for name, kind in sorted(found.items()) if kind]


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
    chars = sum(len(text) for texts in iter_batches([path]) for text in texts)
    # how many rows there are stands in the footer, how long they are does not
    footer = pq.read_metadata(path)
    return {
        "name": path.name,
        "bytes": size,
        "rows": footer.num_rows,
        "row_groups": footer.num_row_groups,
        "chars": chars,
        "sha256": file_sha256(path),
    }


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
    if known is None:
        return "extra"
    if path is None:
        return "missing"
    try:
        found = describe(path)
    except (OSError, ValueError):
        return "unreadable"
    if found["bytes"] != known["bytes"]:
        return "size"
    if found["sha256"] != known["sha256"]:
        return "hash"
    # what else was counted; `known` has the split as well, which is not compared
    return "" if found.items() <= known.items() else "metadata"


def main() -> None:
    """Describe the shards of nanochat's base directory: `python manifest.py` runs this."""
    from nanochat.welcome.base_dir import artifact

    print(build_manifest(artifact("base_data"))["totals"])


if __name__ == "__main__":
    main()
