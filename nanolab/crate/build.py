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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

KEPT = 200  # libraries, of about half a megabyte each

_PLACE = re.compile(r"^ *--> src/(\w+)\.rs:(\d+):(\d+)", re.M)
CARGO_TOML = """\
[package]
name = "exercise"
version = "0.0.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]

[profile.dev]
debug = false

[profile.release]
overflow-checks = true
incremental = true
strip = true

[workspace]
"""

PYO3 = 'pyo3 = { version = "0.30", features = ["abi3-py310"] }\n'  # as in rustbpe/Cargo.toml
# What maturin tells cargo and PyO3: the symbols of Python are in the process that loads this.
_EXTENSION = {"PYO3_BUILD_EXTENSION_MODULE": "1", "PYO3_PYTHON": sys.executable}
if sys.platform == "darwin":
    _EXTENSION["RUSTFLAGS"] = "-C link-arg=-undefined -C link-arg=dynamic_lookup"


class CompileError(SyntaxError):
    """rustc refuses a file; `report` is what it says, as it says it."""

    def __init__(self, report: str, file: str, line: int, column: int, code: str) -> None:
        first = report.partition("\n")[0]
        super().__init__(first, (file, line, column, code))
        self.report = report


class NotBuiltError(ImportError):
    """Nothing can be built here: cargo is missing, or a crate, or it does not work."""


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
    texts: Mapping[str, str], files: Mapping[str, str], *, pyo3: bool, optimised: bool
) -> Path:
    """The shared library of a crate, built now unless it was built before.

    Args:
        texts: What the crate is made of, by file name; `lib.rs` is its root.
        files: For each module, the file that messages shall name.
        pyo3: Whether the crate stands on PyO3. It takes 20 s to build, the first time.
        optimised: Whether to build for speed.

    Raises:
        CompileError, NotBuiltError: As `nanolab.crate.load`.
    """
    manifest = CARGO_TOML.replace("[dependencies]\n", f"[dependencies]\n{PYO3 * pyo3}")
    profile = "release" if optimised or pyo3 else "dev"
    python = sys.implementation.cache_tag if pyo3 else ""
    content = repr((manifest, profile, python, sorted(texts.items())))
    digest = hashlib.sha256(content.encode()).hexdigest()
    cache = Path(homes()["XDG_CACHE_HOME"]) / "nanolab" / "rust"
    own = hashlib.sha256(" ".join(texts).encode()).hexdigest()[:8]
    crate = cache / ("pyo3" if pyo3 else own)  # where PyO3 is built, it is built once
    library = cache / "built" / f"{digest[:32]}.so"
    if not library.exists():
        try:
            with _alone(crate):
                _write(crate, {"Cargo.toml": manifest}, texts)
                _cargo(crate, profile, texts, files)
                _keep(crate / "target" / profile.replace("dev", "debug"), library)
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


def _cargo(crate: Path, profile: str, texts: Mapping[str, str], files: Mapping[str, str]) -> None:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise NotBuiltError("cargo is not on the PATH.")
    done = subprocess.run(  # noqa: S603 - a fixed command
        [cargo, "build", "--profile", profile, "--offline", "--quiet", "--color", "never"],
        cwd=crate,
        env={**os.environ, **homes(), **_EXTENSION, "CARGO_TARGET_DIR": str(crate / "target")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        raise _fault(done.stdout, crate, texts, files)


def _fault(said: str, crate: Path, texts: Mapping[str, str], files: Mapping[str, str]) -> Exception:
    """What cargo said, as an exception: rustc's errors, with the file's own name and place."""
    start = re.search(r"^error", said, re.M)
    place = _PLACE.search(said, start.start() if start else 0)
    if "--offline" in said or "no matching package" in said:
        cure = f"Cure, once, with a network: cargo fetch --manifest-path {crate / 'Cargo.toml'}"
        return NotBuiltError(f"The crate pyo3 is not in cargo's cache. {cure}")
    if start is None or place is None or place.group(1) not in files:
        return NotBuiltError(f"cargo cannot build here:\n{said.strip()}")
    report = said[start.start() :].replace("--> src/", "--> ").strip()
    name, line, column = place.group(1), int(place.group(2)), int(place.group(3))
    code = [*texts[f"{name}.rs"].splitlines(), ""][line - 1 : line] or [""]
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
