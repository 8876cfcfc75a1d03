"""Judges mini.numbers.total."""

from mini.numbers.total import total


def test_one_number_is_its_own_total():
    """One number is its own total.

    Kills starts_at_one.
    """
    assert total([5]) == 5, "with a single number there is nothing to add to it"


def test_every_number_counts():
    """Every number counts.

    Kills keeps_last and stops_early.
    """
    assert total([1, 2, 4]) == 7, "each number adds to what came before"


def test_no_numbers_make_zero():
    """No numbers make zero."""
    assert total([]) == 0, "a total begins at zero"


def probe(module):
    """The totals of a few lists."""
    return tuple(_value(module, numbers) for numbers in ([], [5], [1, 2, 4]))


def _value(module, numbers):
    try:
        return module.total(numbers)
    except Exception as error:
        return ("raises", type(error).__name__)
