"""Check of 03_dataset/command."""

import contextlib
import errno
import io
import json
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import nanochat.dataset.command as learner
from kit.corpus import documents, write_shards
from kit.server import serving
from nanochat.dataset.manifest import build_manifest

from nanolab.expect import attempt, equal

# Errors that are slips of the pen: a learner should see their line, not a comparison that failed.
BLUNDERS = (NotImplementedError, NameError, AttributeError, TypeError)

NAMES = [f"shard_{index:05d}.parquet" for index in range(4)]


def source_of(folder, count=3):
    """A folder with so many shards of eight documents."""
    docs = documents(8 * count)
    write_shards(Path(folder), [docs[i : i + 8] for i in range(0, len(docs), 8)])
    return folder


def run(*argv, module=learner):
    """The exit code of `main`, and what it prints to stdout and to stderr; nobody waits in it."""
    out, err = io.StringIO(), io.StringIO()
    known = module.fetch
    module.fetch = partial(known, sleep=lambda _: None)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = module.main([str(one) for one in argv])
    except SystemExit as error:
        code = ("exits", error.code)
    except BLUNDERS:
        raise
    except Exception as error:
        code = ("raises", type(error).__name__)
    finally:
        module.fetch = known
    return code, out.getvalue(), err.getvalue()


def parsed(*argv, module=learner):
    """What `parse` makes of arguments: number of files and of workers; or how it ends."""
    with contextlib.redirect_stderr(io.StringIO()) as err:
        try:
            options = module.parse([str(one) for one in argv])
        except SystemExit as error:
            return ("exits", error.code, bool(err.getvalue()))
    return options.num_files, options.num_workers


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir()) if Path(folder).is_dir() else []


def load(folder):
    return json.loads((Path(folder) / "manifest.json").read_text())


def test_the_arguments():
    """-n is a number of shards, and all of them must be asked for by name.

    Kills minus_one_is_all, nothing_is_all, too_many, no_workers and one_more.
    """
    equal(parsed("-n", 3), (3, 4), "-n 3 is three shards, fetched by four workers")
    equal(parsed("-n", 0, "-w", 1), (0, 1), "no shards can be asked for, too")
    equal(parsed("-n", 1823)[0], 1823, "there are 1823")
    equal(parsed("--all")[0], 1823, "--all is 1823 shards, 0 to 1822")
    for argv in ((), ("-n", -1), ("-n", 1824), ("--all", "-n", 3), ("-n", 3, "-w", 0)):
        said = " ".join(map(str, argv)) or "no argument"
        message = f"{said}: a sentence and exit code 2, not 180 GB by a slip of the finger"
        equal(parsed(*argv), ("exits", 2, True), message)
    assert "1823" in run("-n", 1824)[2], "the error should say how many there are"
    assert "1823" in run("--help")[1], "--help should say how many --all is"


def test_three_shards(tmp_path, monkeypatch):
    """-n 3 fetches shards 0, 1 and 2 into the folder given, and writes a manifest.

    Kills one_too_many, from_one, elsewhere, no_manifest, no_table and code_of_success.
    """
    monkeypatch.setenv("NANOCHAT_BASE_DIR", str(tmp_path / "base"))
    source, folder = source_of(tmp_path / "source", 4), tmp_path / "data"
    code, out, err = run("--data-dir", folder, "-n", 3, "--source", source)
    equal((code, err), (0, ""), "all went well")
    equal(names(folder), ["manifest.json", *NAMES[:3]], "shards 0, 1 and 2, and the manifest")
    equal(load(folder), build_manifest(folder), "the manifest should describe what is there")
    for word in (NAMES[0], "24", "3 of 3"):
        message = f"stdout should have the table and 'N of N shards are in DIR'; {word} is missing"
        assert word in out, message
    equal(names(tmp_path / "base"), [], "when a folder is given, nothing is made elsewhere")
    (source / "large").write_bytes(bytes(1_500_000))
    pieces = [len(one) for one in learner.opener_for(str(source))("large")]
    equal(pieces, [1_048_576, 451_424], "a large file is copied in pieces of 1 MiB")


def test_where_it_goes(tmp_path, monkeypatch):
    """Without --data-dir, shards go to base_data in the base directory, as it is at the call.

    Kills no_default.
    """
    monkeypatch.setenv("NANOCHAT_BASE_DIR", str(tmp_path / "base"))
    source = source_of(tmp_path / "source", 1)
    equal(run("-n", 1, "--source", source)[0], 0, "one shard, into the folder by default")
    found = names(tmp_path / "base" / "base_data")
    equal(found, ["manifest.json", NAMES[0]], "$NANOCHAT_BASE_DIR/base_data has it")
    equal(run("--data-dir", tmp_path / "none", "-n", 0, "--source", source)[0], 0, "no shards")
    equal(load(tmp_path / "none")["totals"]["shards"], 0, "nothing asked for, nothing there: fine")


def test_a_second_run(tmp_path):
    """A second run fetches nothing; a larger one only what is missing, and warns of the split.

    Kills fetches_again and new_manifest_first.
    """
    files = {path.name: path.read_bytes() for path in source_of(tmp_path / "s", 3).iterdir()}
    with serving(files, {NAMES[1]: ["503", "half"]}) as server:
        folder = tmp_path / "data"
        code, out, _ = run("--data-dir", folder, "-n", 2, "--source", f"{server.url}/")
        equal(code, 0, "two failures of the server, and then it answers")
        message = "each failed attempt should be printed, with the name of the shard"
        assert out.count(NAMES[1]) > 2, message  # twice for the failures, once in the table
        asked, first = len(server.requests), (folder / "manifest.json").read_bytes()
        equal(asked, 4, "shard 0 once, shard 1 three times")
        code, _, _ = run("--data-dir", folder, "-n", 2, "--source", server.url)
        equal((code, len(server.requests)), (0, asked), "what is there is not fetched again")
        equal((folder / "manifest.json").read_bytes(), first, "the same files, the same manifest")
        code, out, _ = run("--data-dir", folder, "-n", 3, "--source", server.url)
        equal((code, server.requests[asked:]), (0, [NAMES[2]]), "only shard 2 was missing")
        assert f"note: {NAMES[1]}" in out, "shard 1 was for validation, and is for training now"
        equal(out.count("note: "), 1, "shard 0 was for training, and still is")


def test_what_is_not_there(tmp_path):
    """A shard that cannot be had is named, and the exit code is 1.

    Kills always_zero, unnamed, raises and manifest_anyway.
    """
    source, folder = source_of(tmp_path / "source", 2), tmp_path / "data"
    code, _, err = run("--data-dir", folder, "-n", 4, "--source", source)
    equal(code, 1, "two of the four are not there: a script must be able to tell")
    for name in NAMES[2:]:
        line = f"error: {name}: missing"
        assert line in err.splitlines(), f"stderr should have a line {line!r}"
    for name in NAMES[:2]:
        assert name not in err, f"nothing is wrong with {name}"
    equal(names(folder), NAMES[:2], "those that came are kept; there is no manifest of a half")
    code, _, _ = run("--data-dir", folder, "-n", 2, "--source", tmp_path / "nowhere")
    equal(code, 0, "they are all there, so nobody need ask the source")


def test_what_has_changed(tmp_path):
    """A shard that is not as an earlier manifest says is named; the manifest is not made anew.

    Kills forgets_manifest, new_manifest_first and extra_is_wrong.
    """
    source, folder = source_of(tmp_path / "source", 3), tmp_path / "data"
    run("--data-dir", folder, "-n", 2, "--source", source)
    before = (folder / "manifest.json").read_bytes()
    (folder / NAMES[0]).write_bytes((source / NAMES[2]).read_bytes())
    code, _, err = run("--data-dir", folder, "-n", 2, "--source", source)
    equal(code, 1, "shard 0 is another file than the manifest says")
    kinds = [f"error: {NAMES[0]}: {kind}" for kind in ("size", "hash")]
    message = f"stderr should have a line for the shard, {kinds[0]!r} or 'hash'"
    assert any(line in err.splitlines() for line in kinds), message
    assert NAMES[1] not in err, "shard 1 is as it was"
    message = "a new manifest would declare the damage to be right"
    equal((folder / "manifest.json").read_bytes(), before, message)
    (folder / NAMES[0]).unlink()
    equal(run("--data-dir", folder, "-n", 3, "--source", source)[0], 0, "fetched again, it is well")
    equal(names(folder), ["manifest.json", *NAMES[:3]], "and shard 2, which is new, is no problem")


def test_what_is_no_shard(tmp_path):
    """What cannot be read never gets a shard's name, and what stands in the way is told.

    Kills unchecked, lets_errors_through and goes_on.
    """
    source, folder = source_of(tmp_path / "source", 2), tmp_path / "data"
    whole = (source / NAMES[1]).read_bytes()
    (source / NAMES[1]).write_bytes(whole[: len(whole) // 2])
    code, out, err = run("--data-dir", folder, "-n", 2, "--source", source)
    equal(code, 1, "shard 1 has only come half, from a source that has only half of it")
    line = f"error: {NAMES[1]}: missing"
    assert line in err.splitlines(), f"stderr should have a line {line!r}"
    assert str(len(whole) // 2) in out, "how large it was should be printed"
    equal(names(folder), NAMES[:1], "a file that cannot be read should not have a shard's name")
    asked = []

    def full(name):
        asked.append(name)
        time.sleep(0.05 if len(asked) > 1 else 0)
        raise OSError(errno.ENOSPC, "no space left on device")

    many = [f"shard_{index:05d}.parquet" for index in range(100, 120)]
    found = attempt(learner.fetch_all, many, tmp_path / "full", full, 1)
    equal(found, ("raises", "OSError"), "there is no room: that is an error")
    assert len(asked) < 10, "when there is no room for one, the others need not even begin"
    (folder / "manifest.json").write_text("{")
    code, _, err = run("--data-dir", folder, "-n", 1, "--source", source)
    equal(code, 1, "the manifest is damaged")
    assert "manifest.json" in err, "the damaged file should be named"
    (folder / "manifest.json").unlink()
    (folder / NAMES[1]).mkdir()
    code, _, err = run("--data-dir", folder, "-n", 2, "--source", source)
    equal(code, 1, "a folder stands where shard 1 should go")
    assert NAMES[1] in err, "it should be named"


def test_as_a_program(tmp_path):
    """python -m nanochat.dataset runs it, ends with its exit code, and does nothing else.

    Kills ignores_argv.
    """
    source, folder, home = source_of(tmp_path / "s", 2), tmp_path / "data", tmp_path / "home"
    home.mkdir()
    env = {**os.environ, "HOME": str(home)}
    env.pop("NANOCHAT_BASE_DIR", None)
    command = [sys.executable, "-m", "nanochat.dataset", "--data-dir", str(folder)]
    command += ["-n", "3", "--source", str(source)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    equal(done.returncode, 1, f"two of three shards are there; it said: {done.stderr[-300:]}")
    first = done.stderr.splitlines()[:1]
    equal(first, [f"error: {NAMES[2]}: missing"], "stderr should begin with a line for the third")
    equal(names(folder), NAMES[:2], "the other two came")
    equal(names(home), [], "nothing is made in the home directory when a folder is given")


def probe(module):
    argvs = (
        (),
        ("-n", 3),
        ("-n", -1),
        ("-n", 1824),
        ("--all",),
        ("--all", "-n", 3),
        ("-n", 3, "-w", 0),
    )
    seen = [parsed(*argv, module=module) for argv in argvs]
    before = os.environ.get("NANOCHAT_BASE_DIR")
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        os.environ["NANOCHAT_BASE_DIR"] = f"{name}/base"
        source = source_of(base / "source", 3)
        (source / NAMES[2]).write_bytes((source / NAMES[2]).read_bytes()[:300])
        go = partial(run, "--source", source, module=module)
        folder = base / "data"
        folder.mkdir()
        seen.append(_begun(module, base / "full"))
        calls = [go("--data-dir", folder, "-n", 2)]
        seen.append(names(base / "base"))
        calls += [go("-n", 1), go("--data-dir", folder, "-n", 4)]
        seen += [names(folder), names(base / "base" / "base_data")]
        seen.append(attempt_load(folder))
        write_shards(source, [documents(8, 1)] * 3)
        calls.append(go("--data-dir", folder, "-n", 3))
        seen.append(attempt_load(folder))
        (folder / NAMES[0]).unlink(missing_ok=True)
        calls.append(go("--data-dir", folder, "-n", 2))
        seen += [names(folder), attempt_load(folder)]
        (folder / "manifest.json").write_text("{")
        calls.append(go("--data-dir", folder, "-n", 1))
    os.environ.pop("NANOCHAT_BASE_DIR")
    if before is not None:
        os.environ["NANOCHAT_BASE_DIR"] = before
    told = [(code, out.replace(name, ""), err.replace(name, "")) for code, out, err in calls]
    return seen, [(code, sorted(out.splitlines()), err) for code, out, err in told]


def _begun(module, folder):
    """Whether most of twenty downloads begin although there is no room for the first."""
    asked = []

    def full(name):
        asked.append(name)
        time.sleep(0.001 if len(asked) > 1 else 0)
        raise OSError(errno.ENOSPC, "no space left on device")

    found = attempt(module.fetch_all, [f"{number}" for number in range(20)], folder, full, 1)
    return found, len(asked) == 20


def attempt_load(folder):
    path = Path(folder) / "manifest.json"
    return path.read_text() if path.exists() else None
