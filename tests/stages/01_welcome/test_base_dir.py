"""Check of 01_welcome/base_dir."""

import os
import tempfile
from pathlib import Path

import pytest
from nanochat.welcome.base_dir import artifact, get_base_dir

from nanolab.expect import attempt, equal

NAME = "NANOCHAT_BASE_DIR"


@pytest.fixture(autouse=True)
def disk(monkeypatch, tmp_path):
    """A disk of the check's own, with a home directory on it; the real one is out of reach."""
    move_to(monkeypatch, tmp_path)
    return tmp_path


def move_to(monkeypatch, disk):
    """Live on `disk`: be at home there, start there, make no folder outside of it."""
    for name in ("home", "here"):
        (disk / name).mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(disk / "home"))
    monkeypatch.delenv(NAME, raising=False)
    monkeypatch.chdir(disk / "here")
    for owner in (os, Path):
        monkeypatch.setattr(owner, "mkdir", fenced(owner.mkdir, disk))


def fenced(mkdir, disk):
    """`mkdir`, but only on `disk`."""

    def guarded(path, *args, **kwargs):
        harmless = Path(path).absolute().is_relative_to(disk) or Path(path).exists()
        assert harmless, f"{path} is neither at home nor where the variable says"
        return mkdir(path, *args, **kwargs)

    return guarded


def below(disk, path):
    """Where a path lies on the disk, in short."""
    if not isinstance(path, Path):
        return f"a {type(path).__name__}, not a Path"
    full, disk = path.resolve(), disk.resolve()
    return full.relative_to(disk).as_posix() if full.is_relative_to(disk) else str(full)


def test_the_variable_names_the_directory(disk):
    """$NANOCHAT_BASE_DIR is the base directory, and is made.

    Kills text, not_made, no_parents and ignores_env.
    """
    base = get_base_dir({NAME: str(disk / "big disk" / "runs")})
    equal(below(disk, base), "big disk/runs", "the base directory is what the variable says")
    assert base.is_dir(), "the base directory should exist afterwards, with its parents"


def test_without_the_variable_it_is_in_the_home_directory(disk):
    """Unset or empty, the variable leaves ~/.cache/nanochat.

    Kills somebodys_home, current_directory and empty_counts.
    """
    base = get_base_dir({})
    message = "without the variable, it is .cache/nanochat in the home directory"
    equal(below(disk, base), "home/.cache/nanochat", message)
    assert base.is_dir(), "the base directory should exist afterwards, with its parents"
    message = "an empty variable counts as unset"
    equal(below(disk, get_base_dir({NAME: ""})), "home/.cache/nanochat", message)


def test_asking_twice_is_no_error(disk):
    """The second call finds the directory there.

    Kills once_only.
    """
    env = {NAME: str(disk / "runs")}
    kept = get_base_dir(env) / "kept.txt"
    kept.write_text("still here")
    equal(below(disk, get_base_dir(env)), "runs", "the same question has the same answer")
    assert kept.exists(), "what was in the directory should stay there"


def test_the_environment_is_read_at_the_call(monkeypatch, disk):
    """A variable set after the import counts.

    Kills read_at_import and or_environ.
    """
    monkeypatch.setenv(NAME, str(disk / "late"))
    message = "the variable was set after the import, but before the call"
    equal(below(disk, get_base_dir()), "late", message)
    message = "an empty mapping was handed in: nothing is set there, whatever is set outside"
    equal(below(disk, get_base_dir({})), "home/.cache/nanochat", message)


def test_an_artifact_lies_below_the_base_directory(disk):
    """artifact() joins its parts below the base directory.

    Kills own_base and any_two_dots.
    """
    env = {NAME: str(disk / "runs")}
    message = "the parts are joined below the base directory"
    path = artifact("tokenizer", "tokenizer.pkl", env=env)
    equal(below(disk, path), "runs/tokenizer/tokenizer.pkl", message)
    assert not path.parent.exists(), "artifact only names a file; it makes no folder for it"
    path = artifact("report/loss..csv", env=env)
    equal(below(disk, path), "runs/report/loss..csv", "dots inside a name are harmless")
    equal(below(disk, artifact(env=env)), "runs", "no parts: the base directory itself")


def test_an_artifact_does_not_lead_out(disk):
    """artifact() refuses to leave the base directory.

    Kills no_guard, absolute_only, whole_parts_only and dots_only.
    """
    env = {NAME: str(disk / "runs")}
    for parts in [("..", "x"), ("a", "..", "..", "x"), ("a/../../x",), ("/x",), ("a", "/x")]:
        found = attempt(artifact, *parts, env=env)
        equal(found, ("raises", "ValueError"), f"artifact{parts} would lead out: refuse it")


def probe(module):
    """Where things go on an empty disk."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as monkeypatch:
        disk = Path(folder)
        move_to(monkeypatch, disk)
        monkeypatch.setenv(NAME, str(disk / "late"))
        deep = {NAME: str(disk / "big disk" / "runs")}

        def base(env):
            return below(disk, module.get_base_dir(env))

        def path(*parts):
            return below(disk, Path(module.artifact(*parts, env=deep)))

        parts = [("a", "b"), ("x..y",), ("..", "x"), ("a/../../x",), ("/x",)]
        return (
            [attempt(base, env) for env in (None, {}, {NAME: ""}, deep, deep)],
            sorted(below(disk, folder) for folder in disk.rglob("*")),
            [attempt(path, *one) for one in parts],
        )
