"""Check of 03_dataset/manifest."""

import hashlib
import json
import os
import tempfile
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from kit.corpus import write_shards
from nanochat.dataset.manifest import (
    Problem,
    build_manifest,
    describe,
    file_sha256,
    load_manifest,
    save_manifest,
    verify,
)

from nanolab.expect import attempt, equal

DOCS = ["the river", "안녕", "", "a small garden", "x"]  # 9, 2, 0, 14 and 1 characters
NAMES = [f"shard_{index:05d}.parquet" for index in range(5)]


def plain(path, docs):
    """Write a shard without compression, so that a letter can be found in the file."""
    pq.write_table(pa.table({"text": docs}), path, compression="none", use_dictionary=False)


def rewrite(path, content, seconds=10):
    """Give a file other bytes, and a time that is so many seconds later."""
    before = path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before, before + seconds * 10**9))


def folder_of(folder, count):
    """A folder with so many shards of five documents, in row groups of two."""
    return write_shards(Path(folder), [[*DOCS[:4], f"shard {i}"] for i in range(count)], 2)


def spoil(folder, build=build_manifest):
    """Do something else to each of five shards; and add one."""
    paths = [Path(folder) / name for name in NAMES]
    plain(paths[0], DOCS)
    manifest = build(folder)
    rewrite(paths[0], paths[0].read_bytes().replace(b"the river", b"the liver"))
    paths[1].unlink()
    rewrite(paths[2], paths[2].read_bytes()[:-100])
    write_shards(Path(folder) / "other", [["something else"]])[0].replace(paths[3])
    manifest["shards"][NAMES[4]]["rows"] += 1
    write_shards(Path(folder) / "other", [["one more"]])[0].replace(
        paths[4].with_name("shard_00005.parquet")
    )
    return manifest


EXPECTED = ["hash", "missing", "unreadable", "size", "metadata", "extra"]


def test_a_hash_piece_by_piece(tmp_path):
    """The hash of a file is that of all its bytes, and the file never stands in memory whole.

    Kills reads_it_all, tiny_pieces, first_piece and other_hash.
    """
    path = tmp_path / "big"
    for size in (0, 1, 1 << 20, 8_000_001):
        content = bytes(range(256)) * (size // 256 + 1)
        path.write_bytes(content[:size])
        right = hashlib.sha256(content[:size]).hexdigest()
        equal(file_sha256(str(path)), right, f"SHA-256 of a file of {size:,} bytes")
    del content
    tracemalloc.start()
    file_sha256(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000, f"{peak:,} bytes in memory for a file of 8,000,001: read pieces of it"
    equal(_updates(file_sha256, path) < 100, True, "pieces of 1 MiB: eight of them")


def _updates(function, path):
    """Into how many pieces a file is cut before it is hashed."""
    known, sizes = hashlib.sha256, []
    digest = known()

    class Digest:
        def update(self, piece):
            sizes.append(len(piece))
            digest.update(piece)

        def hexdigest(self):
            return digest.hexdigest()

    hashlib.sha256 = Digest
    try:
        function(path)
    finally:
        hashlib.sha256 = known
    return len(sizes)


def test_a_description(tmp_path):
    """describe counts bytes, rows, row groups and characters, and gives the hash.

    Kills groups_as_rows, bytes_as_chars, whole_path, hash_of_text and poisoned.
    """
    path = write_shards(tmp_path, [DOCS], 2)[0]
    expected = {
        "name": "shard_00000.parquet",
        "bytes": path.stat().st_size,
        "rows": 5,
        "row_groups": 3,
        "chars": 26,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    found = describe(str(path))
    message = "five documents of 9, 2, 0, 14 and 1 characters, in row groups of two"
    equal(found, expected, message)
    equal(json.loads(json.dumps(found)), found, "all of it should be plain numbers and strings")
    found["rows"] = 7
    equal(describe(path), expected, "what a caller does to the answer is his own business")
    (tmp_path / "half").write_bytes(path.read_bytes()[:-9])
    equal(attempt(describe, tmp_path / "half"), ("raises", "ValueError"), "half a file")
    found = attempt(describe, tmp_path / "nothing")
    equal(found, ("raises", "FileNotFoundError"), "there is no such file")


def test_read_once(tmp_path):
    """A file is read once, as long as it does not change; one that has changed is read again.

    Kills no_cache, stale, stale_size and by_name.
    """
    path = tmp_path / "shard_00000.parquet"
    plain(path, ["the river"])
    first, old = describe(path), path.read_bytes()
    other = old.replace(b"the river", b"the liver")
    rewrite(path, other, seconds=0)
    message = "same time, same size: for a program that is the same file, and need not be read"
    equal(describe(path), first, message)
    rewrite(path, other, seconds=10)
    right = hashlib.sha256(other).hexdigest()
    equal(describe(path)["sha256"], right, "another time: it may be another file")
    stat = path.stat()
    plain(path, ["the river", "and more"])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    equal(describe(path)["rows"], 2, "another size: it is another file")
    (tmp_path / "b").mkdir()
    namesake = tmp_path / "b" / path.name
    plain(namesake, ["THE RIVER", "and more"])
    os.utime(namesake, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    digest = hashlib.sha256(namesake.read_bytes()).hexdigest()
    equal(describe(namesake)["sha256"], digest, "another folder: it is another file")


def test_a_manifest(tmp_path):
    """build_manifest describes every shard, says which split it is in, and adds up.

    Kills no_split, first_is_val, counts_bytes_only, counts_notes and needs_two.
    """
    paths = folder_of(tmp_path, 3)
    (tmp_path / "notes.txt").write_text("no shard")
    found = build_manifest(tmp_path)
    expected = {
        path.name: {**describe(path), "split": split}
        for path, split in zip(paths, ("train", "train", "val"), strict=True)
    }
    equal(found["shards"], expected, "three shards, the last one for validation")
    totals = {"shards": 3, "bytes": sum(path.stat().st_size for path in paths)}
    totals |= {"rows": 15, "row_groups": 9, "chars": 3 * 32}
    equal(found["totals"], totals, "three shards of five documents, 32 characters each")
    equal(sorted(found), ["shards", "totals", "version"], "nothing else stands in a manifest")
    equal(list(found["shards"]), [path.name for path in paths], "in the order of the names")
    (tmp_path / "empty").mkdir()
    none = dict.fromkeys(totals, 0)
    equal(build_manifest(tmp_path / "empty")["totals"], none, "no shards are no error")
    folder_of(tmp_path / "one", 1)
    one = build_manifest(tmp_path / "one")
    equal(one["shards"][NAMES[0]]["split"], "val", "a single shard is the last one")
    found = attempt(build_manifest, tmp_path / "nowhere")
    equal(found, ("raises", "FileNotFoundError"), "there is no such folder")


def test_saved_and_loaded(tmp_path):
    """A saved manifest is loaded as it was, and the same content gives the same bytes.

    Kills unstable: a manifest that differs from itself cannot be compared.
    """
    folder_of(tmp_path, 2)
    manifest = build_manifest(tmp_path)
    file = tmp_path / "manifest.json"
    save_manifest(manifest, file)
    first = file.read_bytes()
    equal(load_manifest(file), manifest, "there and back")
    save_manifest(load_manifest(file), file)
    equal(file.read_bytes(), first, "saved again, it should be the same bytes")
    save_manifest(dict(reversed(manifest.items())), file)
    equal(file.read_bytes(), first, "the same content in another order should be the same bytes")
    lines = first.decode().splitlines()
    equal(
        len(lines) > 20, True, "a value a line, so that two manifests can be compared line by line"
    )
    equal([path.name for path in tmp_path.glob("*.tmp")], [], "no temporary file stays")


def test_a_manifest_that_is_none(tmp_path):
    """A damaged manifest is refused, and so is one of another version; the message says which."""
    file = tmp_path / "manifest.json"
    known = {"bytes": 1, "sha256": "00"}
    for text in ("{", "[]", "{}", '{"version": 1}', '{"version": 1, "shards": []}'):
        _refused(file, text, "remove it")
    for version in (0, 2):
        text = json.dumps({"version": version, "shards": {"a": known}})
        _refused(file, text, f"version {version} is unknown")
    for lost in known:
        shard = {key: value for key, value in known.items() if key != lost}
        text = json.dumps({"version": 1, "shards": {"b": known, "a": shard}})
        _refused(file, text, "no size or hash")
    equal(attempt(load_manifest, tmp_path / "no"), ("raises", "FileNotFoundError"), "no such file")


def _refused(file, text, reason):
    """load_manifest refuses a file that holds `text`; it names the file and the reason."""
    file.write_text(text)
    try:
        found = load_manifest(file)
    except ValueError as error:
        found = str(error)
    told = isinstance(found, str) and str(file) in found and reason in found
    assert told, f"{text} is no manifest: a ValueError should name the file, and say {reason!r}"


def test_all_is_well(tmp_path):
    """verify finds nothing where nothing has changed; a split that changes is no damage.

    Kills compares_split.
    """
    folder_of(tmp_path, 3)
    manifest = build_manifest(tmp_path)
    equal(verify(tmp_path, manifest), [], "nothing has changed")
    manifest["shards"][NAMES[0]]["split"] = "val"
    equal(verify(tmp_path, manifest), [], "the split may change when shards are added")
    del manifest["shards"][NAMES[0]]["split"]
    equal(verify(tmp_path, manifest), [], "nor need a manifest say anything of splits")
    empty = {"version": 1, "shards": {}}
    found = verify(tmp_path, empty)
    equal(found, [Problem(name, "extra") for name in NAMES[:3]], "three shards that nobody knows")
    found = attempt(verify, tmp_path / "nowhere", manifest)
    equal(found, ("raises", "FileNotFoundError"), "there is no such folder")


def test_all_that_is_wrong(tmp_path):
    """Every kind of damage is found, each in its place, and none hides another.

    Kills only_size, no_size, stops_at_first, raises, no_extra, no_missing, believes_footer and
    unsorted.
    """
    folder_of(tmp_path, 5)
    manifest = spoil(tmp_path)
    names = [*NAMES, "shard_00005.parquet"]
    found = verify(tmp_path, manifest)
    told = {one.name: one.kind for one in found} if isinstance(found, list) else found
    message = "shard 0: one letter of a text is another one, and only the hash can tell"
    equal(isinstance(told, dict) and told.get(names[0]), "hash", message)
    causes = ["a letter", "removed", "cut off", "replaced", "manifest says 6 rows", "not in it"]
    for name, kind, cause in zip(names, EXPECTED, causes, strict=True):
        equal(told.get(name), kind, f"{name} ({cause}) should be told as {kind!r}")
    expected = [Problem(name, kind) for name, kind in zip(names, EXPECTED, strict=True)]
    equal(found, expected, "one problem for each, in the order of the names")
    write_shards(tmp_path / "other", [[str(i) for i in range(999)]])[0].replace(tmp_path / NAMES[3])
    message = "another shard, and a larger one"
    equal(verify(tmp_path, manifest)[3], Problem(NAMES[3], "size"), message)
    for digest in ("0" * 64, "f" * 64):
        manifest["shards"][NAMES[0]]["sha256"] = digest
        message = "another hash than the manifest's, be it smaller or larger"
        equal(verify(tmp_path, manifest)[0], Problem(NAMES[0], "hash"), message)
    (tmp_path / NAMES[0]).unlink()
    (tmp_path / NAMES[0]).mkdir()
    message = "a folder of that name is no shard, so it is missing"
    equal(verify(tmp_path, manifest)[0], Problem(NAMES[0], "missing"), message)


def probe(module):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "a.parquet"
        path.write_bytes(b"0123456789" * 400_000)
        tracemalloc.start()
        seen = [attempt(module.file_sha256, path)]
        seen.append(tracemalloc.get_traced_memory()[1] > 3_000_000)
        tracemalloc.stop()
        seen += [attempt(_updates, module.file_sha256, path) == 4, _cached(module, folder)]
        path.unlink()
        (folder / "b.parquet").unlink()
        seen.append(attempt(module.build_manifest, folder))
        folder_of(folder, 1)
        seen.append(attempt(module.build_manifest, folder))
        folder_of(folder, 5)
        one = attempt(module.describe, folder / NAMES[1])
        seen.append(dict(one) if isinstance(one, dict) else one)
        if isinstance(one, dict):
            one["rows"] = 99
        seen.append(attempt(module.describe, folder / NAMES[1]))
        right = module.build_manifest(folder)
        right["shards"][NAMES[0]]["split"] = "val"
        seen += [str(right), _problems(module, folder, right)]
        seen.append(_problems(module, folder, spoil(folder, module.build_manifest)))
    return str(seen).replace(name, "")


def _problems(module, folder, manifest):
    found = attempt(module.verify, folder, manifest)
    return found if isinstance(found, tuple) else [(one.name, one.kind) for one in found]


def _cached(module, folder):
    """What describe says of a file that changes, with and without another time and size."""
    path = folder / "b.parquet"
    plain(path, ["the river"])
    seen = [attempt(module.describe, path)]
    other = path.read_bytes().replace(b"the river", b"the liver")
    for seconds in (0, 10):
        rewrite(path, other, seconds=seconds)
        seen.append(attempt(module.describe, path))
    stat = path.stat()
    plain(path, ["the river", "and more"])
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    seen.append(attempt(module.describe, path))
    seen += [attempt(module.describe, folder / other) for other in ("none", "a.parquet")]
    return [one.get("sha256") if isinstance(one, dict) else one for one in seen]
