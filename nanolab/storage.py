"""Files that are written whole or not at all, and a lock that dies with its holder.

Everything that nanolab writes into a workspace goes through here. An `OSError` leaves this room
only as a sentence that says which file, what is wrong, and what to do.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from typing import TYPE_CHECKING

from nanolab.errors import EnvironmentalError, NanolabError, WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP}
_WAIT = 0.01
_PLAIN = 16 << 20  # bytes: no exercise and no progress is larger


def explain(error: OSError, path: Path) -> NanolabError:
    """What an `OSError` on `path` means for the learner, and what to do about it."""
    if error.errno in _FULL:
        return EnvironmentalError(
            f"There is no room to write {path}: the disk, a quota or a size limit is full.",
            "Free some space and try again; the file that was there is untouched.",
        )
    if error.errno in _FORBIDDEN:
        return WorkspaceError(
            f"{path} may not be read or written ({error.strerror}).",
            "Check who owns the directory and whether its disk is read-only.",
        )
    if error.errno == errno.ENOENT:
        return WorkspaceError(
            f"{path} is gone, or its directory is.",
            "Was it moved or deleted? `nanolab init` in the workspace restores what is missing.",
        )
    return WorkspaceError(
        f"{path} cannot be used: {error.strerror or error}.",
        "Check what stands there with `ls -l`.",
    )


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into one of nanolab's errors about `path`.

    Raises:
        EnvironmentalError: If the disk is full.
        WorkspaceError: For every other `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise explain(error, path) from error


def read(path: Path) -> bytes | None:
    """The bytes of a file, or None where there is none.

    Raises:
        WorkspaceError: If something stands there that cannot be read.
    """
    with translated(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def is_plain(path: Path) -> bool:
    """Whether a file can be read without waiting or swallowing too much: no pipe, no device.

    Raises:
        WorkspaceError: If it may not be looked at.
    """
    with translated(path):
        try:
            status = path.stat()
        except FileNotFoundError:
            return False
        return stat.S_ISREG(status.st_mode) and status.st_size <= _PLAIN


def write_atomic(path: Path, data: bytes, *, keep_previous: bool = False) -> None:
    """Put `data` at `path` in one step: a reader, or a crash, sees all of it or what was there.

    A link at `path` is replaced, not followed. The mode of a file that was there is kept.

    Args:
        path: The file; its directory must exist.
        data: Its new content.
        keep_previous: Keep what was there as `NAME.bak`.

    Raises:
        EnvironmentalError: If the disk is full; the file that was there is untouched.
        WorkspaceError: If the file cannot be written for another reason.
    """
    if keep_previous:
        previous = read(path)
        if previous is not None:
            write_atomic(backup_of(path), previous)
    with translated(path):
        temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
        try:
            _write_synced(temporary, data, _mode_of(path))
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        sync(path.parent)


def backup_of(path: Path) -> Path:
    """Where `write_atomic` keeps what was there before."""
    return path.with_name(f"{path.name}.bak")


def append_line(path: Path, line: bytes) -> None:
    """Add one line to a file, after mending a last line that a crash cut short.

    Raises:
        EnvironmentalError, WorkspaceError: As `write_atomic`.
    """
    with translated(path):
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(path, flags, 0o666), "r+b", buffering=0) as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(end - 1, 0))
            torn = end > 0 and file.read(1) != b"\n"
            file.write((b"\n" if torn else b"") + line + b"\n")
            os.fsync(file.fileno())


def set_aside(path: Path) -> Path:
    """Move what cannot be read out of the way, under a name with its own time, never over another.

    Returns:
        Where it lies now, beside its old place.

    Raises:
        WorkspaceError: If it cannot be moved.
    """
    with translated(path):
        written = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(path.lstat().st_mtime))
        aside = path.with_name(f"{path.name}.damaged-{written}")
        count = 1
        while os.path.lexists(aside):
            count += 1
            aside = path.with_name(f"{path.name}.damaged-{written}-{count}")
        return path.rename(aside)


def sync(path: Path) -> None:
    """Make a file, or the names in a directory, survive a power cut, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Lock:
    """A lock on a file, held by at most one process and released by the system when that dies.

    The file holds the pid of the last holder and stays when the lock is released.

    Args:
        path: The lock file; its directory must exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    @property
    def owner(self) -> int:
        """Pid of the process that holds the lock, or held it last; 0 if that is not known."""
        try:
            return int(self.path.read_bytes())
        except (OSError, ValueError):
            return 0

    def acquire(self) -> bool:
        """Take the lock if nobody has it, without waiting.

        Returns:
            Whether it is ours now.

        Raises:
            EnvironmentalError, WorkspaceError: If the lock file cannot be made.
        """
        with translated(self.path):
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
            descriptor = os.open(self.path, flags, 0o666)
            if not _try_lock(descriptor):
                os.close(descriptor)
                return False
        self._descriptor = descriptor
        with contextlib.suppress(OSError):  # a full disk: the lock holds, unsigned
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
        return True

    def wait(self, seconds: float = 10.0) -> None:
        """Take the lock, waiting for whoever has it.

        Raises:
            WorkspaceError: If it is still taken after `seconds`; names the pid.
        """
        deadline = time.monotonic() + seconds
        while not self.acquire():
            if time.monotonic() > deadline:
                raise WorkspaceError(
                    f"{self.path} is held by the process {self.owner or '(unknown)'}.",
                    "Wait for it to end, or end it.",
                )
            time.sleep(_WAIT)

    def release(self) -> None:
        """Give the lock up; harmless if it is not ours."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Lock:
        """Wait for the lock."""
        self.wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release the lock."""
        self.release()


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30  # a byte that is never written, so that the pid stays readable

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            # A file system without locks: better unprotected than unusable.
            return error.errno in _NO_LOCKS
        return True


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _mode_of(path: Path) -> int:
    """The mode to create a file with: of the file it replaces, else the usual one."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return 0o666
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else 0o666
