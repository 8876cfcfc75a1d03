"""Every malformed info.toml is refused with the place, what is wrong, and what to write."""

from __future__ import annotations

import pytest

from nanolab import manifest
from nanolab.errors import CourseError

GOOD = """\
format_version = 1
title = "minilab"
package = "mini"

[upstream]
repo = "example/mini"
commit = "0123abc"

[needs.torch]
module = "torch"
cure = "pip install torch"

[[stages]]
name = "01_numbers"
title = "Numbers"
goal = "Add."
minutes = 5

  [[stages.exercises]]
  name = "double"
  title = "Twice"
  checks = 3
  needs = ["torch"]
  upstream = ["mini/arithmetic.py::double"]

  [[stages.exercises]]
  name = "total"
  title = "All"
  checks = 3

[[stages]]
name = "02_words"
title = "Words"
goal = "Speak."
minutes = 5
optional = true
preload = ["json"]

[[stages]]
name = "03_later"
title = "Later"
goal = "Wait."
minutes = 5
requires = ["01_numbers"]
"""


def write(tmp_path, text):
    (tmp_path / "info.toml").write_text(text)
    return tmp_path


def test_a_good_file_becomes_a_course(tmp_path):
    course = manifest.load(write(tmp_path, GOOD))
    double, total = course.exercises
    _, words, later = course.stages
    assert (course.title, course.package, course.root) == ("minilab", "mini", tmp_path)
    assert (double.id, double.checks, double.timeout) == ("01_numbers/double", 3, 10.0)
    assert double.needs == ("torch",)
    assert total.upstream == ()
    assert course.needs[0].cure == "pip install torch"
    assert words.optional
    assert words.preload == ("json",)
    assert later.coming


def test_a_stage_requires_the_one_before_unless_it_says_otherwise(tmp_path):
    numbers, words, later = manifest.load(write(tmp_path, GOOD)).stages
    assert numbers.requires == ()
    assert words.requires == ("01_numbers",)
    assert later.requires == ("01_numbers",)


# What is replaced in the good file, by what; words of the message; words of the cure.
MALFORMED = {
    "no TOML": ("[upstream]", "[upstream", "not valid TOML", "Mend that line"),
    "a key twice": ('title = "minilab"', 'title = "a"\ntitle = "b"', "not valid TOML", "Mend"),
    "no version": ("format_version = 1", "", "format_version is missing", "format_version = 1"),
    "version in quotes": ("format_version = 1", 'format_version = "1"', "is missing", "= 1"),
    "version true": ("format_version = 1", "format_version = true", "is missing", "= 1"),
    "version of the future": ("format_version = 1", "format_version = 9", "format 9", "Upgrade"),
    "version zero": ("format_version = 1", "format_version = 0", "unknown format 0", "= 1"),
    "no title": ('title = "minilab"', "", "info.toml: title is missing", 'title = "…"'),
    "a blank title": ('title = "minilab"', 'title = " "', "title is empty", "at least a word"),
    "unknown key": ("package =", "pakage =", "Did you mean 'package'?", "Known keys: format"),
    "package with a dash": ('"mini"', '"mini-gpt"', "package: 'mini-gpt'", "a letter first"),
    "welcome a number": ("[upstream]", "welcome = 3\n[upstream]", "welcome must be a str", "3"),
    "no upstream": (
        '[upstream]\nrepo = "example/mini"\ncommit = "0123abc"',
        "",
        "upstream is missing",
        "Add upstream",
    ),
    "upstream without commit": (
        'commit = "0123abc"',
        "",
        "[upstream]: commit is missing",
        'commit = "…"',
    ),
    "need without cure": ('cure = "pip install torch"', "", "[needs.torch]: cure", 'cure = "…"'),
    "need of both kinds": (
        'module = "torch"',
        'module = "torch"\nprogram = "x"',
        "[needs.torch]: exactly one of module and program",
        "Remove or add one",
    ),
    "need of neither kind": ('module = "torch"', "", "exactly one of module and program", "add"),
    "need that is no table": (
        '[needs.torch]\nmodule = "torch"\ncure = "pip install torch"',
        "[needs]\ntorch = 1",
        "[needs.torch] must be a table",
        "It is 1",
    ),
    "stage without a name": ('name = "02_words"', "", "stage 2: name is missing", 'name = "…"'),
    "stage without a number": ('"02_words"', '"words"', "stage words: name", "as in 05_gpt"),
    "stage with a capital": ('"02_words"', '"02_Words"', "'02_Words' is not allowed", "slug"),
    "stage name a number": ('"02_words"', "2", "stage 2: name must be a string", "It is 2"),
    "stage out of order": ('"02_words"', '"04_words"', "stands at position 2", "02_words"),
    "stage without a goal": ('goal = "Speak."', "", "stage 02_words: goal", 'goal = "…"'),
    "no minutes at all": ('goal = "Speak."\nminutes = 5', 'goal = "S"', "minutes is miss", "= 1"),
    "minutes of nought": (
        'goal = "Speak."\nminutes = 5',
        'goal = "S"\nminutes = 0',
        "02_words: minutes is 0",
        "at least 1",
    ),
    "minutes in words": (
        'goal = "Speak."\nminutes = 5',
        'goal = "S"\nminutes = "5"',
        "02_words: minutes must be a whole number",
        "'5'",
    ),
    "optional in words": ("optional = true", 'optional = "yes"', "must be true or false", "'yes'"),
    "requires a string": (
        'requires = ["01_numbers"]',
        'requires = "01_numbers"',
        "03_later: requires must be a list of strings",
        "'01_numbers'",
    ),
    "requires the unknown": (
        'requires = ["01_numbers"]',
        'requires = ["01_number"]',
        "Did you mean '01_numbers'?",
        "Write one of: 01_numbers, 02_words",
    ),
    "requires itself": (
        'requires = ["01_numbers"]',
        'requires = ["03_later"]',
        "no stage before it",
        "01_numbers, 02_words",
    ),
    "preload of numbers": ('preload = ["json"]', "preload = [1]", "a list of strings", "[1]"),
    "exercises no tables": (
        "optional = true",
        "exercises = [1]",
        "exercises must be [[exercises]] tables",
        "[1]",
    ),
    "exercise without a name": ('name = "double"', "", "exercise 1: name is missing", "name ="),
    "exercise with a dash": ('"double"', '"dou-ble"', "01_numbers/dou-ble: name", "a letter"),
    "exercise name too long": ('"double"', f'"{"d" * 33}"', "is not allowed", "1 to 32"),
    "exercise without checks": (
        'title = "Twice"\n  checks = 3',
        'title = "Twice"',
        "01_numbers/double: checks is missing",
        "checks = 1",
    ),
    "no check at all": (
        'title = "Twice"\n  checks = 3',
        'title = "Twice"\n  checks = 0',
        "01_numbers/double: checks is 0",
        "dev check --write",
    ),
    "checks a fraction": (
        'title = "Twice"\n  checks = 3',
        'title = "Twice"\n  checks = 3.5',
        "checks must be a whole number",
        "3.5",
    ),
    "a path in the file": (
        'title = "Twice"',
        'title = "Twice"\n  path = "x.py"',
        "01_numbers/double: unknown key 'path'",
        "Known keys: name, title",
    ),
    "timeout of nought": (
        'title = "Twice"',
        'title = "Twice"\n  timeout = 0',
        "double: timeout is 0",
        "up to 600",
    ),
    "timeout of an hour": (
        'title = "Twice"',
        'title = "Twice"\n  timeout = 3600',
        "timeout is 3600",
        "up to 600",
    ),
    "timeout not a number": (
        'title = "Twice"',
        'title = "Twice"\n  timeout = nan',
        "timeout is nan",
        "up to 600",
    ),
    "unknown need": (
        'needs = ["torch"]',
        'needs = ["troch"]',
        "Did you mean 'torch'?",
        "[needs.troch]",
    ),
    "upstream of another form": (
        "mini/arithmetic.py::double",
        "mini.arithmetic.double",
        "not of the form path.py::name",
        "nanochat/gpt.py::apply_rotary_emb",
    ),
    "two of one name": ('"total"', '"double"', "two exercises double", "Rename one"),
    "an alias in use": (
        'title = "All"',
        'title = "All"\n  aliases = ["01_numbers/double"]',
        "01_numbers/double names two exercises",
        "01_numbers/total",
    ),
}


@pytest.mark.parametrize(("old", "new", "message", "cure"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_file_is_refused_with_place_and_cure(tmp_path, old, new, message, cure):
    assert GOOD.count(old) >= 1
    with pytest.raises(CourseError) as caught:
        manifest.load(write(tmp_path, GOOD.replace(old, new, 1)))
    assert "info.toml" in str(caught.value)
    assert message in str(caught.value)
    assert cure in caught.value.cure
    assert caught.value.exit_code == 5


def test_a_file_without_stages_is_refused(tmp_path):
    head = GOOD[: GOOD.index("[[stages]]")]
    with pytest.raises(CourseError, match="stages is missing"):
        manifest.load(write(tmp_path, head))
    with pytest.raises(CourseError, match="stages must be"):
        manifest.load(write(tmp_path, f"stages = 3\n{head}"))
    with pytest.raises(CourseError, match="no stages") as caught:
        manifest.load(write(tmp_path, f"stages = []\n{head}"))
    assert "[[stages]]" in caught.value.cure


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(CourseError, match=r"Cannot read .*info\.toml") as caught:
        manifest.load(tmp_path)
    assert "NANOLAB_COURSE" in caught.value.cure


def test_bytes_that_are_no_utf8_are_said(tmp_path):
    (tmp_path / "info.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(CourseError, match=r"not UTF-8 \(byte 9\)") as caught:
        manifest.load(tmp_path)
    assert "UTF-8" in caught.value.cure


def test_a_variable_names_the_course(tmp_path, monkeypatch):
    monkeypatch.setenv("NANOLAB_COURSE", str(write(tmp_path, GOOD)))
    assert manifest.load().title == "minilab"


def test_the_current_directory_plays_no_part(tmp_path, monkeypatch):
    monkeypatch.delenv("NANOLAB_COURSE", raising=False)
    monkeypatch.chdir(write(tmp_path, GOOD))
    assert manifest.load().title == "nanolab"
