"""The autopsy: what a difference between two tensors tells."""

from __future__ import annotations

import math

import pytest

from nanolab.autopsy import alike, compare, safe_repr
from nanolab.expect import Mismatch, attempt, close, equal

torch = pytest.importorskip("torch")


def text(actual, expected, **kwargs):
    return compare(actual, expected, **kwargs).text


def test_equal_tensors_have_no_difference():
    assert compare(torch.ones(2, 3), torch.ones(2, 3)) is None


def test_nan_where_nan_is_right_is_no_difference():
    assert compare(torch.tensor([math.nan]), torch.tensor([math.nan])) is None


def test_a_wrong_shape_names_the_axes_and_their_order():
    assert "the axes are in another order" in text(torch.ones(3, 2), torch.ones(2, 3), axes="B T")
    assert "(B, T)" in text(torch.ones(3, 2), torch.ones(2, 3), axes="B T")
    assert "laid out differently" in text(torch.ones(6), torch.ones(2, 3))


def test_a_wrong_dtype_is_named():
    assert text(torch.ones(2), torch.ones(2).double()) == "dtype float32 instead of float64"


def test_the_first_wrong_index_has_a_meaning():
    right = torch.zeros(2, 4)
    ours = right.clone()
    ours[1, 2] = 0.5
    found = text(ours, right, axes="B T")
    assert "1 of 8 numbers differ" in found
    assert "first at B=1, T=2: 0.5 instead of 0" in found


def test_nan_is_counted():
    assert "1 is NaN" in text(torch.tensor([math.nan, 1.0]), torch.tensor([0.0, 1.0]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x.T, "it is the transpose"),
        (lambda x: x * 3, "every number is 3 times"),
        (lambda x: x.roll(1, 0), "one step late along axis 0"),
        (lambda x: x.roll(-1, 1), "one step early along axis 1"),
        (lambda x: torch.diag(x.diag()), "only the diagonal is right"),
    ],
)
def test_common_relations_are_recognised(change, words):
    right = torch.arange(1.0, 17.0).reshape(4, 4) ** 2
    assert words in text(change(right), right)


def test_the_map_shows_where():
    right = torch.zeros(4, 4)
    ours = right.clone()
    ours[0] = torch.tensor([0.0, 1.0, 1.0, 1.0])
    assert text(ours, right).splitlines()[-4:] == [
        "  . # # #",
        "  . . . .",
        "  . . . .",
        "  . . . .",
    ]


def test_something_that_is_no_tensor_is_called_so():
    assert "this is a list" in text([1.0], torch.ones(1))


def test_a_single_number_differs_too():
    assert "the only number: 2 instead of 1" in text(torch.tensor(2.0), torch.tensor(1.0))


def test_large_tensors_are_mapped_small():
    right = torch.zeros(1000, 1000)
    ours = right.clone()
    ours[:500] = 1
    assert len(text(ours, right).splitlines()) < 16


def test_numbers_are_close_within_the_tolerance():
    close(1.0 + 1e-9, 1.0, "near enough")
    with pytest.raises(Mismatch) as caught:
        close(1.1, 1.0, "one is one")
    assert (str(caught.value), caught.value.expected, caught.value.actual) == (
        "one is one",
        "1.0",
        "1.1",
    )


def test_equal_minds_the_type():
    equal([1], [1], "same")
    with pytest.raises(Mismatch):
        equal((1,), [1], "a list, not a tuple")


def test_an_attempt_gives_the_value_or_the_name_of_the_exception():
    assert attempt(int, "12", base=8) == 10
    assert attempt(int, "x") == ("raises", "ValueError")


def test_an_attempt_at_unfinished_code_stays_unfinished():
    def stub():
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        attempt(stub)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ((1, 2.0), (1, 2.0 + 1e-9), True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False),
        (True, 1, False),
        ([1], (1,), False),
        (math.nan, math.nan, True),
        (("raises", "KeyError"), ("raises", "KeyError"), True),
        (torch.ones(2), torch.ones(2), True),
        (torch.ones(2), [1.0, 1.0], False),
    ],
)
def test_alike(a, b, same):
    assert alike(a, b) is same


def test_a_repr_that_raises_or_floods_is_tamed():
    class Rude:
        def __repr__(self):
            raise ValueError

    assert safe_repr(Rude()) == "<Rude whose repr raises ValueError>"
    assert len(safe_repr("x" * 10**6)) < 2100
