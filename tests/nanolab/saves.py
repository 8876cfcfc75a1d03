"""Saves as editors make them: `from saves import in_place`."""

from __future__ import annotations

import os
import time


def in_place(path, text):
    path.write_text(text)


def atomically(path, text):
    """As VS Code and many others: write beside it, then take its place."""
    beside = path.with_name(f".{path.name}.tmp")
    beside.write_text(text)
    beside.replace(path)


def as_vim(path, text):
    """The old file steps aside, a new one is written, the old one goes."""
    backup = path.with_name(f"{path.name}~")
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def in_pieces(path, text):
    """A slow editor: the file is empty, then half, then whole."""
    with path.open("w") as file:
        for piece in ("", text[: len(text) // 2], text[len(text) // 2 :]):
            file.write(piece)
            file.flush()
            time.sleep(0.002)


def as_emacs(path, text):
    """A lock that is a link to nowhere, a backup, and then the file itself in place."""
    lock = path.with_name(f".#{path.name}")
    lock.symlink_to("somebody@somewhere.1:1")
    path.with_name(f"{path.name}~").write_bytes(path.read_bytes())
    path.write_text(text)
    lock.unlink()


def with_a_gap(path, text):
    """The file is gone for longer than anybody waits for it."""
    path.unlink()
    time.sleep(0.15)
    path.write_text(text)


def on_a_coarse_clock(path, text):
    """As on a file system that knows whole seconds only: the same time, the same size."""
    path.write_text(text)
    seconds = int(time.time())
    os.utime(path, (seconds, seconds))
