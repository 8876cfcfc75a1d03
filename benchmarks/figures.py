"""Medians, 95th percentiles and one table: what the benchmarks print."""

from __future__ import annotations

import json
import math
import statistics
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Row:
    """One line of a table; times in milliseconds."""

    name: str
    median: float
    p95: float
    ratio: float
    repeats: int


def row(name: str, seconds: Sequence[float], ratio: float) -> Row:
    """Sum up some timings, given in seconds."""
    return Row(name, statistics.median(seconds) * 1000, p95(seconds) * 1000, ratio, len(seconds))


def ratio(seconds: Sequence[float], base: Sequence[float]) -> float:
    """How many times the median of `base` the median of `seconds` is."""
    return statistics.median(seconds) / statistics.median(base)


def p95(values: Sequence[float]) -> float:
    """The smallest value that 95 % of the values do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def show(title: str, rows: Iterable[Row], *, as_json: bool) -> None:
    """Print the rows, as a table or as one JSON object."""
    rows = list(rows)
    if as_json:
        print(json.dumps({"title": title, "rows": [asdict(one) for one in rows]}))
        return
    width = max(len(one.name) for one in rows)
    print(f"{title}\n\n{'':{width}}  median ms    p95 ms   ratio  n")
    for one in rows:
        figures = f"{one.median:9.1f} {one.p95:9.1f} {one.ratio:7.1f}x {one.repeats:2}"
        print(f"{one.name:{width}}  {figures}")
