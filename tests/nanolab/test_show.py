"""`nanolab show` and `nanolab bench`, and what demos are made of."""

import re

import pytest
from screens import draw

from nanolab import demo
from nanolab.views import demo as views
from nanolab.views.look import ASCII, Look

DEMO = """
from rich.text import Text

from nanolab.demo import Row


def show(module, reference):
    return Text.assemble((f"yours {module.double(3)}", "bold green"), f" solution {reference.double(3)}")


def bench(module, reference):
    return [Row("yours", 0.5, 2_000_000), Row("solution", 0.25), Row("Rust", note="not built")]
"""


@pytest.fixture
def with_demo(mini_copy, cli, monkeypatch):
    """The command line, on a course whose exercise `double` has a demo."""

    def write(source=DEMO):
        (mini_copy / "tests/stages/01_numbers/demo_double.py").write_text(source)
        monkeypatch.setenv("NANOLAB_COURSE", str(mini_copy))

    write()
    cli_run = cli

    def run(*words):
        monkeypatch.setenv("NANOLAB_COURSE", str(mini_copy))
        return cli_run(*words)

    run.write = write
    return run


def solve_wrongly(workspace, course):
    """A `double` that squares."""
    source = course.solution(course.find("double")).read_text()
    return workspace.file(course.find("double")).write_text(source.replace("return", "return 3 +"))


def test_show_draws_the_learners_code_beside_the_solution(with_demo, workspace, mini):
    solve_wrongly(workspace, mini)
    answer = with_demo("show", "double")
    assert (answer.code, answer.out) == (0, "yours 9 solution 6\n")


def test_show_keeps_colours_where_there_are_any(with_demo, workspace, mini):
    solve_wrongly(workspace, mini)
    assert with_demo("--color", "always", "show", "double").out.startswith(
        "\x1b[1;32myours 9\x1b[0m"
    )


def test_show_as_json(with_demo, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    answer = with_demo("show", "double", "--json").json
    assert answer["exercise"] == "01_numbers/double"
    assert (answer["outcome"], answer["text"]) == ("passed", "yours 6 solution 6\n")


def test_bench_gives_a_line_for_each_row(with_demo, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    answer = with_demo("bench", "double")
    lines = [line.split() for line in answer.out.splitlines()]
    assert answer.code == 0
    assert lines[0][:5] == ["yours", "500", "ms", "2.0x", "2.0"]
    assert lines[1][:4] == ["solution", "250", "ms", "1.0x"]
    assert lines[2] == ["Rust", "not", "built"]


def test_bench_as_json(with_demo, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    rows = with_demo("bench", "double", "--json").json["rows"]
    assert rows[0] == {"name": "yours", "seconds": 0.5, "memory": 2_000_000, "note": ""}


def test_unfinished_code_has_nothing_to_show(with_demo):
    answer = with_demo("show", "double")
    assert answer.code == 1
    assert "Not finished yet" in answer.out


def test_an_error_in_the_learners_code_is_shown_at_its_line(with_demo, workspace, mini):
    file = workspace.file(mini.find("double"))
    file.write_text("def double(number):\n    return number / 0\n")
    answer = with_demo("show", "double")
    assert answer.code == 1
    assert "ZeroDivisionError" in answer.out
    assert "double.py:2" in answer.out


def test_code_that_prints_and_exits_cannot_forge_a_drawing(with_demo, workspace, mini):
    file = workspace.file(mini.find("double"))
    file.write_text("import os\n\nprint('yours 1')\nos._exit(0)\n")
    answer = with_demo("show", "double")
    assert answer.code == 1
    assert "ended itself" in answer.out


def test_control_sequences_do_not_reach_the_screen(with_demo, workspace, mini):
    file = workspace.file(mini.find("double"))
    file.write_text("def double(number):\n    return 'a\\x1b[2Jb'\n")
    assert with_demo("show", "double").out.startswith("yours ab ")


def test_an_exercise_without_a_demo_names_those_that_have_one(with_demo):
    answer = with_demo("show", "total")
    assert answer.code == 2
    assert "01_numbers/total has nothing for `nanolab show`." in answer.err
    assert "These do: 01_numbers/double." in answer.err


def test_a_demo_may_offer_one_of_the_two(with_demo):
    with_demo.write(DEMO.partition("def bench")[0])
    answer = with_demo("bench", "double")
    assert answer.code == 2
    assert "No exercise of this course does yet." in answer.err


def test_a_race_takes_the_median_in_turns():
    ticks = iter([0, 5, 5, 6, 6, 7, 7, 8, 8, 10, 10, 19])  # slow: 5 1 2, fast: 1 1 9
    order = []
    rows = demo.race(
        {"slow": lambda: order.append("slow"), "fast": lambda: order.append("fast"), "none": None},
        clock=lambda: next(ticks),
        judge=lambda result: f"gave {result}",
    )
    assert [(row.name, row.seconds, row.note) for row in rows] == [
        ("slow", 2, "gave None"),
        ("fast", 1, "gave None"),
        ("none", None, "not built"),
    ]
    assert order == ["slow", "fast"] + ["slow", "fast"] * 3


def test_memory_is_what_a_run_needs_at_its_peak():
    needed = demo.memory_of(lambda: bytearray(32 << 20).count(1))
    assert 30e6 < needed < 60e6


def test_a_race_is_drawn_without_unicode_too():
    rows = [{"name": "one", "seconds": 0.001, "memory": None, "note": ""}]
    look = Look(width=60, glyphs=ASCII)
    text = draw(views.race(rows, look), look)
    assert text.split() == ["one", "1", "ms", "1.0x", "#" * 29]


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (45, ["rustbpe, splits", "12 ms", "1.0x", "1.3 MB", "##"]),
        (43, ["rustbpe, splits", "12 ms", "1.0x", "1.3 MB"]),
        (42, ["rustbpe, splits", "12 ms", "1.0x"]),
        (34, ["rustbpe, splits", "12 ms", "1.0x"]),
    ],
)
def test_a_race_has_no_figure_cut_off(width, expected):
    rows = [{"name": "rustbpe, splits", "seconds": 0.0123, "memory": 1_300_000, "note": ""}]
    look = Look(width=width, glyphs=ASCII)
    line = draw(views.race(rows, look), look).rstrip()
    assert re.split("  +", line) == expected


def test_a_note_has_room_on_a_narrow_screen():
    rows = [{"name": "Rust, by PyO3", "seconds": None, "memory": None, "note": "not built"}]
    look = Look(width=30, glyphs=ASCII)
    assert draw(views.race(rows, look), look).split() == ["Rust,", "by", "PyO3", "not", "built"]
