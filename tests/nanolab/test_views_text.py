"""Text made harmless, measured, wrapped and shortened; short Markdown as plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from screens import look

from nanolab.views.prose import prose
from nanolab.views.text import (
    around,
    cells,
    clean,
    excerpt,
    fit,
    middle,
    one_line,
    shared,
    to_ascii,
    visible,
    wrap,
)


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[H", ""),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended\nnext line", "\nnext line"),
        ("\x9b31mred", "red"),
        ("\x9d0;title\x9ctext", "text"),
        ("\x1b", ""),
        ("a\x00b\x07c\x08d\x7fe", "abcde"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("a\r\nb", "a\nb"),
        ("1%\r50%\r100%", "100%"),
        ("1%\r50%\r", "50%"),
        ("\u202eevil\u202c", "evil"),
        ("\ud800", "?"),
        ("[/INST] x[b] [red]", "[/INST] x[b] [red]"),
    ],
)
def test_only_what_a_terminal_draws_is_left(raw, left):
    assert clean(raw) == left


@given(st.text())
def test_no_text_keeps_a_control_character(text):
    left = clean(text)
    assert not [one for one in left if ord(one) < 32 and one not in "\n\t"]
    assert not [one for one in left if 127 <= ord(one) < 160]
    left.encode("utf-8")


def test_clean_is_fast_on_a_flood():
    assert len(clean("x" * 1_000_000 + "\r" + "\x1b]" * 100_000)) == 1_000_000


def test_in_source_every_column_stays():
    assert visible("a\x1bb\tc\u202e\ud800") == "a\ufffdb\tc\ufffd?"


def test_a_short_text_is_its_own_excerpt():
    part = excerpt("one\ntwo\n", 3)
    assert (part.head, part.hidden, part.tail) == ("one\ntwo", 0, "")


def test_of_a_long_text_more_of_the_end_is_kept():
    part = excerpt("\n".join(str(number) for number in range(100)), 9)
    assert (part.head, part.hidden, part.tail) == ("0\n1\n2", 92, "95\n96\n97\n98\n99")


def test_wide_characters_take_two_columns():
    assert cells("ab") == 2
    assert cells("汉字") == 4
    assert cells("e\u0301") == 1


def test_fit_is_exact_even_beside_a_wide_character():
    assert fit("汉字x", 4) == "汉… "
    assert fit("ab", 4) == "ab  "
    assert fit("abcdef", 4) == "abc…"
    assert fit("abcdef", 2, "...") == "ab"


@pytest.mark.parametrize(
    ("at", "part", "column"),
    [(0, "abc…", 0), (2, "…bcd…", 2), (5, "…efg…", 2), (9, "…ij", 2), (10, "…j", 2)],
)
def test_of_a_long_text_what_stands_around_a_place_is_kept(at, part, column):
    assert around("abcdefghij", at, 5) == (part, column)
    assert around("abc", 2, 5) == ("abc", 2)


@given(st.text(max_size=40), st.integers(0, 40), st.integers(5, 30))
def test_what_stands_around_a_place_fits_and_has_it_in_its_column(text, at, width):
    at = min(at, len(text))
    part, column = around(text, at, width)
    assert cells(part) <= width
    assert column <= cells(part)


def test_lines_become_one_and_keep_their_spaces():
    assert one_line('  greet("  Ada ")\n\n   strips\t') == 'greet("  Ada ") strips'


@given(st.text("ab", max_size=9), st.text("ab", max_size=9))
def test_what_two_texts_share_is_their_longest_common_beginning(one, other):
    count = shared(one, other)
    assert one[:count] == other[:count]
    assert one[count : count + 1] != other[count : count + 1] or count == len(one) == len(other)


def test_a_long_text_loses_its_middle():
    assert middle("abcdefghij", 5) == "ab…ij"
    assert middle("abc", 5) == "abc"


def test_how_much_two_texts_share():
    assert shared("hello", "help") == 3
    assert shared("", "x") == 0


def test_words_wrap_and_long_ones_break():
    assert wrap("one two three", 8) == ["one two", "three"]
    assert wrap("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrap("ok abcdefghij", 4) == ["ok", "abcd", "efgh", "ij"]
    assert wrap("", 8) == [""]


def test_a_script_without_spaces_breaks_anywhere():
    assert wrap("你好世界你好", 5) == ["你好", "世界", "你好"]


@given(st.text(), st.integers(2, 30))
def test_no_wrapped_line_is_too_wide(text, width):
    assert all(cells(line) <= width for line in wrap(text, width))


def test_ascii_keeps_the_shape_of_a_drawing():
    assert to_ascii("├──→ “é” 汉") == '+--> "?" ?'


def test_prose_wraps_paragraphs_and_keeps_code():
    text = "Take the words\none by one:\n\n```python\nfor word in words:\n    n += 1\n```\nDone."
    assert prose(text, look(width=20)) == (
        "Take the words one\nby one:\n\n    for word in words:\n        n += 1\n\nDone."
    )


def test_prose_hangs_the_lines_of_an_item_under_its_first():
    assert prose("- a bee and a sea\n- two", look(width=10)) == "• a bee\n  and a\n  sea\n• two"
    assert prose("- one", look("ascii")) == "* one"
    assert prose("10. ten", look()) == "10. ten"


def test_prose_marks_code_by_backticks_or_by_colour():
    assert prose("use `a b`, *never* **that**", look()) == "use `a b`, never that"
    coloured = prose("use `a b`", look("colour"))
    assert coloured == "use \x1b[36ma b\x1b[0m"


def test_prose_does_not_take_multiplication_for_emphasis():
    assert prose("2 * 3 * 4 and `a*b*c`", look()) == "2 * 3 * 4 and `a*b*c`"
