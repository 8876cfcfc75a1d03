"""Two versions of a file, compared."""

from nanolab.diffs import Kind, by_function, compare, lines, normalize

CODE = """import os


def double(number):
    return number * 2


class Bag:
    size = 0

    def add(self, one):
        self.size += one


def last():
    return "end"
"""


def rows(diff):
    """Every row as (kind, left text, right text)."""
    return [
        (row.kind.value, row.left and row.left.text, row.right and row.right.text)
        for hunk in diff.hunks
        for row in hunk.rows
    ]


def test_a_text_does_not_differ_from_itself():
    diff = compare(CODE, CODE)
    assert diff.same
    assert diff.folded == len(CODE.splitlines())


def test_two_empty_texts_do_not_differ():
    assert compare("", "").same
    assert compare("", "\n").hunks[0].rows[0].kind is Kind.ADDED


def test_line_endings_and_the_last_newline_do_not_count():
    assert compare("a\r\nb\r\n", "a\nb").same
    assert compare("a\rb", "a\nb\n").same


def test_a_form_feed_or_a_line_separator_ends_no_line():
    assert [line.text for line in lines("a\x0cb\u2028c\nd")] == ["a\x0cb\u2028c", "d"]


def test_numbers_count_from_one_on_each_side():
    (hunk,) = compare("a\nc\n", "a\nb\nc\n").hunks
    assert [row.left and row.left.number for row in hunk.rows] == [1, None, 2]
    assert [row.right and row.right.number for row in hunk.rows] == [1, 2, 3]


def test_in_a_changed_line_the_words_that_differ_are_marked():
    (hunk,) = compare("return number + 1\n", "return number * 10\n").hunks
    (row,) = hunk.rows
    assert row.kind is Kind.CHANGED
    assert [row.left.text[a:b] for a, b in row.left.marks] == ["+", "1"]
    assert [row.right.text[a:b] for a, b in row.right.marks] == ["*", "10"]


def test_an_indentation_that_grew_is_marked():
    (hunk,) = compare("    x = f(1)\n", "        x = f(1)\n").hunks
    assert hunk.rows[0].right.marks == ((0, 8),)


def test_lines_that_are_strangers_stand_alone():
    diff = compare("import os\n", "return total\n")
    assert rows(diff) == [("removed", "import os", None), ("added", None, "return total")]


def test_similar_lines_find_each_other_over_a_new_one():
    left = "for w in words:\n    total += w\n"
    right = "for word in words:\n    # every word counts\n    total += word\n"
    assert [kind for kind, _, _ in rows(compare(left, right))] == ["changed", "added", "changed"]


def test_unchanged_lines_far_from_a_change_are_folded_and_counted():
    left = [f"line {number}" for number in range(1, 31)]
    right = [*left[:14], "something else", *left[15:]]
    diff = compare("\n".join(left), "\n".join(right))
    (hunk,) = diff.hunks
    assert (hunk.folded, diff.folded) == (11, 12)
    assert sum(row.kind is Kind.SAME for row in hunk.rows) == 6


def test_two_changes_far_apart_make_two_hunks():
    left = [f"line {number}" for number in range(30)]
    right = ["changed!", *left[1:29], "changed!"]
    diff = compare("\n".join(left), "\n".join(right), context=1)
    assert [hunk.folded for hunk in diff.hunks] == [0, 26]


def test_a_large_file_is_compared_in_no_time():
    left = "\n".join(f"value_{number} = {number}" if number % 3 else "" for number in range(60_000))
    assert compare(left, left.replace("= 100\n", "= 101\n")).count(Kind.CHANGED) == 1


def test_a_very_long_line_is_compared_whole():
    (hunk,) = compare("x" * 100_000, "x " * 50_000).hunks
    assert [row.kind for row in hunk.rows] == [Kind.REMOVED, Kind.ADDED]


def test_a_large_block_is_paired_from_the_top():
    left = "\n".join(f"a_{number} = {number}" for number in range(60))
    right = "\n".join(f"b_{number} = {number}" for number in range(60))
    assert compare(left, right).count(Kind.CHANGED) == 60


def test_parts_carry_qualified_names_and_the_rest_comes_last():
    parts = by_function(CODE, CODE.replace("number * 2", "number + number"))
    assert [part.name for part in parts] == ["double", "Bag", "Bag.add", "last", ""]
    assert [part.name for part in parts if not part.diff.same] == ["double"]


def test_a_part_keeps_the_line_numbers_of_its_file():
    (part,) = [one for one in by_function(CODE, CODE.replace("+= one", "= one")) if one.diff.hunks]
    assert part.name == "Bag.add"
    assert [row.left.number for row in part.diff.hunks[0].rows] == [11, 12]


def test_a_function_that_only_one_side_has_is_a_part_too():
    parts = by_function(CODE + "def extra(): ...\n", CODE)
    assert rows(next(one for one in parts if one.name == "extra").diff) == [
        ("removed", "def extra(): ...", None)
    ]


def test_a_decorator_belongs_to_its_function():
    parts = by_function("@cache\ndef f(): ...\n", "def f(): ...\n")
    assert rows(parts[0].diff)[0] == ("removed", "@cache", None)


def test_without_python_on_both_sides_the_file_is_one_part():
    (part,) = by_function("def broken(:\n", CODE)
    assert part.name == ""
    assert not part.diff.same


def test_names_comments_and_docstrings_do_not_change_the_structure():
    one = 'def f(a, b=1):\n    """Add."""\n    total = a + b  # sum\n\n    return total\n'
    other = "def f(x, y=1):\n    s = x + y\n    return s\n"
    assert normalize(one) == normalize(other)


def test_another_operation_is_another_structure():
    assert normalize("def f(a, b): return a - b") != normalize("def f(a, b): return b - a")


def test_names_from_outside_a_function_stay():
    text = normalize("LIMIT = 3\ndef f(words): return len(words) < LIMIT\n")
    assert text == "LIMIT = 3\n\ndef f(v1):\n    return len(v1) < LIMIT\n"


def test_inner_functions_share_the_names_of_the_outer_one():
    one = "def f(a):\n    def g(b):\n        nonlocal a\n        a += b\n    return g\n"
    other = "def f(x):\n    def add(y):\n        nonlocal x\n        x += y\n    return add\n"
    assert normalize(one) == normalize(other)


def test_exception_and_match_names_are_locals():
    one = "def f(a):\n    try: a()\n    except OSError as error: return error\n"
    assert normalize(one) == normalize(one.replace("error", "problem"))
    two = "def f(a):\n    match a:\n        case [first]: return first\n"
    assert normalize(two) == normalize(two.replace("first", "head"))


def test_a_function_of_only_a_docstring_still_parses():
    assert normalize('def f():\n    """Nothing."""\n') == "def f():\n    pass\n"
    assert normalize('"""Only a docstring."""\n') == "\n"


def test_what_does_not_parse_has_no_structure():
    assert normalize("def f(:\n") is None
    assert normalize("x = '\x00'") is None
    assert normalize("x = " + "-" * 100_000 + "1") is None


def test_an_odd_escape_in_a_string_warns_nobody():
    assert normalize("x = '\\d'\n") == "x = '\\\\d'\n"
