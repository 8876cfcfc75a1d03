"""Rust files as Python modules."""

import os
import re
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from nanolab import crate, manifest
from nanolab.crate.signatures import signatures
from nanolab.dev import rust
from nanolab.runner import Runner, job_for, unavailable
from nanolab.verdict import Outcome

ROOT = Path(__file__).parents[2]

needs_cargo = pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")

SOURCE = """\
use std::collections::HashMap;

pub type Pair = (u32, u32);

/// Put a pair at the end, and say how long it is now.
pub fn push(ids: &mut Vec<u32>, pair: Pair) -> usize {
    ids.extend([pair.0, pair.1]);
    ids.len()
}

pub fn at(items: &[i64], index: usize) -> i64 {
    items[index]
}

pub fn later(wait: bool) -> Option<bool> {
    if wait {
        todo!()
    }
    None
}

pub fn half(number: i64) -> Result<f64, String> {
    if number < 0 {
        return Err(format!("{number} is negative"));
    }
    Ok(number as f64 / 2.0)
}

pub fn count(text: &str) -> HashMap<String, u64> {
    let mut counts = HashMap::new();
    for word in text.split(' ') {
        *counts.entry(word.to_string()).or_default() += 1;
    }
    counts
}

pub fn backwards(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().rev().copied().collect()
}

pub struct Secret;

pub fn stays_here(secret: &Secret) -> u32 {
    let Secret = secret;
    1
}
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache for all tests here, so that the same source is built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _use_cache(cache, monkeypatch, home):
    del home  # which sets the variable too, and comes first
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))


@pytest.fixture
def module():
    """SOURCE, as a module."""
    return crate.load({"sample": SOURCE}, {"sample": "/lab/sample.rs"})["sample"]


def raised(function, *args):
    """The exception, and the file and line that its traceback ends in."""
    try:
        function(*args)
    except Exception as error:
        trace = error.__traceback__
        while trace.tb_next:
            trace = trace.tb_next
        return type(error).__name__, str(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno
    return None


def test_a_signature_is_read_from_the_source():
    push, *_, last = signatures(SOURCE, {})
    assert (push.name, push.returns, push.doc) == (
        "push",
        "usize",
        "Put a pair at the end, and say how long it is now.",
    )
    assert [(one.name, one.type) for one in push.arguments] == [
        ("ids", "&mut Vec<u32>"),
        ("pair", "(u32, u32)"),
    ]
    assert last.name == "backwards", "what takes a struct of its own stays in Rust"


def test_half_a_signature_is_none():
    assert signatures("pub fn push(ids", {}) == ()


@needs_cargo
def test_a_mutable_argument_is_changed_in_place(module):
    ids = [1]
    assert module.push(ids, (2, 3)) == 3
    assert ids == [1, 2, 3]


@needs_cargo
def test_values_travel_both_ways(module):
    assert module.count("a b a") == {"a": 2, "b": 1}
    assert module.backwards(b"abc") == b"cba"
    assert module.later(False) is None
    assert module.half(3) == 1.5
    assert module.at([-1, 1 << 62], 1) == 1 << 62


@needs_cargo
def test_an_err_is_a_value_error(module):
    with pytest.raises(ValueError, match="-1 is negative"):
        module.half(-1)


@needs_cargo
def test_a_panic_points_at_its_line(module):
    said = "index out of bounds: the len is 2 but the index is 5"
    assert raised(module.at, [1, 2], 5) == ("RustPanicError", said, "/lab/sample.rs", 12)


@needs_cargo
def test_a_todo_is_unfinished(module):
    said = ("NotImplementedError", "not yet implemented", "/lab/sample.rs", 17)
    assert raised(module.later, True) == said


@needs_cargo
@pytest.mark.parametrize(
    ("function", "args", "kind", "said"),
    [
        ("push", ([1], [2, 3]), TypeError, "pair: it must be a tuple of 2, not a list"),
        ("push", ([1], (2, 3, 4)), TypeError, "pair: it must be a tuple of 2, not of 3"),
        ("push", ([-1], (2, 3)), OverflowError, "ids: -1 does not fit into u32"),
        ("at", ([1], "0"), TypeError, "index: it must be a whole number, not a str"),
        ("at", ([1],), TypeError, "missing a required argument: 'index'"),
        ("count", (object(),), TypeError, "a object cannot be handed to Rust"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(module, function, args, kind, said):
    with pytest.raises(kind, match=said.replace("(", r"\(")):
        getattr(module, function)(*args)


@needs_cargo
def test_rustc_has_the_word_when_it_does_not_compile():
    source = SOURCE.replace("items[index]", "items[idnex]")
    with pytest.raises(crate.CompileError) as found:
        crate.load({"sample": source}, {"sample": "/lab/sample.rs"})
    error = found.value
    assert error.report.startswith("error[E0425]: cannot find value `idnex` in this scope\n")
    assert "--> sample.rs:12:11" in error.report
    assert "help:" in error.report
    assert (error.filename, error.lineno, error.offset) == ("/lab/sample.rs", 12, 11)


@needs_cargo
def test_files_use_each_other(tmp_path):
    other = tmp_path / "other.rs"
    other.write_text("pub type Pair = (u32, u32);\n\npub fn two() -> Pair {\n    (2, 2)\n}\n")
    source = "use crate::other::{two, Pair};\n\npub fn again(pair: Pair) -> (Pair, Pair) {\n"
    source += "    (pair, two())\n}\n"
    module = crate.load({"one": source}, {"one": "one.rs"}, {"other": str(other)})["one"]
    assert module.again((1, 1)) == ((1, 1), (2, 2))


@needs_cargo
def test_the_same_content_is_built_once(module, monkeypatch):
    assert module.half(2) == 1.0
    monkeypatch.setenv("PATH", "")  # nothing can be built now
    again = crate.load({"sample": SOURCE}, {"sample": "/lab/sample.rs"})["sample"]
    assert again.half(2) == 1.0


@needs_cargo
def test_without_pyo3_in_cargos_cache_the_cure_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("CARGO_HOME", str(tmp_path))
    source = "use pyo3::prelude::*;\n\n#[pymodule]\nfn one(_: &Bound<'_, PyModule>) {}\n"
    with pytest.raises(crate.NotBuiltError, match="Cure, once, with a network: cargo fetch "):
        crate.load({"one": source}, {"one": "one.rs"})


@needs_cargo
@pytest.mark.timeout(600)  # PyO3 is compiled, 10 s on a machine that has nothing else to do
def test_the_lesson_packs_it_up(tmp_path):
    """What the lesson of stage 2 says about maturin, done with the solutions."""
    pytest.importorskip("maturin", reason="maturin is not installed: pip install maturin")
    course = manifest.load(ROOT)
    lesson = (ROOT / "exercises/02_tokenizer/README.md").read_text(encoding="utf-8")
    for file in ("pack/Cargo.toml", "pack/pyproject.toml", "pack/src/lib.rs"):
        text = re.search(rf"`{file}` is [^\n]*\n\n```\n(.*?)```\n", lesson, re.S).group(1)
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    for name in ("rust_merge", "rust_train", "rust_bind"):
        shutil.copy(course.solution(course.find(name)), tmp_path / "pack/src")
    build = re.search(r"^\$ (maturin build .*)$", lesson, re.M).group(1)
    arguments = build.replace("--release", "--offline --quiet").split()
    target = {**os.environ, "CARGO_TARGET_DIR": str(tmp_path / "target")}
    subprocess.run([sys.executable, "-m", *arguments], cwd=tmp_path, env=target, check=True)
    (wheel,) = (tmp_path / "wheels").glob("rust_bind-0.1.0-cp310-abi3-*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    code, said = re.search(r"^\$ python -c '(.*)'\n(.*)\n", lesson, re.M).groups()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path / "site",
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said


def test_without_cargo_nothing_is_built(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(crate.NotBuiltError, match="cargo is not on the PATH"):
        crate.load({"sample": "pub fn never_built() {}\n"}, {"sample": "sample.rs"})


# A Rust exercise among the others of a course.

SOLUTION = """\
//! Double.

/// Twice the number.
pub fn twice(number: i64) -> i64 {
    // what it is plus what it is
    number + number
}
"""
STUB = SOLUTION.replace(
    "    // what it is plus what it is\n    number + number",
    "    // TODO: add the number to itself. (1 line)\n    todo!()",
)
CHECK = '''
from nanolab.expect import attempt
from mini.numbers.twice import twice

def test_two():
    """Two becomes four."""
    assert twice(2) == 4, "twice two is four"

def test_minus():
    """A negative number stays negative."""
    assert twice(-3) == -6, "the sign stays"

def probe(module):
    return [attempt(module.twice, number) for number in (2, -3)]
'''
WRONGS = """
from nanolab.wrongs import wrong

WRONGS = [wrong("squares", "squares the number", ("number + number", "number * number"))]
"""


@pytest.fixture
def rusty(mini_copy):
    """The miniature course with a Rust exercise in its first stage."""
    info = mini_copy / "info.toml"
    entry = textwrap.dedent("""
        [[stages.exercises]]
        name = "twice"
        title = "Twice, in Rust"
        kind = "rust"
        checks = 2
        timeout = 60
        needs = ["cargo"]
    """)
    head, mark, tail = info.read_text().partition('[[stages]]\nname = "02_words"')
    need = '[needs.cargo]\nprogram = "cargo"\ncure = "install Rust"\n\n'
    first = head.index("[[stages]]")
    info.write_text(head[:first] + need + head[first:] + entry + "\n" + mark + tail)
    texts = {
        "exercises/01_numbers/twice.rs": STUB,
        "solutions/01_numbers/twice.rs": SOLUTION,
        "tests/stages/01_numbers/test_twice.py": CHECK,
        "tests/stages/01_numbers/wrong_twice.py": WRONGS,
    }
    for path, text in texts.items():
        (mini_copy / path).write_text(text)
    return manifest.load(mini_copy)


def judged(course, file):
    with Runner(warm=False) as runner:
        return runner.run(job_for(course, course.find("twice"), file))


@needs_cargo
def test_a_solution_passes_and_a_stub_is_unfinished(rusty):
    exercise = rusty.find("twice.rs")
    assert judged(rusty, rusty.solution(exercise)).passed
    verdict = judged(rusty, rusty.stub(exercise))
    assert verdict.outcome is Outcome.UNFINISHED
    assert verdict.first_failure.frames[-1].line == 6


@needs_cargo
def test_a_slip_is_named(rusty, tmp_path):
    file = tmp_path / "twice.rs"
    file.write_text(SOLUTION.replace("+", "*"))
    verdict = judged(rusty, file)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.diagnosis.wrong == "squares"


@needs_cargo
def test_what_does_not_compile_is_broken(rusty, tmp_path):
    file = tmp_path / "twice.rs"
    file.write_text(SOLUTION.replace("number + number", "number + numbre"))
    verdict = judged(rusty, file)
    assert verdict.outcome is Outcome.BROKEN
    assert verdict.reason.startswith("error[E0425]")
    assert (verdict.place.file, verdict.place.line, verdict.place.column) == (str(file), 6, 14)
    assert verdict.sha256


def test_without_cargo_it_is_unavailable_with_the_cure(rusty, monkeypatch, tmp_path):
    exercise = rusty.find("twice")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    monkeypatch.setenv("PATH", "")
    reason = "This exercise needs cargo, which is not installed. Cure: install Rust"
    assert unavailable(rusty, exercise) == reason
    verdict = judged(rusty, rusty.stub(exercise))
    assert verdict.outcome is Outcome.UNAVAILABLE
    assert "cargo is not on the PATH" in verdict.reason


def test_a_workspace_holds_it_and_an_export_too(rusty, tmp_path):
    from nanolab import assembly
    from nanolab.workspace import create

    lab = create(tmp_path / "lab", rusty)
    exercise = rusty.find("twice")
    assert lab.file(exercise).name == "twice.rs"
    assert lab.file(exercise).read_text() == lab.base_file(exercise).read_text() == STUB
    assembly.write_package(tmp_path / "out", assembly.assemble(rusty, {}))
    assert (tmp_path / "out/mini/numbers/twice.rs").read_text() == SOLUTION
    assert "twice" not in (tmp_path / "out/mini/numbers/__init__.py").read_text()


def test_dev_check_compares_rust_by_text(rusty):
    exercise = rusty.find("twice")
    rules = (
        rust.rust_stub_has_todo,
        rust.rust_solution_has_no_todo,
        rust.rust_stub_and_solution_agree,
        rust.rust_is_safe,
    )
    assert [found for rule in rules for found in rule(rusty, exercise)] == []
    rusty.stub(exercise).write_text(STUB.replace("i64) -> i64", "i32) -> i32"))
    (found,) = rust.rust_stub_and_solution_agree(rusty, exercise)
    assert "number: i32" in found.what


@pytest.mark.parametrize(
    ("rule", "tree", "edit", "what"),
    [
        (rust.rust_stub_has_todo, "exercises", ("// TODO:", "//"), "The stub has no TODO."),
        (
            rust.rust_stub_has_todo,
            "exercises",
            (" (1 line)", ""),
            "The TODO does not say how long.",
        ),
        (
            rust.rust_stub_has_todo,
            "exercises",
            ("todo!()", "0"),
            "Below the TODO stands no `todo!()`.",
        ),
        (rust.rust_stub_has_todo, "exercises", ("fn twice", "fn"), "This TODO is in no function."),
        (
            rust.rust_solution_has_no_todo,
            "solutions",
            ("number +", "todo!() +"),
            "still says todo!.",
        ),
        (
            rust.rust_stub_and_solution_agree,
            "solutions",
            ("//! Double.", "//! Half."),
            "`//! Half.`.",
        ),
        (rust.rust_is_formatted, "solutions", ("    number", "  number"), "This is not formatted."),
        (rust.rust_is_safe, "solutions", ("number + number", "unsafe { 2 }"), "It says unsafe."),
    ],
)
def test_every_rust_rule_has_a_fault_of_its_own(rusty, rule, tree, edit, what):
    if rule is rust.rust_is_formatted and shutil.which("rustfmt") is None:
        pytest.skip("rustfmt is not installed")
    exercise = rusty.find("twice")
    assert list(rule(rusty, exercise)) == []
    path = rusty.root / tree / exercise.file
    path.write_text(path.read_text().replace(*edit))
    assert [one.what for one in rule(rusty, exercise) if one.what.endswith(what)] != []


def test_dev_check_finds_a_rust_solution_in_a_lesson(rusty):
    from nanolab.dev import leaks

    assert list(leaks.no_solution_in_a_workspace(rusty)) == []
    lesson = rusty.lesson(rusty.find_stage("1"))
    lesson.write_text(f"```rust\n{SOLUTION}```\n\n{lesson.read_text()}")
    found = [one.what for one in leaks.no_solution_in_a_workspace(rusty)]
    assert found == ["A fresh workspace holds the solution of 01_numbers/twice: twice."]
