"""`dev check`, on the miniature course and on copies of it that are each broken in one way."""

import dataclasses
import io
import shutil

import pytest
from rich.console import Console

from nanolab import manifest
from nanolab.dev import files, proof, report, style, trial
from nanolab.dev.counts import corrected
from nanolab.dev.pair import first_difference
from nanolab.errors import UnknownNameError, UsageError
from nanolab.runner import Runner
from nanolab.views.look import ASCII
from nanolab.views.theme import THEME

INFO = "info.toml"
STUB = "exercises/01_numbers/double.py"
SOLUTION = "solutions/01_numbers/double.py"
CHECK = "tests/stages/01_numbers/test_double.py"
WRONG = "tests/stages/01_numbers/wrong_double.py"
LESSON = "exercises/01_numbers/README.md"
HINTS = "solutions/01_numbers/hints.md"
ANSWERS = "solutions/01_numbers/answers.md"
FUTURE = "from __future__ import annotations\n"

# (rule, what is wrong, edits of the miniature course: file, old text, new text)
FAULTS = [
    ("files-parse", "a solution with a syntax error", [(SOLUTION, "def double", "def def double")]),
    ("wrongs-load", "no list of wrong answers", [(WRONG, "WRONGS = [", "SLIPS = [")]),
    ("wrongs-load", "something else in the list", [(WRONG, "WRONGS = [", "WRONGS = [\n    7,")]),
    (
        "stub-has-todo",
        "a stub that leaves nothing to do",
        [
            (STUB, "# TODO: return the number times two. (1 line)", "# Times, not plus."),
            (STUB, "raise NotImplementedError", "return number * 2"),
        ],
    ),
    (
        "stub-has-todo",
        "a TODO that is in no function",
        [(STUB, FUTURE, f"{FUTURE}\n# TODO: think. (1 line)\n")],
    ),
    (
        "kit-stays-with-checks",
        "a solution that needs the checks' kit",
        [(p, FUTURE, f"{FUTURE}\n\nfrom kit.calls import value\n") for p in (STUB, SOLUTION)],
    ),
    ("todos-say-goal-and-size", "a TODO without a size", [(STUB, " (1 line)", "")]),
    ("solution-has-no-todo", "a TODO in a solution", [(SOLUTION, "# Times", "# TODO: Times")]),
    ("stub-and-solution-agree", "an import more", [(STUB, FUTURE, f"{FUTURE}\nimport math\n")]),
    ("stub-and-solution-agree", "another argument", [(STUB, "(number: int)", "(n: int)")]),
    ("stub-and-solution-agree", "another type", [(STUB, "-> int:", "-> float:")]),
    ("stub-and-solution-agree", "another docstring", [(STUB, "Give twice", "Give half")]),
    (
        "stub-and-solution-agree",
        "another constant",
        [("exercises/02_words/shout.py", 'MARK = "!"', 'MARK = "?"')],
    ),
    (
        "stub-and-solution-agree",
        "a helper at the end of the solution",
        [(SOLUTION, "return number * 2\n", "return number * 2\n\n\ndef _more() -> int:\n    return 3\n")],
    ),
    (
        "imports-come-earlier",
        "a stage that is not required",
        [(INFO, 'title = "Words"', 'title = "Words"\nrequires = []')],
    ),
    (
        "imports-come-earlier",
        "the exercise after this one",
        [
            (path, FUTURE, f"{FUTURE}\nfrom mini.numbers import total\n\nALL = total\n")
            for path in (STUB, SOLUTION)
        ],
    ),
    (
        "imports-come-earlier",
        "a module that there is not",
        [(CHECK, "double\n\n\ndef test_one", "double, treble\n\n\ndef test_one"), (CHECK, "mini.numbers.double import", "mini.counting import")],
    ),
    (
        "needs-are-inherited",
        "an exercise that builds on one with a need",
        [
            (INFO, "[upstream]", '[needs.sums]\nmodule = "math"\ncure = "learn"\n\n[upstream]'),
            (INFO, '::double"]', '::double"]\n  needs = ["sums"]'),
        ],
    ),
    (
        "torch-is-declared",
        "torch in a stage that does not preload it",
        [(path, FUTURE, f"{FUTURE}\nimport torch\n\nZERO = torch.zeros(1)\n") for path in (STUB, SOLUTION)],
    ),
    (
        "public-names-are-unique",
        "one name in two exercises",
        [
            (f"{tree}/01_numbers/{name}.py", FUTURE, f"{FUTURE}\nLIMIT = 3\n")
            for tree in ("exercises", "solutions")
            for name in ("double", "total")
        ],
    ),
    ("upstream-names-exist", "an upstream name that nobody wrote", [(INFO, "::double", "::treble")]),
    ("upstream-names-exist", "a method that nobody wrote", [(INFO, "::double", "::double.more")]),
    ("check-has-probe", "no probe", [(CHECK, "def probe(module)", "def other(module)")]),
    ("check-has-probe", "a probe of nothing", [(CHECK, "def probe(module)", "def probe()")]),
    (
        "check-tests-have-titles",
        "a test without a docstring",
        [(CHECK, '    """A number below zero goes further below."""\n', "")],
    ),
    (
        "three-wrongs",
        "two wrong answers",
        [(WRONG, '    wrong("squares", "squares the number", ("number * 2", "number**2")),\n', "")],
    ),
    (
        "three-wrongs",
        "a third that is not run",
        [(WRONG, '("number * 2", "number**2")', '("number * 2", "2 * number"), equivalent="it commutes"')],
    ),
    ("wrongs-are-well-named", "one name twice", [(WRONG, '"squares",', '"adds_two",')]),
    ("wrongs-are-well-named", "a name with a space", [(WRONG, '"squares",', '"the square",')]),
    ("wrongs-are-well-named", "no slip", [(WRONG, '"squares the number"', '" "')]),
    (
        "wrongs-are-well-named",
        "equivalent without a reason",
        [(WRONG, '    wrong("squares"', '    wrong("same", "says it another way", ("number * 2", "2 * number"), equivalent=" "),\n    wrong("squares"')],
    ),
    ("wrongs-fit-the-solution", "an edit of nothing", [(WRONG, '("number * 2", "4")', '("n * 2", "4")')]),
    (
        "wrongs-fit-the-solution",
        "an edit that changes nothing",
        [(WRONG, '("number * 2", "4")', '("number * 2", "number * 2")')],
    ),
    ("three-hints", "two hints", [(HINTS, "3. `return number * 2`\n", "")]),
    ("three-hints", "an empty hint", [(HINTS, "2. Python multiplies with `*`.", "2. ")]),
    ("three-hints", "no hints", [(HINTS, "## double", "## double the number")]),
    (
        "hints-keep-the-secret",
        "the solution in the second hint",
        [(HINTS, "Python multiplies with `*`.", "Try `return number*2`.")],
    ),
    ("hints-name-exercises", "hints for nobody", [(HINTS, "## double", "## treble\n\n## double")]),
    ("hints-name-exercises", "hints in two places", [(HINTS, "## total", "## double\n\n## total")]),
    ("lesson-asks-questions", "no questions", [(LESSON, "## Questions", "## Thoughts")]),
    ("every-question-is-answered", "an answer missing", [(ANSWERS, "2. Adding", "Adding")]),
    ("every-question-is-answered", "an empty answer", [(ANSWERS, "1. Zero: it is the only number that doubling leaves alone.", "1. ")]),
    ("links-lead-somewhere", "a dead link", [(LESSON, "../02_words/README.md", "../02_word/README.md")]),
    ("links-lead-somewhere", "a link out of the workspace", [(LESSON, "../02_words/README.md", f"../../{HINTS}")]),
    ("no-blanks-left", "a blank in a lesson", [(LESSON, "Doubling is", "WRITE: something. Doubling is")]),
    ("no-blanks-left", "a blank in info.toml", [(INFO, '"Numbers"', '"WRITE: a heading"')]),
    ("well-formatted", "a stub that is not formatted", [(STUB, "raise NotImplementedError", "raise  NotImplementedError")]),
    ("well-formatted", "a check with an unused import", [(CHECK, '"""Judges mini.numbers.double."""\n', '"""Judges mini.numbers.double."""\n\nimport math\n')]),
    (
        "no-solution-in-a-workspace",
        "a solution in a lesson",
        [(LESSON, "Doubling is", "```python\ndef twice(number):\n    return number * 2\n```\n\nDoubling is")],
    ),
    (
        "no-solution-in-a-workspace",
        "a solution in another stub",
        [
            ("exercises/02_words/shout.py", 'MARK = "!"\n', 'MARK = "!"\n\n\ndef _twice(number: int) -> int:\n    return number * 2\n'),
            ("solutions/02_words/shout.py", 'MARK = "!"\n', 'MARK = "!"\n\n\ndef _twice(number: int) -> int:\n    return number * 2\n'),
        ],
    ),
]  # fmt: skip


@pytest.fixture
def broken(mini_copy):
    """`broken(edits)`: a copy of the miniature course with these edits, loaded."""

    def edit(edits):
        for name, old, new in edits:
            text = (mini_copy / name).read_text(encoding="utf-8")
            assert old in text, f"{old!r} does not stand in {name}"
            (mini_copy / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return manifest.load(mini_copy)

    return edit


@pytest.fixture(scope="module")
def judge():
    """A function Job -> Verdict that really runs the job."""
    with Runner() as runner:
        yield runner.run


@pytest.fixture
def tried(broken, judge, tmp_path):
    """`tried(edits)`: the rules that find something once the broken exercise has been run."""

    def find(edits, name="double"):
        course = broken(edits)
        exercise = course.find(name)
        one = trial.try_out(course, exercise, judge, tmp_path)
        found = proof.stage_findings(course, course.stages[0], {exercise.id: one})
        return {finding.rule: finding for finding in found}

    return find


def read(course):
    """What the rules about stages find without running anything."""
    stages = [stage for stage in course.stages if not stage.coming]
    return [one for stage in stages for one in proof.stage_findings(course, stage, {})]


def test_an_unbroken_course_has_no_findings(mini):
    lines = []
    found = proof.check(mini, jobs=2, progress=lines.append)
    assert found.findings == ()
    assert [(one.stage, one.rejected, one.wrongs) for one in found.tallies] == [
        ("01_numbers", 6, 6),
        ("02_words", 3, 3),
    ]
    assert lines[0] == "01_numbers/double: 3/3 wrong answers rejected"
    assert found.passed


@pytest.mark.parametrize(
    ("rule", "edits"),
    [pytest.param(rule, edits, id=f"{rule}: {what}") for rule, what, edits in FAULTS],
)
def test_a_fault_is_found(broken, rule, edits):
    course = broken(edits)
    of_course = rule in {one.__name__.replace("_", "-") for one in proof.COURSE_RULES}
    found = [*proof.course_findings(course)] if of_course else read(course)
    assert rule in {finding.rule for finding in found}
    assert all(finding.where and finding.what and finding.cure for finding in found)


def test_every_rule_that_reads_has_a_fault_of_its_own():
    rules = (
        *proof.FIRST_FILE_RULES,
        *proof.FIRST_WRONG_RULES,
        *proof.FIRST_TEXT_RULES,
        *proof.LANGUAGE_RULES["python"],
        *proof.EXERCISE_RULES,
        *proof.HINT_RULES,
        *proof.STAGE_RULES,
        *proof.TEXT_RULES,
        *proof.COURSE_RULES,
    )
    elsewhere = {"files-are-there", "texts-are-there", "no-stray-files"}
    names = {rule.__name__.replace("_", "-") for rule in rules}
    assert names == {rule for rule, _, _ in FAULTS} | elsewhere


@pytest.mark.parametrize("name", [STUB, SOLUTION, CHECK, WRONG])
def test_a_missing_file_is_found_and_stops_what_relies_on_it(mini_copy, name):
    (mini_copy / name).unlink()
    found = read(manifest.load(mini_copy))
    assert [(one.rule, one.where) for one in found] == [("files-are-there", name)]


@pytest.mark.parametrize("name", [LESSON, HINTS, ANSWERS])
def test_a_missing_text_is_found(mini_copy, name):
    (mini_copy / name).unlink()
    found = [one for one in read(manifest.load(mini_copy)) if one.where == name]
    assert [one.rule for one in found] == ["texts-are-there"]


@pytest.mark.parametrize(
    "name",
    [
        "exercises/01_numbers/notes.txt",
        "exercises/conftest.py",
        "solutions/01_numbers/treble.py",
        "solutions/04_unknown/double.py",
        "tests/stages/01_numbers/test_treble.py",
        "tests/stages/kit/samples.txt",
    ],
)
def test_a_file_that_nobody_owns_is_found(mini_copy, name):
    (mini_copy / name).parent.mkdir(exist_ok=True)
    (mini_copy / name).write_text("")
    found = [*files.no_stray_files(manifest.load(mini_copy))]
    assert [one.where for one in found] == [name]


def test_translations_and_demos_belong_to_the_course(mini_copy):
    for name in ("exercises/01_numbers/README.zh.md", "solutions/01_numbers/hints.zh.md"):
        shutil.copyfile(mini_copy / LESSON, mini_copy / name)
    (mini_copy / "tests/stages/01_numbers/demo_double.py").write_text('"""A demo."""\n')
    assert [*proof.course_findings(manifest.load(mini_copy))] == []


def test_a_stub_that_passes_is_found(tried):
    edits = [(STUB, "raise NotImplementedError", "return number * 2")]
    assert "is passed" in tried(edits)["stub-is-unfinished"].what


def test_a_stub_that_does_not_import_is_found(tried):
    edits = [(path, FUTURE, f"{FUTURE}\nimport no_such_module\n") for path in (STUB, SOLUTION)]
    assert "is broken" in tried(edits)["stub-is-unfinished"].what


def test_a_solution_that_fails_is_found(tried):
    found = tried([(SOLUTION, "return number * 2", "return number * 2 + 0 * 7 if number else 1")])
    assert "solution-passes" not in found  # no check asks for zero
    found = tried([(SOLUTION, "if number else 1", "if number > 0 else 1")])
    assert "below_zero" in found["solution-passes"].what


def test_a_solution_that_passes_only_by_luck_is_found(tried):
    lucky = "return number * 2 if random.random() > 0.8 else 0"  # seeds 0, 1, 2: .84 .13 .96
    edits = [(SOLUTION, "return number * 2", lucky)]
    edits += [(path, FUTURE, f"{FUTURE}\nimport random\n") for path in (STUB, SOLUTION)]
    assert "solution-passes" in tried(edits)


def test_a_slow_solution_is_found(mini, judge, tmp_path):
    one = trial.try_out(mini, mini.find("double"), judge, tmp_path)
    assert [*trial.solution_is_quick(mini, one)] == []
    slow = dataclasses.replace(one.solutions[0], seconds=5.1)
    found = [*trial.solution_is_quick(mini, dataclasses.replace(one, solutions=(slow,)))]
    assert "5.1 s" in found[0].what


def test_a_wrong_answer_that_passes_is_found(tried):
    found = tried([(WRONG, '"number**2"', '"number + number"')])
    assert "passes the wrong answer squares" in found["wrongs-are-rejected"].what


def test_a_wrong_answer_that_does_not_even_parse_is_found(tried):
    found = tried([(WRONG, '"number**2"', '"number **"')])
    assert "squares is broken" in found["wrongs-are-rejected"].what


def test_an_equivalent_wrong_answer_is_not_run(tried):
    same = 'wrong("same", "says it so", ("number * 2", "2 * number"), equivalent="it commutes"),'
    assert tried([(WRONG, "WRONGS = [\n", f"WRONGS = [\n    {same}\n")]) == {}


def test_wrong_answers_that_the_probe_cannot_tell_apart_are_found(tried):
    found = tried([(CHECK, "for number in (0, 1, 2, 50, -3)", "for number in (3,)")])
    assert "wrongs-are-named" not in found
    found = tried([(CHECK, "for number in (3,)", "for number in (2,)")])
    assert "is not recognised" in found["wrongs-are-named"].what


def test_the_same_function_under_two_names_may_have_either_name(tried):
    again = 'wrong("power", "takes the number to a power", ("number * 2", "number ** 2")),'
    found = tried([(WRONG, "WRONGS = [\n", f"WRONGS = [\n    {again}\n")])
    assert found == {}


def test_a_wrong_count_is_one_finding_only(tried):
    found = tried([(INFO, "checks = 3", "checks = 2")])
    assert set(found) == {"count-is-right"}


def test_write_corrects_the_counts_and_nothing_else(mini_copy):
    info = mini_copy / INFO
    good = info.read_text()
    info.write_text(good.replace("checks = 3", "checks = 7 # kept by hand?").replace("= 4", "=  5"))
    found = proof.check(manifest.load(mini_copy), jobs=2, write=True)
    assert found.findings == ()
    assert found.written[0] == "01_numbers/double: checks = 7 -> 3"
    assert info.read_text() == good.replace("checks = 3", "checks = 3 # kept by hand?").replace(
        "= 4", "=  4"
    )


def test_a_count_is_corrected_where_it_stands_before_the_name_too():
    text = '[[stages]]\nname = "01_a"\n[[stages.exercises]]\nchecks = 1\nname = "b"\n'
    assert corrected(text, {"01_a/b": 2}) == text.replace("1\nname", "2\nname")


def test_only_the_stages_asked_for_are_run(mini):
    found = proof.check(mini, ["words"])
    assert [one.stage for one in found.tallies] == ["02_words"]
    with pytest.raises(UnknownNameError):
        proof.check(mini, ["wards"])


def test_stopping_waits_for_one_run_and_not_for_all(mini, monkeypatch):
    ran = []
    run = Runner.run
    monkeypatch.setattr(Runner, "run", lambda self, job: ran.append(job) or run(self, job))

    def press_control_c(line):
        raise KeyboardInterrupt(line)

    with pytest.raises(KeyboardInterrupt, match="double"):
        proof.check(mini, progress=press_control_c)
    assert len(ran) < 10  # all of them are 21


def test_what_cannot_be_run_here_is_said(broken):
    course = broken([(INFO, "checks = 3", 'checks = 3\n  needs = ["absent"]')])
    found = proof.check(course, ["1"])
    assert found.skipped[0].startswith("01_numbers/double was not run.")
    assert found.tallies[0].wrongs == 3


def test_without_ruff_the_report_says_so(mini, monkeypatch):
    monkeypatch.setattr(style, "ruff_is_here", lambda: False)
    found = proof.check(mini, ["3"])
    assert found.findings == ()
    assert found.skipped == (style.MISSING,)


def test_an_installed_course_is_refused(mini_copy, tmp_path):
    home = shutil.move(mini_copy, tmp_path / "_course")
    with pytest.raises(UsageError, match="installed"):
        proof.check(manifest.load(home))


def test_the_report_can_be_read_by_people_and_programs(broken):
    found = proof.check(broken([(WRONG, '"number**2"', '"number + number"')]), ["1"])
    console = Console(theme=THEME, file=io.StringIO(), width=100, no_color=True)
    console.print(report.render(found, ASCII))
    lines = console.file.getvalue().splitlines()
    assert lines[0] == "x 01_numbers: 5/6 wrong answers rejected"
    assert lines[1] == "x tests/stages/01_numbers/test_double.py  wrongs-are-rejected"
    assert lines[-1].startswith("x 1 thing to mend.")
    data = report.to_json(found)
    assert (data["schema"], data["passed"]) == (1, False)
    assert data["findings"][0]["rule"] == "wrongs-are-rejected"


TWO_METHODS = '''
class Model:
    """A model."""

    size = 3

    def one(self):
        """One."""
        {one}

    def two(self):
        """Two."""
        return {two}
'''


def test_only_the_function_with_the_todo_may_differ():
    stub = TWO_METHODS.format(one="# TODO: count. (1 line)\n        raise ValueError", two=2)
    assert first_difference(stub, TWO_METHODS.format(one="return 1", two=2)) is None
    ours, theirs = first_difference(stub, TWO_METHODS.format(one="return 1", two=3))
    assert (ours.source, theirs.source) == ("return 2", "return 3")


def test_a_class_body_may_not_differ():
    stub = TWO_METHODS.format(one="# TODO: count. (1 line)\n        raise ValueError", two=2)
    ours, theirs = first_difference(stub, stub.replace("size = 3", "size = 4"))
    assert (ours.source, theirs.source) == ("size = 3", "size = 4")


def test_a_todo_inside_a_helper_frees_only_the_helper():
    stub = "def f():\n    def g():\n        # TODO: (1 line)\n        raise E\n    return g() + 1\n"
    solution = "def f():\n    def g():\n        return 1\n    return g() + {}\n"
    assert first_difference(stub, solution.format(1)) is None
    assert first_difference(stub, solution.format(2)) is not None


def test_a_course_of_which_no_workspace_can_be_made_is_found(mini_copy):
    (mini_copy / STUB).unlink()
    found = [*proof.course_findings(manifest.load(mini_copy))]
    assert [one.rule for one in found] == ["no-solution-in-a-workspace"]
