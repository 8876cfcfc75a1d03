"""Loud words: capitals, and marks in pairs.

Read: README.md, "Loud".
"""

from __future__ import annotations

from mini.numbers.double import double

MARK = "!"


def shout(word: str, marks: int) -> str:
    """Say the word in capitals, with twice as many marks: ("hi", 1) becomes "HI!!".

    Args:
        word: What to say.
        marks: Half the number of marks, 0 or more.
    """
    # TODO: put double(marks) marks behind the word in capitals. (1 line)
    raise NotImplementedError
