"""A bare git repository as a shelf for files: commits on refs, and nothing else.

Objects go through gitdb, GitPython's object database. No git program, no process, no configuration
and no environment variable plays a part, and no other repository is ever touched. Any git can read
the shelf: `git --git-dir .nanolab/history.git log refs/exercises/01_welcome/hello`.
"""

from __future__ import annotations

import hashlib
import io
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any

from nanolab import storage
from nanolab.errors import WorkspaceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_AUTHOR = b"nanolab <nanolab@localhost>"
_CONFIG = b"[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


class DamagedStoreError(WorkspaceError):
    """An object or a ref of the store is missing or is not what git writes."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Files at a time, with a message; `parent` is empty for the first of a ref."""

    sha: str
    tree: str
    parent: str
    when: str
    message: str


class Store:
    """A bare repository, made when first written to.

    Args:
        root: Its directory.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def commit(self, ref: str, files: Mapping[str, bytes], message: str, when: str) -> None:
        """Add a commit to a ref.

        Args:
            ref: As in `refs/undo`.
            files: For each path, with slashes, its content.
            message: Any text.
            when: UTC, as in `2026-11-21T10:00:00Z`.

        Raises:
            DamagedStoreError: If the ref cannot be read.
            EnvironmentalError, WorkspaceError: If the store cannot be written.
        """
        self._lay_out()
        tree = self._put_tree({tuple(path.split("/")): data for path, data in files.items()})
        parent = self.tip(ref)
        stamp = int(datetime.strptime(when, _TIME).replace(tzinfo=timezone.utc).timestamp())
        lines = [b"tree " + tree.encode()]
        lines += [b"parent " + parent.encode()] if parent else []
        lines += [b"%s %s %d +0000" % (role, _AUTHOR, stamp) for role in (b"author", b"committer")]
        body = b"\n".join([*lines, b"", message.encode("utf-8", "replace")])
        self.move(ref, self._put(b"commit", body))

    def log(self, ref: str) -> Iterator[Commit]:
        """The commits of a ref, latest first; none if there is no such ref.

        Raises:
            DamagedStoreError: At the first that cannot be read.
        """
        sha = self.tip(ref)
        while sha:
            commit = self._commit(sha)
            yield commit
            sha = commit.parent

    def files(self, commit: Commit) -> dict[str, bytes]:
        """For each path of a commit, its content.

        Raises:
            DamagedStoreError: If one cannot be read.
        """
        return dict(self._walk(commit.tree, ""))

    def tip(self, ref: str) -> str:
        """The latest commit of a ref, as 40 hex digits; empty if there is no such ref.

        Raises:
            DamagedStoreError: If the ref is no such thing.
        """
        data = storage.read(self.root / ref)
        sha = (data or b"").decode("ascii", "replace").strip()
        if data is not None and not (len(sha) == 40 and set(sha) <= set("0123456789abcdef")):
            raise self._damaged(ref)
        return sha

    def move(self, ref: str, sha: str) -> None:
        """Let a ref point to a commit, or, with an empty `sha`, to nothing.

        Raises:
            EnvironmentalError, WorkspaceError: If it cannot be written.
        """
        path = self.root / ref
        with storage.translated(path):
            if not sha:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
        storage.write_atomic(path, f"{sha}\n".encode())

    @cached_property
    def _objects(self) -> Any:  # noqa: ANN401 - gitdb has no types
        import gitdb  # type: ignore[import-untyped]

        return gitdb.LooseObjectDB(str(self.root / "objects"))

    def _lay_out(self) -> None:
        if (self.root / "HEAD").exists():
            return
        with storage.translated(self.root):
            (self.root / "objects").mkdir(parents=True, exist_ok=True)
            (self.root / "refs").mkdir(exist_ok=True)
        storage.write_atomic(self.root / "config", _CONFIG)
        storage.write_atomic(self.root / "HEAD", b"ref: refs/heads/none\n")

    def _put(self, kind: bytes, data: bytes) -> str:
        """Store an object, safe from a power cut; its name."""
        import gitdb

        with storage.translated(self.root):
            stream = gitdb.IStream(kind, len(data), io.BytesIO(data))
            sha: str = self._objects.store(stream).hexsha.decode()
            storage.sync(self.root / "objects" / sha[:2] / sha[2:])
        return sha

    def _put_tree(self, files: Mapping[tuple[str, ...], bytes]) -> str:
        """Store a directory: `files` by the parts of their paths."""
        entries: dict[str, bytes] = {}
        for name in sorted({path[0] for path in files}):
            below = {path[1:]: data for path, data in files.items() if path[0] == name}
            mode, sha = (
                (b"100644", self._put(b"blob", below[()]))
                if () in below
                else (b"40000", self._put_tree(below))
            )
            entries[name] = b"%s %s\0%s" % (mode, name.encode(), bytes.fromhex(sha))
        return self._put(b"tree", b"".join(entries.values()))

    def _get(self, kind: bytes, sha: str) -> bytes:
        """The content of an object, checked against its name."""
        from gitdb.exc import ODBError  # type: ignore[import-untyped]

        try:
            stream = self._objects.stream(bytes.fromhex(sha))
            data: bytes = stream.read()
        except (ODBError, OSError, ValueError, IndexError, zlib.error) as error:
            raise self._damaged(sha) from error
        whole = b"%s %d\0%s" % (kind, len(data), data)
        if hashlib.sha1(whole, usedforsecurity=False).hexdigest() != sha:
            raise self._damaged(sha)
        return data

    def _commit(self, sha: str) -> Commit:
        head, _, message = self._get(b"commit", sha).decode().partition("\n\n")
        fields = dict(line.split(" ", 1) for line in head.splitlines())
        stamp = int(fields["committer"].split()[-2])
        when = datetime.fromtimestamp(stamp, timezone.utc).strftime(_TIME)
        return Commit(sha, fields["tree"], fields.get("parent", ""), when, message)

    def _walk(self, tree: str, prefix: str) -> Iterator[tuple[str, bytes]]:
        data = self._get(b"tree", tree)
        while data:
            header, _, rest = data.partition(b"\0")
            mode, _, name = header.partition(b" ")
            path, sha, data = prefix + name.decode(), rest[:20].hex(), rest[20:]
            if mode == b"40000":
                yield from self._walk(sha, path + "/")
            else:
                yield path, self._get(b"blob", sha)

    def _damaged(self, what: str) -> DamagedStoreError:
        return DamagedStoreError(
            f"The history in {self.root} is damaged: {what} cannot be read.",
            "The next tested version starts a new one and keeps this one beside it.",
        )
