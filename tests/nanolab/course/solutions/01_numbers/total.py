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
    # With no numbers the loop never runs, and the result is still 0.
    for number in numbers:
        result += number
    return result
