"""`dev new`: a scaffold that passes everything but the rules that say what is left to write."""

import shutil

import pytest

from nanolab import manifest
from nanolab.dev import proof
from nanolab.dev.scaffold import new
from nanolab.errors import UsageError


def contents(root):
    """Every file below `root`, with its bytes."""
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def mini_rust(mini_copy):
    """A course to break that knows what Rust needs."""
    info = mini_copy / "info.toml"
    need = '[needs.cargo]\nprogram = "cargo"\ncure = "install Rust"\n\n'
    info.write_text(info.read_text().replace("[needs.absent]", need + "[needs.absent]"))
    return mini_copy


def test_an_exercise_is_added_last_in_its_stage(mini_copy):
    written = new(manifest.load(mini_copy), "numbers", "half")
    assert [path.relative_to(mini_copy).as_posix() for path in written] == [
        "exercises/01_numbers/half.py",
        "solutions/01_numbers/half.py",
        "tests/stages/01_numbers/test_half.py",
        "tests/stages/01_numbers/wrong_half.py",
        "solutions/01_numbers/hints.md",
        "info.toml",
    ]
    stage = manifest.load(mini_copy).stages[0]
    assert [one.name for one in stage.exercises] == ["double", "total", "half"]


def test_only_lines_are_added_to_what_was_there(mini_copy):
    before = contents(mini_copy)
    new(manifest.load(mini_copy), "1", "half")
    info = (mini_copy / "info.toml").read_text()
    entry = (
        '\n  [[stages.exercises]]\n  name = "half"\n  title = "WRITE: a few words"\n  checks = 1\n'
    )
    assert info.replace(entry, "") == before[mini_copy / "info.toml"].decode()
    for path, data in before.items():
        if path.name != "info.toml":
            assert path.read_bytes().startswith(data)


@pytest.mark.parametrize("stage", ["01_numbers", "03_later", "04_more"])
def test_a_scaffold_runs_and_says_exactly_what_is_left_to_write(mini_copy, stage):
    new(manifest.load(mini_copy), stage, "half")
    found = proof.check(manifest.load(mini_copy), [stage])
    assert {one.rule for one in found.findings} == {"no-blanks-left", "three-wrongs"}
    assert found.tallies[0].rejected == found.tallies[0].wrongs
    places = {one.where.partition(":")[0] for one in found.findings}
    files = {"exercises/{}/half.py", "solutions/{}/half.py", "solutions/{}/hints.md"}
    files |= {"tests/stages/{}/test_half.py", "tests/stages/{}/wrong_half.py", "info.toml"}
    if stage != "01_numbers":
        files |= {"exercises/{}/README.md", "solutions/{}/answers.md"}
    assert places == {name.format(stage) for name in files}


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
@pytest.mark.parametrize("stage", ["01_numbers", "04_more"])
def test_a_scaffold_in_rust_runs_too(mini_rust, stage):
    new(manifest.load(mini_rust), stage, "half", "rust")
    course = manifest.load(mini_rust)
    half = course.exercise(f"{stage}/half")
    assert (half.kind, half.timeout, half.needs) == ("rust", 60, ("cargo",))
    assert course.stub(half).name == "half.rs"
    found = proof.check(course, [stage])
    assert {one.rule for one in found.findings} == {"no-blanks-left", "three-wrongs"}
    assert found.tallies[0].rejected == found.tallies[0].wrongs
    assert f"exercises/{stage}/half.rs" in {one.where.partition(":")[0] for one in found.findings}


def test_a_new_stage_comes_last(mini_copy):
    new(manifest.load(mini_copy), "04_more", "half")
    course = manifest.load(mini_copy)
    assert [stage.name for stage in course.stages][-1] == "04_more"
    assert course.stages[-1].requires == ("03_later",)


@pytest.mark.parametrize(
    ("stage", "name", "message"),
    [
        ("01_numbers", "double", "is there already|has two exercises"),
        ("01_numbers", "add_up", "names two exercises"),
        ("01_numbers", "Half", "not allowed"),
        ("01_numbers", "../half", "not allowed"),
        ("01_numbers", "class", "a word of Python's"),
        ("04_import", "half", "a word of Python's"),
        ("07_more", "half", "no stage"),
        ("more", "half", "no stage"),
    ],
)
def test_a_name_that_is_taken_or_not_allowed_is_refused(mini_copy, stage, name, message):
    before = contents(mini_copy)
    with pytest.raises(UsageError, match=message) as refused:
        new(manifest.load(mini_copy), stage, name)
    assert refused.value.cure
    assert contents(mini_copy) == before


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("match", "rust", "a word of Rust's"),
        ("lib", "rust", "a word of Rust's"),
        ("class", "rust", "a word of Python's"),
        ("half", "ruby", "kind is 'ruby'"),
    ],
)
def test_a_language_has_its_words(mini_rust, name, kind, message):
    before = contents(mini_rust)
    with pytest.raises(UsageError, match=message) as refused:
        new(manifest.load(mini_rust), "1", name, kind)
    assert refused.value.cure
    assert contents(mini_rust) == before


def test_rust_needs_a_course_that_says_how_to_get_it(mini_copy):
    with pytest.raises(UsageError, match=r"needs 'cargo', which is not in \[needs\]") as refused:
        new(manifest.load(mini_copy), "1", "half", "rust")
    assert refused.value.cure == "Add a table [needs.cargo] with module or program, and cure."


def test_a_file_in_the_way_is_never_overwritten(mini_copy):
    (mini_copy / "solutions/01_numbers/half.py").write_text("precious")
    before = contents(mini_copy)
    with pytest.raises(UsageError, match="is there already"):
        new(manifest.load(mini_copy), "1", "half")
    assert contents(mini_copy) == before


def test_an_installed_course_is_refused_with_a_way_out(mini_copy, tmp_path):
    installed = mini_copy.rename(tmp_path / "site-packages")
    with pytest.raises(UsageError, match="installed, not a checkout") as refused:
        new(manifest.load(installed), "1", "half")
    assert "pip install -e" in refused.value.cure
