"""Named wrong answers: edits of a solution."""

import pytest

from nanolab.wrongs import wrong

SOLUTION = "def area(width, height):\n    return width * height\n"


def test_an_edit_makes_the_wrong_answer():
    slip = wrong("perimeter", "adds the sides", ("width * height", "width + height"))
    assert slip.apply(SOLUTION) == "def area(width, height):\n    return width + height\n"


def test_edits_are_made_one_after_another():
    slip = wrong("two_steps", "goes astray twice", ("*", "+"), ("width + height", "2 + 2"))
    assert slip.apply(SOLUTION).endswith("return 2 + 2\n")


def test_the_old_text_must_stand_in_the_solution():
    slip = wrong("no_scale", "leaves out the scale", ("* scale", ""))
    with pytest.raises(ValueError, match=r"'no_scale': found 0 times, not once: '\* scale'"):
        slip.apply(SOLUTION)


def test_the_old_text_must_stand_there_only_once():
    slip = wrong("squares", "squares the width", ("height", "width"))
    with pytest.raises(ValueError, match="found 2 times"):
        slip.apply(SOLUTION)


def test_a_wrong_answer_may_be_one_that_no_check_can_tell():
    slip = wrong("swapped", "swaps the factors", equivalent="multiplication commutes")
    assert slip.equivalent == "multiplication commutes"
    assert slip.apply(SOLUTION) == SOLUTION
