"""Fetch a file over a network that fails, and leave either all of it or nothing.

A few hundred downloads meet every accident there is: no answer, half an answer, two of us at once.

Lesson: README.md, "Fetching". Source: nanochat, `dataset.py`, download_single_file.
"""

import contextlib
import errno
import http.client
import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from nanochat.dataset.shard_names import index_to_filename
from nanochat.welcome.base_dir import artifact

try:
    import fcntl
except ImportError:  # Windows: two processes that fetch one file are not kept apart
    fcntl = None

BASE_URL = "https://huggingface.co/datasets/karpathy/fineweb-edu-100b-shuffle/resolve/main"

_CHUNK = 1 << 20  # bytes: a shard has a hundred of them, and never stands in memory whole

# No room, here: waiting and asking again will not help. Windows has no quotas.
_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}


def read_url(url: str, timeout: float = 30) -> Iterator[bytes]:
    """Read what a web server gives, in pieces.

    Args:
        url: Of a file, `http://` or `https://`.
        timeout: Seconds to wait for the server's next sign of life.

    Yields:
        At most 1 MiB at a time.

    Raises:
        FileNotFoundError: If the server says that it has no such file (404).
        OSError: If it cannot be reached, falls silent, answers with anything but 200, or closes
            before all of the bytes that it announced have come; the message has both numbers.
    """
    received, promised = 0, None
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:  # noqa: S310 - the caller's
            # not every server says how long its answer is
            promised = response.headers["Content-Length"]
            while chunk := response.read(_CHUNK):
                received += len(chunk)
                yield chunk
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise FileNotFoundError(errno.ENOENT, "the server has no such file", url) from error
        raise
    except http.client.HTTPException as error:
        # not an OSError by birth: an answer that is no HTTP, or breaks off
        raise OSError(f"{url}: {error!r}") from error
    # an early end looks like any other end: nothing but the count tells
    if promised is not None and received != int(promised):
        raise OSError(f"{url}: {received} of {promised} bytes came")


def fetch(
    name: str,
    dest_dir: str | Path,
    opener: Callable[[str], Iterable[bytes]],
    *,
    attempts: int = 5,
    sleep: Callable[[float], object] = time.sleep,
    expected_size: int | None = None,
    check: Callable[[Path], object] | None = None,
) -> bool:
    """Make sure that a file is in a folder: fetch it if it is not there yet.

    It is written as `NAME.tmp` and renamed when it is whole, so `NAME` is never half a file.
    Whatever happens, nothing else is left in the folder.

    Args:
        name: Of the file; no folder in it.
        dest_dir: Where it goes. The folder is made if it is not there.
        opener: `opener(name)` gives the file's bytes in pieces, or raises OSError, at once or
            on the way. FileNotFoundError means that the source does not have it, for good.
        attempts: How often to try; 1 or more. What is wrong with an attempt is printed, with the
            name of the file and the number of the attempt.
        sleep: Waits so many seconds: 2, 4, 8, ... between one attempt and the next.
        expected_size: In bytes; an attempt that brought another number has failed.
        check: Called with the path of the whole file before it gets its name; if it raises
            ValueError, the attempt has failed.

    Returns:
        Whether the file is there now.

    Raises:
        ValueError: If `name` is not the bare name of a file, or `attempts` is less than 1.
        FileExistsError: If a folder of that name is in the way.
        OSError: If there is no room for it. That is not the network's fault: no other attempt. The
            message names the file, and says how many bytes are free.
    """
    # "../x" from a list that somebody else wrote would write outside of the folder
    if name in ("", ".", "..") or "/" in name or "\\" in name:
        raise ValueError(f"{name!r} is not the bare name of a file")
    if attempts < 1:
        raise ValueError(f"attempts is 1 or more, not {attempts}")
    final = Path(dest_dir) / name
    if _is_there(final):
        return True
    final.parent.mkdir(parents=True, exist_ok=True)
    with _alone(final):
        # asked again: while we waited, the one before us may have brought it
        if _is_there(final):
            return True
        return _persist(
            lambda: _bring(opener(name), final, expected_size, check), final, attempts, sleep
        )


def download_single_file(
    index: int, data_dir: str | Path | None = None, base_url: str = BASE_URL
) -> bool:
    """Fetch one shard of nanochat's dataset; False if five attempts did not bring it.

    Args:
        index: The shard's number.
        data_dir: Where it goes; None means `base_data` in nanochat's base directory.
        base_url: Where shards are to be had.
    """
    folder = artifact("base_data") if data_dir is None else data_dir
    return fetch(index_to_filename(index), folder, lambda name: read_url(f"{base_url}/{name}"))


def _persist(
    bring: Callable[[], None], final: Path, attempts: int, sleep: Callable[[float], object]
) -> bool:
    """Call `bring` until it succeeds, `attempts` times at most; whether it did.

    Raises:
        OSError: If there is no room: an error with a number in `_FULL`. The message names the file,
            and says how many bytes are free, by `shutil.disk_usage`.
    """
    for attempt in range(1, attempts + 1):
        try:
            bring()
        except FileNotFoundError as error:
            # what is not there now will not be there in two seconds
            print(f"{final.name}: {error}")
            return False
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _FULL:
                free = shutil.disk_usage(final.parent).free
                what = f"no room for {final} ({error.strerror}): {free:,} bytes are free"
                raise OSError(error.errno, what) from error
            print(f"{final.name}: attempt {attempt} of {attempts} failed: {error}")
        else:
            return True
        # none after the last: there is nothing left to wait for
        if attempt < attempts:
            sleep(2**attempt)
    return False


def _bring(
    chunks: Iterable[bytes],
    final: Path,
    expected_size: int | None,
    check: Callable[[Path], object] | None,
) -> None:
    """Write the pieces to a file beside `final`, look at it, and rename it.

    Raises:
        OSError: If they stop coming, if there is no room, or if the size is not the expected one.
        ValueError: If `check` does not like the file.
    """
    # in the same folder: a rename works within one file system only
    temporary = final.with_name(final.name + ".tmp")
    try:
        # "w": what an earlier crash left under this name is thrown away, not continued
        with temporary.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        size = temporary.stat().st_size
        if expected_size is not None and size != expected_size:
            raise OSError(f"{size} bytes came instead of {expected_size}")
        if check is not None:
            check(temporary)
        temporary.replace(final)
    finally:
        # also on Ctrl-C, which is no OSError; after the rename there is nothing to remove
        temporary.unlink(missing_ok=True)


def _is_there(path: Path) -> bool:
    """Whether there is such a file.

    Raises:
        FileExistsError: If it is a folder.
    """
    if path.is_dir():
        raise FileExistsError(errno.EEXIST, "a folder stands where the file should go", str(path))
    return path.exists()


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Wait until no other thread or process works on `path`, and hold it; by a file beside it.

    The system gives the lock back when its holder dies, so nobody waits for a crashed one.
    """
    if fcntl is None:
        yield
        return
    lock = path.with_name(path.name + ".lock")
    while True:
        with lock.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # the holder before us has removed the file that we waited for: begin anew
            if not (lock.exists() and os.path.samestat(os.fstat(file.fileno()), lock.stat())):
                continue
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)
            return


def main() -> None:
    """Fetch from a source that fails twice: `python fetch.py` runs this."""
    import tempfile

    answers = iter([OSError("no answer"), [b"half of "], [b"all of it"]])

    def opener(_name: str) -> Iterable[bytes]:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    with tempfile.TemporaryDirectory() as folder:
        fetch("hello.txt", folder, opener, sleep=lambda s: print(f"wait {s} s"), expected_size=9)
        print([path.read_text() for path in Path(folder).iterdir()])


if __name__ == "__main__":
    main()
