"""cargo: a small crate of an exercise and the door, built once for each content it ever had."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nanolab.crate.signatures import entrance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nanolab.crate.signatures import Signature

KEPT = 200  # libraries, of about half a megabyte each

_HERE = Path(__file__).parent
_PLACE = re.compile(r"^ *--> src/(\w+)\.rs:(\d+):(\d+)", re.M)
_CARGO_TOML = """\
[package]
name = "exercise"
version = "0.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[profile.dev]
debug = false

[profile.release]
overflow-checks = true
incremental = true
strip = true

[workspace]
"""


class CompileError(SyntaxError):
    """rustc refuses a file; `report` is what it says, as it says it."""

    def __init__(self, report: str, file: str, line: int, column: int, code: str) -> None:
        first = report.partition("\n")[0]
        super().__init__(first, (file, line, column, code))
        self.report = report


class NotBuiltError(Exception):
    """Nothing can be built here: cargo is missing, or does not work."""


def homes() -> dict[str, str]:
    """Environment variables that let cargo, and the cache, be found when HOME is another."""
    home = Path.home()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return {
        "CARGO_HOME": os.environ.get("CARGO_HOME") or str(home / ".cargo"),
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME") or str(home / ".rustup"),
        "XDG_CACHE_HOME": str(cache),
    }


def build(
    sources: Mapping[str, str],
    bound: Mapping[str, tuple[Signature, ...]],
    files: Mapping[str, str],
    *,
    optimised: bool,
) -> Path:
    """The shared library of a crate, built now unless it was built before.

    Args:
        sources: Each module's name and source.
        bound: The functions that Python can call, by module.
        files: For each module, the file that messages shall name.
        optimised: Whether to build for speed.

    Raises:
        CompileError, NotBuiltError: As `nanolab.crate.load`.
    """
    texts = {f"{name}.rs": source for name, source in sources.items()}
    texts["wire.rs"] = (_HERE / "wire.rs").read_text(encoding="utf-8")
    texts["lib.rs"] = (_HERE / "door.rs").read_text(encoding="utf-8") + entrance(sources, bound)
    profile = "release" if optimised else "dev"
    content = repr((_CARGO_TOML, profile, sorted(texts.items())))
    digest = hashlib.sha256(content.encode()).hexdigest()
    cache = Path(homes()["XDG_CACHE_HOME"]) / "nanolab" / "rust"
    crate = cache / hashlib.sha256(" ".join(sources).encode()).hexdigest()[:8]
    library = cache / "built" / f"{digest[:32]}.so"
    if not library.exists():
        try:
            with _alone(crate):
                _write(crate, {"Cargo.toml": _CARGO_TOML}, texts)
                _cargo(crate, profile, sources, files)
                _keep(crate / "target" / ("release" if optimised else "debug"), library)
        except OSError as error:
            raise NotBuiltError(f"Cannot write to {cache}: {error.strerror}.") from error
    return library


@contextlib.contextmanager
def _alone(crate: Path) -> Iterator[None]:
    """Hold the lock of the crate's directory; elsewhere than on Unix, cargo's own must do."""
    crate.mkdir(parents=True, exist_ok=True)
    with (crate / "lock").open("w") as lock:
        with contextlib.suppress(ImportError):
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(crate: Path, top: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Lay out the crate: nothing but these files, and none touched that stays the same."""
    source = crate / "src"
    source.mkdir(parents=True, exist_ok=True)
    for old in source.iterdir():
        if old.name not in texts:
            old.unlink()
    wanted = {crate / name: text for name, text in top.items()}
    wanted |= {source / name: text for name, text in texts.items()}
    for path, text in wanted.items():
        if not path.exists() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def _cargo(crate: Path, profile: str, sources: Mapping[str, str], files: Mapping[str, str]) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise NotBuiltError("cargo is not on the PATH.")
    done = subprocess.run(  # noqa: S603 - a fixed command
        [cargo, "build", "--profile", profile, "--offline", "--quiet", "--color", "never"],
        cwd=crate,
        env={**os.environ, **homes(), "CARGO_TARGET_DIR": str(crate / "target")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise _fault(done.stdout, sources, files)


def _fault(said: str, sources: Mapping[str, str], files: Mapping[str, str]) -> Exception:
    """What cargo said, as an exception: rustc's errors, with the file's own name and place."""
    start = re.search(r"^error", said, re.M)
    place = _PLACE.search(said, start.start() if start else 0)
    if start is None or place is None or place.group(1) not in sources:
        return NotBuiltError(f"cargo cannot build here:\n{said.strip()}")
    report = said[start.start() :].replace("--> src/", "--> ").strip()
    name, line, column = place.group(1), int(place.group(2)), int(place.group(3))
    code = [*sources[name].splitlines(), ""][line - 1 : line] or [""]
    return CompileError(report, files[name], line, column, code[0])


def _keep(folder: Path, library: Path) -> None:
    """Put the library into the cache under its own name; drop the oldest ones."""
    name = {"darwin": "libexercise.dylib", "win32": "exercise.dll"}
    library.parent.mkdir(parents=True, exist_ok=True)
    draft = library.with_suffix(f".{os.getpid()}.tmp")
    shutil.copyfile(folder / name.get(sys.platform, "libexercise.so"), draft)
    draft.replace(library)
    kept = sorted(library.parent.glob("*.so"), key=lambda path: path.stat().st_mtime)
    for old in kept[:-KEPT]:
        old.unlink(missing_ok=True)
