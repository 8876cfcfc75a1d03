"""Stage 3 as its users have it: a program of the assembled package, and no torch for three stages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nanolab import assembly, manifest

pytest.importorskip("pyarrow")
ROOT = Path(__file__).parents[1]
KIT = ROOT / "tests" / "stages"
NAMES = [f"shard_{index:05d}.parquet" for index in range(3)]


@pytest.fixture(scope="module")
def course():
    return manifest.load(ROOT)


@pytest.fixture(scope="module", params=["mount", "export"])
def package(request, course, tmp_path_factory):
    """A folder for `PYTHONPATH` in which `nanochat` is all solutions."""
    folder = tmp_path_factory.mktemp(request.param)
    write = assembly.write_mount if request.param == "mount" else assembly.write_package
    write(folder, assembly.assemble(course, {}))
    return folder


@pytest.fixture
def python(package, tmp_path):
    """`python(*arguments)`: a fresh process with the package, the kit, and a home of its own."""
    (tmp_path / "home").mkdir()
    path = os.pathsep.join(map(str, (package, ROOT, KIT)))
    env = {**os.environ, "PYTHONPATH": path, "HOME": str(tmp_path / "home"), "OMP_NUM_THREADS": "1"}
    env.pop("NANOCHAT_BASE_DIR", None)

    def run(*arguments, wait=True):
        process = subprocess.Popen(
            [sys.executable, *map(str, arguments)],
            env=env,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if not wait:
            return process
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    return run


@pytest.fixture
def server(monkeypatch):
    """`server(files, plans)`: a web server on this machine that misbehaves as told."""
    monkeypatch.syspath_prepend(str(KIT))
    from kit.server import serving

    return serving


@pytest.fixture
def shards(monkeypatch, tmp_path):
    """Three shards, their bytes by name."""
    monkeypatch.syspath_prepend(str(KIT))
    from kit.corpus import documents, write_shards

    docs = documents(48)
    paths = write_shards(tmp_path / "source", [docs[:16], docs[16:32], docs[32:]])
    return {path.name: path.read_bytes() for path in paths}


def test_the_program_fetches_verifies_and_says_so(python, server, shards, tmp_path):
    command = ("-m", "nanochat.dataset", "--data-dir", tmp_path / "data", "-n")
    with server(shards) as served:
        code, out, err = python(*command, 3, "--source", served.url)
        assert (code, err) == (0, "")
        assert sorted(served.requests) == NAMES
        made = json.loads((tmp_path / "data" / "manifest.json").read_text())
        assert made["totals"]["rows"] == 48
        assert {name: one["bytes"] for name, one in made["shards"].items()} == {
            name: len(content) for name, content in shards.items()
        }
        assert out.splitlines()[-1].startswith("3 of 3 shards")

        assert python(*command, 3, "--source", served.url)[0] == 0
        assert len(served.requests) == 3  # the second run downloaded nothing

        code, _, err = python(*command, 4, "--source", served.url)
        assert (code, err.splitlines()[0]) == (1, "error: shard_00003.parquet: missing")
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["-n", "-1"], ["-n", "1", "--all"], ["-n", "x"]])
def test_the_program_refuses_what_makes_no_sense(python, arguments, tmp_path):
    code, out, err = python("-m", "nanochat.dataset", "--data-dir", tmp_path / "data", *arguments)
    assert (code, out) == (2, "")
    assert "python -m nanochat.dataset: error:" in err
    assert not (tmp_path / "data").exists()


FETCH = """
import sys
from nanochat.dataset.fetch import fetch, read_url
url, folder = sys.argv[1:]
print(fetch("shard_00000.parquet", folder, lambda name: read_url(f"{url}/{name}")))
"""


def test_two_processes_fetch_a_shard_once(python, server, shards, tmp_path):
    # the first is held up in the middle of its download until the second has had time to ask
    with server(shards, {NAMES[0]: ["stall"]}) as served:
        first = python("-c", FETCH, served.url, tmp_path / "data", wait=False)
        wait_for(lambda: served.requests)
        second = python("-c", FETCH, served.url, tmp_path / "data", wait=False)
        time.sleep(1)
        assert served.requests == NAMES[:1]  # the second waits for the lock
        served.over.set()  # the first one's answer ends short, and it tries again
        said = [process.communicate(timeout=60)[0].split()[-1] for process in (first, second)]
    assert said == ["True", "True"]
    assert served.requests == NAMES[:1] * 2
    assert {path.name: path.read_bytes() for path in (tmp_path / "data").iterdir()} == {
        NAMES[0]: shards[NAMES[0]]
    }


def test_a_killed_download_leaves_no_shard_and_holds_no_lock(python, server, shards, tmp_path):
    with server(shards, {NAMES[0]: ["stall"]}) as served:
        first = python("-c", FETCH, served.url, tmp_path / "data", wait=False)
        wait_for(lambda: served.requests)
        assert (tmp_path / "data" / f"{NAMES[0]}.tmp").exists()
        first.kill()
        first.communicate(timeout=60)
        assert not (tmp_path / "data" / NAMES[0]).exists()
        code, out, _ = python("-c", FETCH, served.url, tmp_path / "data")
    assert (code, out) == (0, "True\n")
    assert [path.name for path in (tmp_path / "data").iterdir()] == [NAMES[0]]


def wait_for(condition):
    """Until it holds; half a minute at most."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_corpus_has_every_kind_of_document(monkeypatch):
    monkeypatch.syspath_prepend(str(KIT))
    from kit.corpus import documents

    some = documents(16)
    assert some == documents(64)[:16]
    assert some != documents(16, seed=1)
    lengths = sorted(map(len, some))
    assert (lengths[0], max(lengths[1:3]) < 12, lengths[-1] > 1500) == (0, True, True)
    assert not "".join(some).isascii()


def test_the_first_three_stages_import_no_torch(course, tmp_path):
    assembly.write_mount(tmp_path, assembly.assemble(course, {}))
    first = [one for one in course.exercises if one.stage[:2] in {"01", "02", "03"}]
    modules = [assembly.module_name(course, one) for one in first if one.kind == "python"]
    assert len(modules) > 15
    checks = [str(course.check(one)) for one in first if one.kind == "python"]
    code = (
        "import importlib, runpy, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"for path in {checks!r}: runpy.run_path(path)\n"
        "sys.exit('torch' in sys.modules)"
    )
    path = os.pathsep.join(map(str, (tmp_path, ROOT, KIT)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_two_programs_on_one_folder_both_succeed(python, server, shards, tmp_path):
    command = ("-m", "nanochat.dataset", "--data-dir", tmp_path / "data", "-n", 3, "--source")
    with server(shards) as served:
        both = [python(*command, served.url, wait=False) for _ in range(2)]
        said = [process.communicate(timeout=60)[1] for process in both]
    assert ([process.returncode for process in both], said) == ([0, 0], ["", ""])
    assert sorted(served.requests) == NAMES  # each shard was fetched by one of them
    there = sorted(path.name for path in (tmp_path / "data").iterdir())
    assert there == ["manifest.json", *NAMES]
