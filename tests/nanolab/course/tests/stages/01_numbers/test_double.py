"""Judges mini.numbers.double."""

from mini.numbers.double import double


def test_one_becomes_two():
    """One becomes two.

    Kills hard_coded and squares.
    """
    assert double(1) == 2, "twice one is two"


def test_a_large_number_doubles_too():
    """A large number doubles too.

    Kills adds_two.
    """
    assert double(50) == 100, "doubling multiplies: it adds the number itself, not two"


def test_a_number_below_zero_goes_further_below():
    """A number below zero goes further below."""
    assert double(-3) == -6, "the double of a negative number is negative"


def probe(module):
    """The doubles of a few numbers."""
    return tuple(_value(module, number) for number in (0, 1, 2, 50, -3))


def _value(module, number):
    try:
        return module.double(number)
    except Exception as error:
        return ("raises", type(error).__name__)
