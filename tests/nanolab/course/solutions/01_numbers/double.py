"""Twice as much: the smallest function that does something.

Read: README.md, "One number".
"""

from __future__ import annotations


def double(number: int) -> int:
    """Give twice the number: 3 becomes 6.

    Args:
        number: Any whole number, also below 0.
    """
    # Times, not plus: the two agree only at number == 2.
    return number * 2
