"""The screens, as text: what stands on them, and that nothing breaks them."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, Group
from rich.text import Text
from screens import MODES, at_widths, compare, draw, look

from nanolab import diffs, manifest
from nanolab import progress as learner
from nanolab.verdict import Check, Diagnosis, Frame, Outcome, Verdict
from nanolab.views import plain
from nanolab.views.diff import SIDE_BY_SIDE, _coloured, diff_view, part_view
from nanolab.views.lesson import lesson_view
from nanolab.views.look import ASCII, UNICODE, glyphs_for
from nanolab.views.place import place
from nanolab.views.verdict import check_line, headline, seconds, verdict_view

ROOT = Path("/home/ada/lab")
FILE = str(ROOT / "exercises/05_gpt/attention.py")
TINY = (20, 5, 1)


def frame(line, code, column=0):
    return Frame(FILE, line, "attend", code, column)


PASSED = Check("test_shape", "keeps the shape", Outcome.PASSED)
SCALE = Check(
    "test_scale",
    "scales the scores by the size of a head",
    Outcome.FAILED,
    message="with larger heads the softmax must not become sharper",
    expected="shape (2, 4, 8, 16), float32, in [-1.2, 1.3]",
    actual="shape (2, 4, 8, 16), float32, in [-4.1, 5.2]",
    autopsy="512 of 1024 values differ\nthe values are 4 times those expected\n  T\\D 0 1\n  0   . x",
    frames=(frame(31, "return softmax(scores) @ v"),),
)
FAILED = Verdict(
    "05_gpt/attention",
    "exercises",
    Outcome.FAILED,
    (PASSED, PASSED, SCALE, SCALE, SCALE),
    6,
    output="\n".join(f"step {number}" for number in range(30)),
    diagnosis=Diagnosis("no_scale", "leaves out the 1/sqrt(D) scale"),
    seconds=0.05,
)
STUB = replace(SCALE, outcome=Outcome.UNFINISHED)


def ended(outcome, **more):
    """A verdict of any other outcome."""
    return replace(FAILED, outcome=outcome, checks=(), output="", diagnosis=None, **more)


OUTCOMES = {
    Outcome.PASSED: ended(Outcome.PASSED),
    Outcome.FAILED: replace(FAILED, output=""),
    Outcome.UNFINISHED: replace(ended(Outcome.UNFINISHED), checks=(STUB,)),
    Outcome.ERROR: ended(Outcome.ERROR, reason="ImportError: no module named tokens"),
    Outcome.TIMEOUT: replace(
        ended(Outcome.TIMEOUT, reason="It was stopped after 10 s.", place=frame(17, "while True:")),
        checks=(PASSED, PASSED),
    ),
    Outcome.MEMORY: ended(Outcome.MEMORY, reason="It wanted more than 2 GB."),
    Outcome.CRASHED: ended(Outcome.CRASHED, reason="The code left by os._exit(0)."),
    Outcome.BROKEN: ended(
        Outcome.BROKEN,
        reason="SyntaxError: expected ':'",
        place=frame(12, "    def attend(q, k, v)", 24),
    ),
    Outcome.CANCELLED: ended(Outcome.CANCELLED, reason="A newer save took its place."),
    Outcome.UNAVAILABLE: ended(
        Outcome.UNAVAILABLE, reason="It needs cargo: install Rust from https://rustup.rs"
    ),
}

YOURS = '''"""Pairs."""

from collections import Counter
from itertools import pairwise


def count_pairs(words):
    """Count each pair of neighbours.

    Overlapping pairs all count.
    """
    pairs = Counter()
    for w in words:
        for i in range(len(w) - 1):
            pairs[w[i], w[i + 1]] += words[w]
    return pairs
'''
SOLUTION = YOURS.replace(
    """    for w in words:
        for i in range(len(w) - 1):
            pairs[w[i], w[i + 1]] += words[w]
""",
    """    for word, occurrences in words.items():
        # pairwise of a single token is empty, so a one-token word needs no special case
        for pair in pairwise(word):
            pairs[pair] += occurrences
""",
)

LESSON = """# Numbers

A number is **what you count with**. See `double`.

```python
def double(number):
    return number * 2  # twice
```

- one
- two, with a [link](https://example.org)

> Said quietly.

## Questions

1. Why?
"""

HINT = """Start from an **empty** counter:

```python
pairs = Counter()
```

- pairs overlap, so `(7, 7, 7)` holds the pair `(7, 7)` twice, which is easily forgotten
"""


@pytest.fixture
def begun():
    """Progress in every state: one passed, one tried, the rest untouched."""
    entries = {
        "01_numbers/double": learner.Entry(passed=True, attempts=2),
        "01_numbers/total": learner.Entry(attempts=3, hints_used=1),
    }
    return learner.Progress(entries=entries, current="01_numbers/total")


def text_of(renderable, width=80, mode="no_color", root=ROOT):
    return draw(renderable, look(mode, width, root))


# Golden screens.


@pytest.mark.parametrize("mode", MODES)
def test_a_failure_on_the_screen(mode, record_screens):
    def make(one):
        return verdict_view(FAILED, one, reveal_slip=True, output_lines=6)

    compare(f"verdict_failed_{mode}", at_widths(make, mode, ROOT), record=record_screens)


@pytest.mark.parametrize("mode", MODES)
def test_every_outcome_on_the_screen(mode, record_screens):
    def make(one):
        views = [verdict_view(verdict, one) for verdict in OUTCOMES.values()]
        return Group(*(part for view in views for part in (view, Text())))

    assert set(OUTCOMES) == set(Outcome)
    compare(f"verdict_outcomes_{mode}", at_widths(make, mode, ROOT), record=record_screens)


@pytest.mark.parametrize("mode", MODES)
def test_a_diff_on_the_screen(mode, record_screens):
    def make(one):
        return diff_view(diffs.compare(YOURS, SOLUTION), YOURS, SOLUTION, one)

    compare(f"diff_{mode}", at_widths(make, mode), record=record_screens)


@pytest.mark.parametrize("mode", MODES)
def test_a_lesson_on_the_screen(mode, record_screens):
    def make(one):
        return lesson_view(LESSON, one)

    compare(f"lesson_{mode}", at_widths(make, mode), record=record_screens)


@pytest.mark.parametrize("mode", MODES)
def test_a_glance_on_the_screen(mode, mini, begun, record_screens):
    exercise = mini.exercises[0]

    def make(one):
        return "\n\n".join(
            (
                plain.list_text(mini, begun, mini.stages, one),
                plain.map_text(mini, begun, one),
                plain.status_text(mini, begun, one),
                plain.hint_text(exercise, (HINT, "more", "all"), 1, one),
            )
        )

    compare(f"glance_{mode}", at_widths(make, mode), record=record_screens)


# Verdicts.


def test_the_message_stands_above_the_values_and_the_values_above_the_frames():
    text = text_of(verdict_view(FAILED, look(root=ROOT)))
    order = [
        "step 29",
        SCALE.title,
        SCALE.message,
        "expected",
        "actual",
        "512 of",
        "attention.py:31",
    ]
    places = [text.index(one) for one in [*order, "2 of 6 checks passed; 3 not shown"]]
    assert places == sorted(places)


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.MEMORY, Outcome.CRASHED])
def test_a_run_that_was_stopped_still_shows_the_check_that_failed_before(outcome):
    stopped = ended(outcome, reason="It was stopped after 10 s.", place=frame(17, "while True:"))
    text = text_of(verdict_view(replace(stopped, checks=(PASSED, SCALE)), look()))
    parts = ["It was stopped after 10 s.", "while True:", "Before that:", SCALE.title, "sharper"]
    assert sorted(parts, key=text.index) == parts
    assert "Before that" not in text_of(verdict_view(replace(stopped, checks=(PASSED,)), look()))


def test_the_slip_is_told_only_when_it_is_asked_for():
    one = look()
    assert "1/sqrt(D)" not in text_of(verdict_view(FAILED, one))
    assert "Your code leaves out the 1/sqrt(D) scale." in text_of(
        verdict_view(FAILED, one, reveal_slip=True)
    )


def test_a_learners_text_is_never_markup():
    wild = "[/INST] x[b] [red]\x1b[31m\x1b]0;title\x07"
    check = replace(
        SCALE, title=wild, message=wild, expected=wild, actual=wild, autopsy=wild,
        frames=(Frame(FILE, 1, wild, wild),),
    )  # fmt: skip
    verdict = replace(FAILED, checks=(check,), output=wild, diagnosis=Diagnosis("a", wild))
    for mode in MODES:
        text = draw(verdict_view(verdict, look(mode), reveal_slip=True), look(mode))
        assert "title" not in text
        assert re.sub(r"\x1b\[[0-9;]*m", "", text).count("[/INST] x[b] [red]") == 9
    assert "\x1b" not in text_of(verdict_view(verdict, look()))


def test_an_unfinished_stub_is_told_what_to_do():
    text = text_of(verdict_view(OUTCOMES[Outcome.UNFINISHED], look(root=ROOT)))
    assert "Replace the TODO at line 31, then save." in text
    assert "exercises/05_gpt/attention.py:31" in text
    bare = replace(OUTCOMES[Outcome.UNFINISHED], checks=())
    assert "Replace the TODO in the file, then save." in text_of(verdict_view(bare, look()))


def test_a_syntax_error_is_pointed_at():
    lines = text_of(verdict_view(OUTCOMES[Outcome.BROKEN], look(root=ROOT))).split("\n")
    code = next(line for line in lines if "def attend" in line)
    assert lines[lines.index(code) + 1].index("^") == code.index(")") + 1


def test_a_pass_is_one_line():
    assert text_of(verdict_view(OUTCOMES[Outcome.PASSED], look())) == (
        "✓ Passed: all 6 checks in 50 ms.\n"
    )
    one = replace(OUTCOMES[Outcome.PASSED], total=1)
    assert text_of(headline(one, look())) == "✓ Passed: the check in 50 ms.\n"


def test_where_long_values_are_cut_the_first_difference_stays():
    expected, actual = (repr([*range(300), extra, *range(300, 900)]) for extra in ("ok", "no"))
    check = replace(SCALE, expected=expected, actual=actual)
    text = text_of(verdict_view(replace(FAILED, checks=(check,)), look()))
    assert "'ok'" in text
    assert "'no'" in text
    assert "899" not in text


def test_a_difference_at_the_very_end_is_shown_too():
    expected, actual = ("[" + "0, " * 900 + last for last in ("7]", "8]"))
    check = replace(SCALE, expected=expected, actual=actual)
    text = text_of(verdict_view(replace(FAILED, checks=(check,)), look()))
    assert "7]" in text
    assert "8]" in text


def test_what_differs_between_two_values_is_marked_in_whole_words():
    check = replace(SCALE, expected="'hello ada'", actual="'hello adam'")
    one = look("colour")
    text = draw(verdict_view(replace(FAILED, checks=(check,)), one), one)
    assert "\x1b[1;4;32mada\x1b[0m" in text
    assert "\x1b[1;4;31madam\x1b[0m" in text


def test_a_missing_value_is_said_to_be_nothing():
    check = replace(SCALE, expected="'x'", actual="")
    assert "actual    (nothing)" in text_of(verdict_view(replace(FAILED, checks=(check,)), look()))


def test_a_check_that_came_in_is_one_line():
    assert text_of(check_line(PASSED, look())) == "✓ keeps the shape\n"
    assert text_of(check_line(SCALE, look("ascii"))) == (
        "x scales the scores by the size of a head\n"
    )


def test_spaces_inside_a_title_are_what_it_is_about():
    spaced = Check("test_spaces", 'greet("  Ada ")  strips\n    nothing', Outcome.FAILED)

    assert '✗ greet("  Ada ")  strips nothing' in draw(check_line(spaced, look()), look())


@pytest.mark.parametrize("column", [0, 1, 2_000_000, 4_999_990])
def test_of_a_line_of_five_million_characters_what_the_caret_points_at_is_shown(column):
    code = "é" * max(column - 1, 0) + "(" + "é" * (5_000_000 - column)
    broken = ended(Outcome.BROKEN, place=Frame("/lab/a.py", 1, "", code, column))

    lines = draw(verdict_view(broken, look()), look()).splitlines()

    assert all(len(line) <= 80 for line in lines)
    if column:
        assert lines[-2][lines[-1].index("^")] == "("


def test_durations_read_well():
    assert [seconds(value) for value in (0.0, 0.04, 1.24, 185)] == [
        "0 ms",
        "40 ms",
        "1.2 s",
        "3 min 5 s",
    ]
    assert seconds(0.999) == "1.0 s"
    assert seconds(119.9) == "2 min 0 s"


def test_a_path_is_a_link_only_where_links_are_on():
    one = replace(look("colour", root=ROOT), links=True)
    assert "\x1b]8;;file:///home/ada/lab/exercises/05_gpt/attention.py\x1b\\" in draw(
        place(FILE, 3, look=one), one
    )
    assert "\x1b]8" not in draw(place(FILE, 3, look=look("colour")), look("colour"))
    assert place(FILE, 3, look=look(root=ROOT)).plain == "exercises/05_gpt/attention.py:3"
    assert place("/elsewhere/x.py", look=look(root=ROOT)).plain == "/elsewhere/x.py"


# Glances.


def test_the_current_exercise_is_marked(mini, begun):
    lines = plain.list_text(mini, begun, mini.stages[:1], look()).split("\n")
    assert lines[1].startswith("  ✓ double")
    assert lines[2].startswith("▶ ○ total")


def test_a_passed_exercise_that_fails_now_is_said_so(mini):
    progress = learner.Progress(
        entries={"01_numbers/double": learner.Entry(passed=True, broken=True)}
    )
    assert "✗ double" in plain.list_text(mini, progress, mini.stages[:1], look())
    assert "fails now" in plain.list_text(mini, progress, mini.stages[:1], look())


def test_a_skipped_exercise_is_said_so(mini):
    progress = learner.with_skip(learner.Progress(), mini.exercises[0])
    assert "skipped" in plain.list_text(mini, progress, mini.stages[:1], look())
    assert "skipped" in plain.status_text(
        mini, learner.with_current(progress, mini.exercises[0]), look()
    )


def test_the_map_shows_open_locked_and_coming_stages(mini, begun):
    numbers, words, later = plain.map_text(mini, begun, look()).split("\n")
    assert "▶ ○ 01 Numbers" in numbers
    assert "1/2" in numbers
    assert "▪ 02 Words" in words
    assert "locked" in words
    assert "· 03 Later" in later
    assert "coming" in later


def test_status_names_the_next_thing_to_do(mini, begun):
    def advice(progress):
        return plain.status_text(mini, progress, look()).rpartition("\n\n")[2]

    assert "nanolab hint" in advice(begun)
    assert "`n`, moves on" in advice(replace(begun, current="01_numbers/double"))
    both = {
        "01_numbers/double": learner.Entry(passed=True),
        "01_numbers/total": learner.Entry(passed=True),
    }
    stage_done = replace(begun, entries=both)
    assert "nanolab reflect 1" in advice(stage_done)
    every = {one.id: learner.Entry(passed=True) for one in mini.exercises}
    answered = {stage.name: "answered" for stage in mini.stages}
    assert "nanolab export" in advice(replace(begun, entries=every, reflections=answered))


def test_a_bar_is_full_only_at_the_end_and_never_empty_after_the_first():
    assert plain.bar(0, 9, 4, look()) == "░░░░"
    assert plain.bar(1, 99, 4, look()) == "█░░░"
    assert plain.bar(98, 99, 4, look()) == "███░"
    assert plain.bar(99, 99, 4, look("ascii")) == "####"
    assert plain.bar(0, 0, 4, look()) == "░░░░"


def test_the_last_hint_promises_no_other(mini):
    hints = ("one", "two", "three")
    assert "Ask again" in plain.hint_text(mini.exercises[0], hints, 2, look())
    assert "Ask again" not in plain.hint_text(mini.exercises[0], hints, 3, look())


def test_places_are_never_cut():
    long = Path("/" + "deep/" * 40)
    assert str(long) in plain.where_text([("workspace", long)], look(width=40))


# Diffs.


def test_a_wide_screen_puts_both_sides_on_one_line():
    def make(width):
        diff = diffs.compare("x = 1\n", "x = 2\n")
        return text_of(diff_view(diff, "x = 1\n", "x = 2\n", look(width=width)), width).split("\n")

    assert any("x = 1" in line and "x = 2" in line for line in make(SIDE_BY_SIDE))
    assert not any("x = 1" in line and "x = 2" in line for line in make(SIDE_BY_SIDE - 1))


def test_two_equal_files_are_said_to_be_so():
    assert "Nothing differs." in text_of(diff_view(diffs.compare("a", "a"), "a", "a", look()))


def test_controls_tabs_and_carriage_returns_in_a_file_do_no_harm():
    yours = "def f():\r\n\treturn '\x1b[2J'\r\n"
    solution = "def f():\n    return 'x[b] [/INST]'\n"
    for width in (120, 80):
        text = text_of(
            diff_view(diffs.compare(yours, solution), yours, solution, look(width=width)), width
        )
        assert "\x1b" not in text
        assert "x[b] [/INST]" in text
        assert "    return '\ufffd[2J'" in text


def test_a_lesson_is_not_padded_with_spaces():
    console = Console(file=io.StringIO(), width=60, force_terminal=False)
    console.print(lesson_view("# Title\n\nText.\n\n* item\n\n```python\nx = 1\n```\n", look()))

    lines = console.file.getvalue().split("\n")
    assert "Text." in lines
    assert [line for line in lines if line != line.rstrip()] == []


def test_a_part_is_shown_under_its_name_with_the_lines_of_its_file():
    parts = diffs.by_function(YOURS, SOLUTION)
    text = text_of(part_view(parts, 0, YOURS, SOLUTION, look()))
    assert text.startswith("count_pairs  1 of 2\n")
    assert "13 -     for w in words:" in text


@pytest.mark.parametrize("width", [80, 120])
def test_a_line_of_five_million_characters_is_cut_before_it_is_drawn(width):
    mine, solution = f"x = '{'y' * 5_000_000}'\nz = 1\n", "z = 2\n"

    shown = draw(diff_view(diffs.compare(mine, solution), mine, solution, look(width=width)),
                 look(width=width))  # fmt: skip

    assert "z = 2" in shown
    assert "yyy" in shown
    assert sum(map(len, _coloured(mine, "python", look()))) < 3_000
    assert len(shown) < 6_000


def test_every_line_of_a_large_file_is_found():
    yours = "x = 1\n" * 50_000
    diff = diffs.compare(yours, yours + "y = 2\n")
    assert "50001 + y = 2" in text_of(diff_view(diff, yours, yours + "y = 2\n", look()))


# Everything.


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("width", TINY)
def test_no_screen_is_too_small(mode, width, mini, begun):
    one = look(mode, width, ROOT)
    diff = diffs.compare(YOURS, SOLUTION)
    for verdict in (FAILED, *OUTCOMES.values()):
        draw(verdict_view(verdict, one, reveal_slip=True), one)
    draw(diff_view(diff, YOURS, SOLUTION, one), one)
    draw(lesson_view(LESSON, one), one)
    for text in (
        plain.list_text(mini, begun, mini.stages, one),
        plain.map_text(mini, begun, one),
        plain.status_text(mini, begun, one),
        plain.hint_text(mini.exercises[0], (HINT,), 1, one),
    ):
        assert text


def test_nothing_but_ascii_reaches_a_terminal_that_knows_no_more(mini, begun):
    one = look("ascii", root=ROOT)
    diff = diffs.compare(YOURS, SOLUTION)
    screens = [
        *(draw(verdict_view(verdict, one), one) for verdict in (FAILED, *OUTCOMES.values())),
        draw(diff_view(diff, YOURS, SOLUTION, one), one),
        draw(lesson_view(LESSON + "\n→ “é”\n", one), one),
        plain.list_text(mini, begun, mini.stages, one),
        plain.map_text(mini, begun, one),
        plain.status_text(mini, begun, one),
        plain.hint_text(mini.exercises[0], (HINT,), 1, one),
    ]
    assert all(text.isascii() for text in screens)


def test_the_symbols_follow_the_encoding():
    assert glyphs_for("utf-8") == UNICODE
    assert glyphs_for("cp1252") == glyphs_for("ascii") == glyphs_for("no such") == ASCII


def test_the_real_course_fits_every_width():
    course = manifest.load()
    for width in (120, 80, 60, 40):
        text = plain.map_text(course, learner.Progress(), look(width=width))
        assert all(len(line) <= width for line in text.split("\n"))
        text = plain.list_text(course, learner.Progress(), course.stages, look(width=width))
        assert all(len(line) <= width for line in text.split("\n"))


def test_a_glance_needs_no_rich():
    import subprocess
    import sys

    code = "import sys, nanolab.views.plain; sys.exit('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
