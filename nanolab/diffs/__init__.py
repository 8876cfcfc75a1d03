"""How two versions of a file differ, as values; drawing them is `views.diff`'s."""

from nanolab.diffs.parts import Part, by_function
from nanolab.diffs.rows import Diff, Hunk, Kind, Line, Row, compare, lines
from nanolab.diffs.structure import normalize

__all__ = [
    "Diff",
    "Hunk",
    "Kind",
    "Line",
    "Part",
    "Row",
    "by_function",
    "compare",
    "lines",
    "normalize",
]
