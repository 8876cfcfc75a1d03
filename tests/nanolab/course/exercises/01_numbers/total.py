"""All together: one number made of many.

Read: README.md, "Many numbers".
"""

from __future__ import annotations


def total(numbers: list[int]) -> int:
    """Add up the numbers: [1, 2, 3] becomes 6; an empty list becomes 0.

    Args:
        numbers: As many as you like, also none.
    """
    result = 0
    # TODO: add every number to the result. (2 lines)
    raise NotImplementedError
    return result
