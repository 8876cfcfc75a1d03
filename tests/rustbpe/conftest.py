"""What the tests of the crate share."""

import contextlib
import os
import shutil
import signal
import threading

import pytest

TEXTS = (
    "The quick brown fox jumps over the lazy dog. The dog doesn't mind; it's asleep.\n\n",
    "def merge(ids, pair):\n    while pair in ids:\n\t\tids = replace(ids, pair)\r\n    return ids  \n",
    "aaaaaaa aaaa aaa aa a ababababab banana bananas 1234567890 12345 1999 2024\n",
    "Größe, naïve café; I'LL'VE'RE 'S; it\u2019s — ½ cup ² Ⅷ, ٣٤٥\n",
    "Привет, мир! 你好,世界。こんにちは世界 नमस्ते दुनिया 😀👍🏽\n",
)
"""Texts in which everything that a pattern tells apart occurs."""


def pytest_collection_modifyitems(items):
    """Without Rust there is no crate to test; with it, a missing crate is a failure."""
    if shutil.which("cargo") is None:
        missing = pytest.mark.skip(reason="Rust is not installed; get it from https://rustup.rs")
        for item in items:
            item.add_marker(missing)


@pytest.fixture(scope="session")
def texts():
    """Some texts."""
    return TEXTS


@pytest.fixture(scope="session")
def tokenizer():
    """A tokenizer that has learned some merges."""
    from rustbpe import Tokenizer

    tokenizer = Tokenizer()
    tokenizer.train_from_iterator(TEXTS * 3, 400)
    return tokenizer


@pytest.fixture
def ctrl_c():
    """Presses Ctrl-C so many seconds into a block that must end by it; never after the block.

    A Ctrl-C that came late, because a fast machine was done before it, would end pytest itself.
    """

    @contextlib.contextmanager
    def pressed_after(seconds):
        timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                yield
        finally:
            timer.cancel()

    return pressed_after
