"""Saves as editors make them: `from saves import in_place`."""

from __future__ import annotations

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
