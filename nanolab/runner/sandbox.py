"""A place for other people's code, made by bubblewrap: Linux namespaces, without being root.

Inside there is no network but a loopback of its own, no other process, nothing of the home, and
nothing to write to but one temporary folder and a shared memory of its own. To read there are the system's programs, this
Python, the course's solutions and checks, and the files to be judged.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import crate
from nanolab.errors import EnvironmentalError
from nanolab.runner import launch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nanolab.course import Course

CURE = "Install bubblewrap (Debian, Ubuntu: apt install bubblewrap), or use a container."
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store")
_SETTINGS = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/localtime")
_PACKAGES = {"site-packages", "dist-packages"}
# What the probe runs inside; it prints what it can see and do there.
_LOOK = """
import json, os, sys
def writes(path):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT))
    except OSError:
        return False
    return True
from pathlib import Path
links = [line.split(":")[0].strip() for line in Path("/proc/net/dev").read_text().splitlines()[2:]]
print(json.dumps({
    "links": links,
    "processes": sum(name.isdigit() for name in os.listdir("/proc")),
    "home": os.path.exists(sys.argv[1]),
    "writes": writes("/nanolab-probe") or writes(sys.argv[2] + "/nanolab-probe"),
}))
"""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What runs in it may read, beside the system, Python and nanolab.

    Attributes:
        readable: Files and folders; links are not followed out of their place: see `within`.
    """

    readable: tuple[Path, ...] = ()

    def command(self, scratch: Path, inner: list[str]) -> list[str]:
        """The command line that runs `inner` inside, with `scratch` as the one place to write."""
        words = [_program(), "--unshare-all", "--die-with-parent", "--cap-drop", "ALL"]
        words += ["--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev"]
        words += ["--tmpfs", "/dev/shm", "--remount-ro", "/dev"]  # noqa: S108 - one of its own
        for path in dict.fromkeys([*_needed(), *self.readable]):
            words += ["--ro-bind-try", str(path), str(path)]
        words += ["--bind", str(scratch), str(scratch), "--setenv", "HOME", str(scratch)]
        words += ["--setenv", "TMPDIR", str(scratch), "--setenv", "XDG_CACHE_HOME", str(scratch)]
        return [*words, "--chdir", "/", "--remount-ro", "/", "--", *inner]


def for_course(course: Course, files: tuple[Path, ...]) -> Sandbox:
    """A sandbox for these files of one learner, judged by this course."""
    stages = course.root / "tests" / "stages"
    return Sandbox((course.root / "solutions", stages, *files))


def within(file: Path, root: Path) -> bool:
    """Whether a file is a real one in its place below `root`, and no link to somewhere else."""
    try:
        return file.resolve() == root.resolve() / file.relative_to(root)
    except (OSError, RuntimeError, ValueError):
        return False


@functools.cache
def why_not() -> str:
    """Why there can be no sandbox here, tried by looking around in one; empty if there can."""
    if not sys.platform.startswith("linux"):
        return "bubblewrap needs Linux."
    if shutil.which("bwrap") is None:
        return "bubblewrap (the program bwrap) is not installed."
    with tempfile.TemporaryDirectory(prefix="nanolab-") as scratch:
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        inner = [sys.executable, "-I", "-S", "-c", _LOOK, _something_in(home), home]
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                Sandbox().command(Path(scratch), inner),
                env=launch.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                text=True, check=False, timeout=60,
            )  # fmt: skip
            seen = json.loads(done.stdout or "null")
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            return f"bubblewrap cannot be run ({error})."
    if seen is None:
        said = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        return f"bubblewrap makes no sandbox here ({said[0]})."
    tight = seen["links"] in ([], ["lo"]) and seen["processes"] <= 3
    if not tight or seen["home"] or seen["writes"]:
        return f"bubblewrap's sandbox leaks here ({seen})."
    return ""


def _something_in(home: str) -> str:
    """A file of the home, which must not be seen from inside."""
    try:
        with os.scandir(home) as entries:
            return next((entry.path for entry in entries if entry.is_file()), f"{home}/.ssh")
    except OSError:
        return f"{home}/.ssh"


def require() -> None:
    """Make sure that there can be a sandbox.

    Raises:
        EnvironmentalError: If not; it says why and how to get one.
    """
    reason = why_not()
    if reason:
        raise EnvironmentalError(f"There is no sandbox to be had: {reason}", CURE)


def _program() -> str:
    return shutil.which("bwrap") or "bwrap"


def _needed() -> Iterator[Path]:
    """What every run has to read: the system, this Python, its packages, nanolab, and Rust."""
    yield from map(Path, (*_SYSTEM, *_SETTINGS))
    yield from map(Path, dict.fromkeys((sys.base_prefix, sys.prefix)))
    yield from _links_of(Path(sys.executable))
    for entry in sys.path:
        if _PACKAGES & set(Path(entry).parts):
            yield Path(entry)
    yield Path(__file__).resolve().parents[1]
    homes = crate.homes()
    yield Path(homes["CARGO_HOME"], "bin")  # and no more: beside it are tokens
    yield Path(homes["CARGO_HOME"], "registry")
    yield Path(homes["RUSTUP_HOME"])


def _links_of(path: Path) -> Iterator[Path]:
    """The folders on the way from a link to what it stands for."""
    for _ in range(20):
        yield path.parent
        if not path.is_symlink():
            return
        path = path.parent / path.readlink()
