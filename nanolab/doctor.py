"""What this machine, terminal and workspace are like: a report fit to paste into an issue.

Nothing is changed and nothing heavy is imported: torch's version comes from its metadata. The
home directory is written `~`, and what looks like a secret is starred out.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab import __version__, config, manifest, progress, storage, update, workspace
from nanolab.errors import NanolabError
from nanolab.runner import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psutil

    from nanolab.course import Course
    from nanolab.workspace import Workspace

PYTHON = (3, 10)
ROOM = 100 * 2**20  # bytes; below that a history or a training run soon fills the disk
MEMORY = 2**30  # bytes; below that a warm process with torch in it crowds the others out
WATCHES = 1024

_LIBRARIES = ("torch", "numpy", "pytest", "rich", "typer", "watchfiles", "gitpython", "psutil")
_EXTRAS = ("rustbpe", "tiktoken", "regex", "pyarrow", "fastapi", "uvicorn", "matplotlib")
_SECRET = re.compile(
    r"\b(gh[a-z]_|github_pat_|hf_|sk-|glpat-|AKIA)[\w-]{6,}|(?<=//)[^/\s@]+:[^/\s@]+(?=@)"
    r"|(?<=token=)\S+|(?<=key=)\S+|(?<=secret=)\S+|(?<=password=)\S+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        name: What was looked at.
        value: What was found.
        cure: What to do about it, if anything.
        blocks: Whether the learner cannot work as long as it is so.
    """

    name: str
    value: str
    cure: str = ""
    blocks: bool = False


def examine(start: Path) -> tuple[Finding, ...]:
    """Look at everything, from the directory `start`; no error stops it."""
    findings = [*_software(), *_machine(start), *_terminal(), *_work(start)]
    return tuple(Finding(one.name, censor(one.value), one.cure, one.blocks) for one in findings)


def report(findings: Sequence[Finding]) -> str:
    """The findings as text, a line each; what blocks is marked, cures stand below their line."""
    lines: list[str] = []
    for one in findings:
        mark = "x" if one.blocks else "!" if one.cure else " "
        lines.append(f"{mark} {one.name:<12}{one.value}".rstrip())
        if one.cure:
            lines.append(f"  {'':<12}-> {one.cure}")
    blocking = sum(one.blocks for one in findings)
    end = f"{blocking} of these must be mended first." if blocking else "Nothing blocks you."
    return "\n".join([*lines, "", end])


def censor(text: str) -> str:
    """The text with `~` for the home directory, and stars for what looks like a secret."""
    home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
    if len(home) > 1:
        text = text.replace(home, "~")
    return _SECRET.sub("***", text)


def _software() -> Iterator[Finding]:
    old = sys.version_info < PYTHON
    wanted = ".".join(map(str, PYTHON))
    yield Finding("nanolab", __version__)
    cure = f"Install Python {wanted} or newer." if old else ""
    yield Finding("python", f"{platform.python_version()} at {sys.executable}", cure, old)
    yield Finding("platform", platform.platform())
    for name in _LIBRARIES:
        yield Finding(name, _version(name) or "not installed")
    extras = [f"{name} {version}" for name in _EXTRAS if (version := _version(name))]
    yield Finding("extras", ", ".join(extras) or "none")
    for program in ("git", "cargo", "bwrap"):
        yield Finding(program, shutil.which(program) or "not on the PATH")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _machine(start: Path) -> Iterator[Finding]:
    import psutil

    free = shutil.disk_usage(start).free
    full = free < ROOM
    yield Finding("disk", f"{_size(free)} free", "Make room on the disk." if full else "", full)
    available = psutil.virtual_memory().available
    small = available < MEMORY
    cure = "`nanolab watch --no-warm` keeps no process waiting." if small else ""
    yield Finding("memory", f"{_size(available)} available", cure)
    yield Finding("processors", str(os.cpu_count()))
    watches = Path("/proc/sys/fs/inotify/max_user_watches")
    if watches.is_file():
        limit = int(watches.read_text(encoding="ascii"))
        instances = watches.with_name("max_user_instances").read_text(encoding="ascii").strip()
        cure = f"sudo sysctl fs.inotify.max_user_watches={64 * WATCHES}"
        found = f"{limit} watches, {instances} instances"
        yield Finding("inotify", found, cure if limit < WATCHES else "")


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"


def _terminal() -> Iterator[Finding]:
    size = shutil.get_terminal_size()
    kind = "a terminal" if sys.stdout.isatty() else "no terminal"
    term = os.environ.get("TERM", "(no TERM)")
    yield Finding("terminal", f"{kind}, {term}, {size.columns}x{size.lines}")
    yield Finding("encoding", f"{sys.stdout.encoding}, files {sys.getfilesystemencoding()}")
    said = {key: os.environ[key] for key in ("NO_COLOR", "CI") if key in os.environ}
    said |= {key: value for key, value in sorted(os.environ.items()) if key.startswith("NANOLAB_")}
    yield Finding("environment", " ".join(f"{key}={value}" for key, value in said.items()) or "-")


def _work(start: Path) -> Iterator[Finding]:
    """Course, workspace and settings, as far as each can be read."""
    try:
        course = manifest.load()
    except NanolabError as error:
        yield Finding("course", str(error), error.cure, blocks=True)
        return
    count = f"{len(course.exercises)} exercises"
    yield Finding("course", f"{course.title}, {count}, in {course.root}")
    try:
        place = workspace.find(start)
    except NanolabError as error:
        yield Finding("workspace", "none here", error.cure)
        return
    yield from _workspace(place, course)
    yield from _settings(place)


def _workspace(place: Workspace, course: Course) -> Iterator[Finding]:
    writable = os.access(place.root, os.W_OK) and os.access(place.state, os.W_OK)
    cure = "" if writable else "Check who owns it and whether its disk is read-only."
    state = "" if writable else " (read-only)"
    yield Finding("workspace", f"{place.root}{state}", cure, not writable)
    yield _progress(place)
    missing = [one for one in course.exercises if not place.file(one).is_file()]
    names = ", ".join(one.id for one in missing[:3]) + (", …" if missing[3:] else "")
    cure = "`nanolab init .` in the workspace brings them back." if missing else ""
    yield Finding("files", f"missing: {names}" if missing else "all there", cure)
    yield _update(place, course)
    yield _lock(place)
    yield from _needs(course)


def _progress(place: Workspace) -> Finding:
    """Whether the progress can be read; looked at, not loaded, for loading repairs."""
    try:
        data = storage.read(place.progress_file)
        if data is None:
            return Finding("progress", "none yet")
        schema = json.loads(data)["schema"]
    except NanolabError as error:
        return Finding("progress", str(error), error.cure, blocks=True)
    except (ValueError, KeyError, TypeError, RecursionError):
        return Finding("progress", "damaged", "`nanolab status` restores the version before it.")
    if schema > progress.SCHEMA:
        newer = f"schema {schema}, written by a newer nanolab"
        return Finding("progress", newer, "pip install -U nanolab", blocks=True)
    return Finding("progress", f"schema {schema}, {len(data)} bytes")


def _update(place: Workspace, course: Course) -> Finding:
    """With which course the workspace was made, and whether this one is another."""
    try:
        made = update.made_with(place, course) or "an earlier nanolab"
        waits = update.waiting(place, course)
    except NanolabError as error:
        return Finding("made with", str(error), error.cure, blocks=True)
    if waits:
        return Finding("made with", f"{made}; the course has changed", "nanolab update --dry-run")
    return Finding("made with", f"{made}; up to date")


def _lock(place: Workspace) -> Finding:
    lock = storage.Lock(place.lock_file)
    try:
        free = not place.lock_file.exists() or lock.acquire()
    except NanolabError as error:
        return Finding("watch", str(error))
    lock.release()
    return Finding("watch", "not running" if free else _running(lock.owner))


def _running(pid: int) -> str:
    """Which process watches, and the memory that it and its workers hold."""
    import psutil

    try:
        tutor = psutil.Process(pid)
        sizes = [_own_memory(one) for one in (tutor, *tutor.children(recursive=True))]
    except psutil.Error:
        return f"running as process {pid}"
    return f"running as process {pid}, with {sum(sizes) / 2**20:.0f} MiB in {len(sizes)} processes"


def _own_memory(process: psutil.Process) -> int:
    """Bytes: a process's share of each page, or, where the system does not tell, all it has."""
    info = process.memory_full_info()
    return int(getattr(info, "pss", 0) or info.uss)


def _needs(course: Course) -> Iterator[Finding]:
    """What exercises need from outside and do not find."""
    reasons: dict[str, list[str]] = {}
    for exercise in course.exercises:
        reason = unavailable(course, exercise)
        if reason:
            reasons.setdefault(reason, []).append(exercise.id)
    for reason, ids in reasons.items():
        what, _, cure = reason.partition("Cure: ")
        everything = len(ids) == len(course.exercises)
        yield Finding("needs", f"{what.strip()} ({len(ids)} exercises)", cure, everything)


def _settings(place: Workspace) -> Iterator[Finding]:
    try:
        settings = config.load(place.root)
    except NanolabError as error:
        yield Finding("config", str(error), error.cure, blocks=True)
        return
    for warning in settings.warnings:
        yield Finding("config", warning, "Remove that line.")
    for name, origin in settings.origin.items():
        yield Finding("config", f"{name} = {getattr(settings, name)!r} ({origin})")
