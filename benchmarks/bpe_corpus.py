"""A corpus made of text that is on any Linux machine: documentation, licences, sources."""

from __future__ import annotations

import gzip
import hashlib
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What each part is called, where it is looked for, and the names of its files.
PARTS = (
    ("documentation", ("/usr/share/doc",), ("*",)),
    ("manual pages", ("/usr/share/man",), ("*.gz",)),
    ("licences", ("/usr/share/common-licenses",), ("*",)),
    ("Python", (sysconfig.get_path("stdlib"), "/usr/lib/python3"), ("*.py",)),
    ("Perl", ("/usr/share/perl", "/usr/share/perl5"), ("*.p[lm]", "*.pod")),
    ("C headers", ("/usr/include",), ("*.h", "*.hpp")),
    ("Rust", (str(Path.home() / ".cargo/registry/src"),), ("*.rs",)),
    ("translations", ("/usr/share/locale", "/usr/share/i18n"), ("*",)),
)
LARGEST = 1 << 20


@dataclass
class Corpus:
    """Some documents, and what they are."""

    documents: list[str] = field(default_factory=list)
    composition: dict[str, tuple[int, int]] = field(default_factory=dict)
    """For each part its number of documents, and of bytes."""

    @property
    def size(self) -> int:
        """The bytes of all documents in UTF-8."""
        return sum(size for _, size in self.composition.values())


def build(limit: int) -> Corpus:
    """Gather about `limit` bytes, the parts in equal shares as far as they go, without doubles.

    Args:
        limit: How many bytes at most.

    Returns:
        The documents in an order that depends on their content alone.
    """
    corpus, seen, rest = Corpus(), set[bytes](), limit
    parts = sorted(
        ((name, sorted(_files(folders, names))) for name, folders, names in PARTS),
        key=lambda part: len(part[1]),
    )
    for left, (name, files) in zip(range(len(parts), 0, -1), parts, strict=True):
        texts = list(_take(files, rest // left, seen))
        size = sum(len(text.encode()) for text in texts)
        corpus.documents += texts
        corpus.composition[name] = (len(texts), size)
        rest -= size
    corpus.documents.sort(key=lambda text: hashlib.sha256(text.encode()).digest())
    return corpus


def _files(folders: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Path]:
    for folder in map(Path, folders):
        for name in names:
            yield from folder.rglob(name)


def _take(files: list[Path], limit: int, seen: set[bytes]) -> Iterator[str]:
    for file in files:
        text = _text(file)
        digest = hashlib.sha256(text.encode()).digest()
        if text and digest not in seen and limit >= len(text.encode()):
            seen.add(digest)
            limit -= len(text.encode())
            yield text


def _text(file: Path) -> str:
    """The text in a file, or nothing if it holds none."""
    try:
        if not file.is_file() or file.is_symlink() or file.stat().st_size > LARGEST:
            return ""
        data = file.read_bytes()
        text = (gzip.decompress(data) if file.suffix == ".gz" else data).decode()
    except (OSError, EOFError, UnicodeDecodeError):
        return ""
    return "" if "\0" in text else text


def show(corpus: Corpus) -> None:
    """Print what a corpus is made of."""
    for name, (count, size) in corpus.composition.items():
        print(f"{name:15} {count:7,} documents {size / 1e6:7.1f} MB")
    print(f"{'all':15} {len(corpus.documents):7,} documents {corpus.size / 1e6:7.1f} MB")
