"""Judges mini.words.shout."""

from kit.calls import value
from mini.words.shout import shout


def test_a_shout_is_in_capitals():
    """A shout is in capitals.

    Kills whispers.
    """
    assert shout("hi", 0) == "HI", "capitals make it loud"


def test_one_mark_becomes_two():
    """One mark becomes two.

    Kills single_marks.
    """
    assert shout("hi", 1) == "HI!!", "marks come in pairs"


def test_the_marks_come_last():
    """The marks come last.

    Kills marks_first.
    """
    assert shout("no", 2) == "NO!!!!", "first the word, then the marks"


def test_no_word_is_only_marks():
    """No word is only marks."""
    assert shout("", 1) == "!!", "an empty word has no letters to raise"


def probe(module):
    """A few shouts."""
    calls = (("hi", 0), ("hi", 1), ("no", 2), ("", 1))
    return tuple(value(module.shout, *call) for call in calls)
