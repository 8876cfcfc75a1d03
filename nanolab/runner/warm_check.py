"""A check of nothing: run once in each worker before its job, so that the job meets no first use."""

from __future__ import annotations

import pytest


def probe(module: object) -> object:
    """Nothing to probe."""
    return module


def test_passes() -> None:
    """One of each thing that checks do."""
    assert [1, 2] == [1, 2]
    with pytest.raises(ValueError, match="no"):
        raise ValueError("no")


def test_fails() -> None:
    """A failure costs more than a pass, the first one above all."""
    left, right = {"a": 1}, {"a": 2}
    assert left == right, "warm"
