"""Files are whole or not there; errors are sentences; a lock dies with its holder."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import time

import pytest

from nanolab import storage
from nanolab.errors import EnvironmentalError, WorkspaceError


def python(code, *arguments, **options):
    """A process of its own that runs `code`."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **options)


def wait_for(path):
    for _ in range(1000):
        if path.exists():
            return
        time.sleep(0.01)
    pytest.fail(f"{path} never came")


def test_what_was_written_is_read(tmp_path):
    storage.write_atomic(tmp_path / "a", b"one")
    assert storage.read(tmp_path / "a") == b"one"
    assert storage.read(tmp_path / "b") is None


def test_no_temporary_file_stays(tmp_path):
    storage.write_atomic(tmp_path / "a", b"one")
    assert [one.name for one in tmp_path.iterdir()] == ["a"]


def test_the_previous_content_is_kept_when_asked(tmp_path):
    for content in (b"one", b"two", b"three"):
        storage.write_atomic(tmp_path / "a", content, keep_previous=True)
    assert storage.backup_of(tmp_path / "a").read_bytes() == b"two"


def test_a_link_is_replaced_not_followed(tmp_path):
    (tmp_path / "target").write_bytes(b"theirs")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    storage.write_atomic(tmp_path / "link", b"ours")
    assert (tmp_path / "target").read_bytes() == b"theirs"
    assert (tmp_path / "link").read_bytes() == b"ours"
    assert not (tmp_path / "link").is_symlink()


def test_the_mode_of_a_file_is_kept(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    path.chmod(0o700)
    storage.write_atomic(path, b"two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o700


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_an_error_of_the_environment(tmp_path, code):
    error = storage.explain(OSError(code, "no"), tmp_path / "a")
    assert isinstance(error, EnvironmentalError)
    assert "no room to write" in str(error)
    assert "Free some space" in error.cure


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.EIO])
def test_every_other_error_names_the_file_and_a_cure(tmp_path, code):
    error = storage.explain(OSError(code, os.strerror(code)), tmp_path / "a")
    assert isinstance(error, WorkspaceError)
    assert str(tmp_path / "a") in str(error)
    assert error.cure


def test_a_vanished_directory_is_said(tmp_path):
    with pytest.raises(WorkspaceError, match="is gone"):
        storage.write_atomic(tmp_path / "gone" / "a", b"one")


def test_a_directory_in_the_place_of_a_file_is_said(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(WorkspaceError, match="cannot be used"):
        storage.read(tmp_path / "a")
    with pytest.raises(WorkspaceError, match="cannot be used"):
        storage.write_atomic(tmp_path / "a", b"one")


FULL = """
import resource, sys
from pathlib import Path
from nanolab import storage
from nanolab.errors import EnvironmentalError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    storage.write_atomic(Path(sys.argv[1]), b"x" * 5000, keep_previous=True)
except EnvironmentalError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit")
def test_a_full_disk_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"before")
    process = python(FULL, path)
    assert "no room to write" in process.communicate(timeout=30)[0]
    assert path.read_bytes() == b"before"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "a.bak"]


KILLED = """
import os, sys
from pathlib import Path
from nanolab import storage
path, ready = Path(sys.argv[1]), Path(sys.argv[2])
fsync = os.fsync
def die(descriptor):
    ready.touch()
    os.kill(os.getpid(), 9)
os.fsync = die
storage.write_atomic(path, b"half " * 1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9")
def test_killed_in_the_middle_of_a_write_the_old_file_stands(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"before")
    process = python(KILLED, path, tmp_path / "ready")
    assert process.wait(timeout=30) == -9
    process.stdout.close()
    assert (tmp_path / "ready").exists()
    assert path.read_bytes() == b"before"
    storage.write_atomic(path, b"after")
    assert path.read_bytes() == b"after"


WRITER = """
import sys
from pathlib import Path
from nanolab import storage
for number in range(200):
    storage.write_atomic(Path(sys.argv[1]), sys.argv[2].encode() * 20000)
"""


def test_a_reader_between_two_writers_sees_whole_files_only(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"a" * 20000)
    writers = [python(WRITER, path, letter) for letter in "ab"]
    while any(writer.poll() is None for writer in writers):
        assert path.read_bytes() in (b"a" * 20000, b"b" * 20000)
    for writer in writers:
        assert writer.returncode == 0
        writer.stdout.close()


def test_a_line_is_added_after_a_line_that_was_cut_short(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b'{"whole": 1}\n{"cut')
    storage.append_line(path, b"new")
    storage.append_line(path, b"newer")
    assert path.read_bytes() == b'{"whole": 1}\n{"cut\nnew\nnewer\n'


def test_a_line_is_not_added_through_a_link(tmp_path):
    (tmp_path / "target").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(WorkspaceError):
        storage.append_line(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b""


def test_what_is_set_aside_never_covers_what_was_set_aside_before(tmp_path):
    asides = []
    for content in (b"one", b"two", b"three"):
        (tmp_path / "a").write_bytes(content)
        os.utime(tmp_path / "a", (0, 0))
        asides.append(storage.set_aside(tmp_path / "a"))
    assert [one.read_bytes() for one in asides] == [b"one", b"two", b"three"]
    assert asides[0].name == "a.damaged-19700101T000000Z"


def test_one_holder_at_a_time(tmp_path):
    first, second = storage.Lock(tmp_path / "lock"), storage.Lock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    assert second.owner == os.getpid()
    first.release()
    assert second.acquire()
    second.release()
    second.release()


def test_waiting_in_vain_names_the_holder(tmp_path):
    sentence = f"held by the process {os.getpid()}"
    with storage.Lock(tmp_path / "lock"), pytest.raises(WorkspaceError, match=sentence):
        storage.Lock(tmp_path / "lock").wait(seconds=0)


def test_an_unsigned_lock_has_no_known_owner(tmp_path):
    assert storage.Lock(tmp_path / "lock").owner == 0
    (tmp_path / "lock").write_text("nonsense")
    assert storage.Lock(tmp_path / "lock").owner == 0


HOLDER = """
import sys, time
from pathlib import Path
from nanolab import storage
lock = storage.Lock(Path(sys.argv[1]))
assert lock.acquire()
Path(sys.argv[2]).touch()
time.sleep(60)
"""


def test_a_killed_holder_holds_nothing(tmp_path):
    holder = python(HOLDER, tmp_path / "lock", tmp_path / "ready")
    wait_for(tmp_path / "ready")
    lock = storage.Lock(tmp_path / "lock")
    assert not lock.acquire()
    assert lock.owner == holder.pid
    holder.kill()
    holder.communicate(timeout=30)
    assert lock.acquire()
    lock.release()
