"""The stage as a program: `python -m nanochat.dataset --data-dir D -n 8`.

Fetch what is missing, look at all of it, and say with the exit code whether it can be trusted.

Lesson: README.md, "The program". Source: nanochat, `dataset.py`, its last lines.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from nanochat.dataset.fetch import BASE_URL, fetch, read_url
from nanochat.dataset.manifest import (
    Problem,
    build_manifest,
    describe,
    load_manifest,
    save_manifest,
    verify,
)
from nanochat.dataset.shard_names import MAX_SHARD, index_to_filename
from nanochat.welcome.base_dir import artifact

MANIFEST = "manifest.json"

_CURE = f"Remove a damaged shard to fetch it again, or {MANIFEST} to take what is there as right."


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line.

    Args:
        argv: The arguments, without the program's name; None means this process's own.

    Returns:
        `data_dir` (a Path, or None), `num_files` (0 or more), `num_workers`, `source`.

    Raises:
        SystemExit: With 2, and a sentence on stderr, if they make no sense: neither `-n` nor
            `--all`, or both; `-n` below 0 or above the number of shards, which the sentence then
            says; less than one worker.
    """
    count = MAX_SHARD + 1  # the first one is 0
    parser = argparse.ArgumentParser(
        prog="python -m nanochat.dataset",
        description="Fetch shards of the pretraining corpus, verify them, write a manifest.",
    )
    parser.add_argument("--data-dir", type=Path, help="where they go (default: base_data)")
    parser.add_argument("-n", "--num-files", type=int, help="fetch shards 0 to N - 1")
    parser.add_argument("--all", action="store_true", help=f"fetch all {count}")
    parser.add_argument("-w", "--num-workers", type=int, default=4, help="downloads at a time")
    parser.add_argument("--source", default=BASE_URL, help="a URL or a folder that has them")
    options = parser.parse_args(argv)
    # upstream takes no -n, and -n -1, for "all of it": 180 GB, for a slip of the finger
    if options.all == (options.num_files is not None):
        parser.error("say how many shards, -n 8, or --all")
    if options.all:
        options.num_files = count
    if not 0 <= options.num_files <= count:
        parser.error(f"-n is 0 to {count}, not {options.num_files}")
    if options.num_workers < 1:
        parser.error(f"-w is 1 or more, not {options.num_workers}")
    return options


def opener_for(source: str) -> Callable[[str], Iterable[bytes]]:
    """Give the function that reads a file of a source, for `fetch`.

    Args:
        source: `http://...`, `https://...`, or the path of a folder.
    """
    if source.startswith(("http://", "https://")):
        return lambda name: read_url(f"{source.rstrip('/')}/{name}")
    return lambda name: _read_file(Path(source) / name)


def fetch_all(
    names: Sequence[str], data_dir: Path, opener: Callable[[str], Iterable[bytes]], workers: int
) -> list[str]:
    """Fetch several files at a time.

    A file gets its name only when `describe` could read all of it.

    Returns:
        The names of those that could not be had, in the order of `names`.

    Raises:
        OSError: If there is no room for one. Those that have not begun by then do not.
    """
    bring = partial(fetch, dest_dir=data_dir, opener=opener, check=describe)
    # threads, not processes: they wait for the network nearly all of the time
    with ThreadPoolExecutor(workers) as pool:
        # map gives the answers in the order of the questions, whoever comes home first; and when one
        # is an error, it calls off those that have not begun
        there = list(pool.map(bring, names))
    return [name for name, came in zip(names, there, strict=True) if not came]


def changed_since(manifest: dict[str, Any], data_dir: Path) -> list[Problem]:
    """Compare the shards in a folder with the manifest of an earlier run.

    Returns:
        The problems of shards that the manifest knows. That there are more is none.
    """
    return [one for one in verify(data_dir, manifest) if one.kind != "extra"]


def report(manifest: dict[str, Any], earlier: dict[str, Any] | None) -> Iterator[str]:
    """Lines of the table that the program ends with: a shard each, the totals, and a warning.

    Args:
        manifest: Of what is there now.
        earlier: Of the run before; None if there was none.
    """
    yield f"{'shard':<20} {'split':<5} {'bytes':>12} {'rows':>8} {'groups':>6} {'chars':>12}"
    for name, one in manifest["shards"].items():
        numbers = (
            f"{one['bytes']:>12,} {one['rows']:>8,} {one['row_groups']:>6,} {one['chars']:>12,}"
        )
        yield f"{name:<20} {one['split']:<5} {numbers}"
    total = manifest["totals"]
    numbers = f"{total['bytes']:>12,} {total['rows']:>8,} {total['row_groups']:>6,}"
    yield f"{total['shards']:<20,} {'all':<5} {numbers} {total['chars']:>12,}"
    # what was kept from the model until now would be shown to it, and its loss look better than it is
    for name, one in (earlier or {"shards": {}})["shards"].items():
        if one.get("split") == "val" and manifest["shards"][name]["split"] == "train":
            yield f"note: {name} was for validation until now, and is for training from now on"


def main(argv: Sequence[str] | None = None) -> int:
    """Fetch, verify, write the manifest, report. `python -m nanochat.dataset` runs this.

    If all is well, stdout ends with the lines of `report`, and a sentence: `3 of 3 shards are in
    DIR, verified`. If shards are missing or have changed, stderr has a line `error: NAME: KIND` for
    each problem, by name, where a shard that did not come is `missing`; then how many there are,
    and `_CURE`. Any other OSError or ValueError is one line on stderr, `error: ` and its message,
    without `_CURE`.

    Args:
        argv: As for `parse`.

    Returns:
        0 if all shards asked for are there, and all that the earlier manifest knows are as it says.
        1 if not: also if one that it knows, but was not asked for, is gone. Then no manifest is
        written, and that of an earlier run stays as it was.
    """
    options = parse(argv)
    # the flag, else $NANOCHAT_BASE_DIR, else the default; settled once, here
    data_dir = artifact("base_data") if options.data_dir is None else options.data_dir
    names = [index_to_filename(i) for i in range(options.num_files)]
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        path = data_dir / MANIFEST
        earlier = load_manifest(path) if path.exists() else None
        absent = fetch_all(names, data_dir, opener_for(options.source), options.num_workers)
        # before a new manifest is made: it would declare whatever is there to be right
        changed = changed_since(earlier, data_dir) if earlier else []
        problems = {*changed, *(Problem(name, "missing") for name in absent)}
        if not problems:
            manifest = build_manifest(data_dir)
            save_manifest(manifest, path)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    for one in sorted(problems, key=lambda one: one.name):
        print(f"error: {one.name}: {one.kind}", file=sys.stderr)
    if problems:
        print(f"{len(problems)} problems. {_CURE}", file=sys.stderr)
        return 1
    print("\n".join(report(manifest, earlier)))
    print(f"{len(names)} of {len(names)} shards are in {data_dir}, verified")
    return 0


def _read_file(path: Path) -> Iterator[bytes]:
    """Read a file in pieces of 1 MiB."""
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


if __name__ == "__main__":
    sys.exit(main())
