"""Exercise files are one package: mounted in any process, exported as plain files."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from nanolab import assembly, manifest
from nanolab.mount import public_names

FILES = {
    "01_numbers/double": "def double(n):\n    return 2 * n\n\n\n_hidden = 1\nLIMIT = 3\n",
    "01_numbers/total": (
        "from mini.numbers.double import double\n\n\n"
        "def total(ns):\n    return sum(double(n) for n in ns)\n\n\n"
        "def main():\n    print('total', total([1, 2]))\n\n\n"
        'if __name__ == "__main__":\n    main()\n'
    ),
    "02_words/shout": "class Voice:\n    def shout(self, word):\n        return word.upper()\n",
}


def row(name, *upstream):
    return {"name": name, "title": name, "checks": 1, "upstream": list(upstream)}


def stage(name, *rows):
    return {"name": name, "title": name, "goal": "g", "minutes": 1, "exercises": list(rows)}


@pytest.fixture
def course(tmp_path):
    """Two stages; upstream has `double` and `Voice` in one module, `mini.common`."""
    parsed = manifest.parse(
        {
            "format_version": 1,
            "title": "t",
            "package": "mini",
            "upstream": {"repo": "r", "commit": "c"},
            "stages": [
                stage("01_numbers", row("double", "mini/common.py::double"), row("total")),
                stage(
                    "02_words",
                    row(
                        "shout", "mini/common.py::Voice.shout", "rust/lib.rs::x", "mini/words.py::a"
                    ),
                ),
            ],
        },
        tmp_path / "course",
    )
    for exercise in parsed.exercises:
        for path in (parsed.solution(exercise), parsed.stub(exercise)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(FILES[exercise.id])
    return parsed


@pytest.fixture
def python(tmp_path, course):
    """`python(*arguments)`: what a fresh process prints that has a folder on its path.

    Without a name for it, the folder is a mount of the solutions.
    """
    assembly.write_mount(tmp_path / "mount", assembly.assemble(course, {}))

    def run(*arguments, folder=tmp_path / "mount"):
        path = os.pathsep.join([str(folder), str(Path(assembly.__file__).parents[1])])
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return (done.stdout + done.stderr).strip()

    return run


def test_the_file_under_check_is_the_learners_all_others_are_solutions(course):
    double, total, _ = course.exercises
    table = assembly.under_check(course, total, Path("mine.py"), {double.id: Path("passed.py")})
    assert table.modules["mini.numbers.total"] == "mine.py"
    assert table.modules["mini.numbers.double"] == str(course.solution(double))


def test_an_assembled_exercise_stands_on_what_the_learner_has_passed(course):
    double, total, shout = course.exercises
    passed = {double.id: Path("passed.py"), shout.id: Path("earlier.py")}
    table = assembly.under_check(course, replace(shout, assembled=True), Path("mine.py"), passed)
    assert table.modules["mini.words.shout"] == "mine.py"
    assert table.modules["mini.numbers.double"] == "passed.py"
    assert table.modules["mini.numbers.total"] == str(course.solution(total))


def test_upstreams_modules_hand_out_the_names_that_exercises_make(course):
    exports = assembly.assemble(course, {}).exports
    assert exports == {
        "mini.common": {"double": "mini.numbers.double", "Voice": "mini.words.shout"}
    }


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(): ...\nasync def g(): ...\nclass C: ...\n", ["f", "g", "C"]),
        ("X = 1\nY: int = 2\nX = 3\na.b = 4\n", ["X", "Y"]),
        ("_x = 1\ndef main(): ...\nimport os\n", []),
    ],
)
def test_public_names_are_what_a_module_defines(source, names):
    assert public_names(source) == names


def test_exercises_stages_and_upstreams_modules_import(python):
    code = (
        "from mini.numbers.total import total\n"
        "from mini.numbers import double, LIMIT\n"
        "from mini.common import Voice\n"
        "import mini.words, mini.common\n"
        "print(total([1, 2]), double(4), LIMIT, Voice().shout('a'), mini.common.double(1))"
    )
    assert python("-c", code) == "6 8 3 A 2"


@pytest.mark.parametrize("first", ["", "import mini.numbers.double; "])
def test_a_function_called_like_its_file_is_the_function(python, first):
    code = f"{first}from mini.numbers import double; print(double(4))"
    assert python("-c", code) == "8"


@pytest.mark.parametrize(
    "code",
    [
        "from mini.numbers import _hidden",
        "from mini.numbers import main",
        "from mini.common import total",
        "import mini.nothing",
    ],
)
def test_what_is_not_there_does_not_import(python, code):
    assert "Error" in python("-c", code)


def test_an_exercise_runs_as_a_module(python):
    assert python("-m", "mini.numbers.total") == "total 6"


COMMAND = "import sys\n\n\ndef main(argv=None):\n    print(argv or sys.argv[1:])\n    return 3\n"
STATUS = (
    "import subprocess, sys\n"
    "command = [sys.executable, '-m', 'mini.words']\n"
    "print(subprocess.run(command, stdout=subprocess.DEVNULL).returncode)"
)


@pytest.fixture
def command(course, tmp_path):
    """The course's second stage, with an exercise `command` in place of `shout`."""
    file = tmp_path / "command.py"
    file.write_text(COMMAND)
    table = assembly.assemble(course, {})
    del table.modules["mini.words.shout"], table.exports["mini.common"]["Voice"]
    table.modules["mini.words.command"] = str(file)
    return table


def test_a_stage_with_a_command_is_a_program(python, command, tmp_path):
    assembly.write_mount(tmp_path / "mount", command)
    assert python("-m", "mini.words", "-n", "2") == "['-n', '2']"
    assert python("-c", STATUS) == "3"


def test_a_stage_without_a_command_is_none(python):
    assert "cannot be directly executed" in python("-m", "mini.numbers")


def test_importing_a_programs_door_runs_nothing(python, command, tmp_path):
    assembly.write_mount(tmp_path / "mount", command)
    assert python("-c", "import mini.words.__main__ as door; print(door.main.__module__)") == (
        "mini.words.command"
    )


def test_an_exported_stage_with_a_command_is_a_program(command, tmp_path):
    written = assembly.write_package(tmp_path / "out", command)
    assert tmp_path / "out" / "mini" / "words" / "__main__.py" in written
    assert tmp_path / "out" / "mini" / "numbers" / "__main__.py" not in written
    done = subprocess.run(
        [sys.executable, "-S", "-m", "mini.words", "-n", "2"],
        cwd=tmp_path / "out",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (3, "['-n', '2']")


def test_a_subprocess_of_a_process_has_the_package_too(python):
    inner = "from mini.numbers import double; print(double(21))"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    assert python("-c", code) == "42"


def test_a_traceback_shows_the_real_file_and_line(python, course):
    double = course.exercises[0]
    course.solution(double).write_text("def double(n):\n    return 1 / 0\n")
    shown = python("-c", "from mini.numbers.double import double; double(1)")
    assert f'File "{course.solution(double)}", line 2' in shown
    assert "return 1 / 0" in shown


def test_two_saves_of_one_size_and_time_run_the_new_code(python, course):
    path = course.solution(course.exercises[0])
    printed = []
    for digit in "123":
        path.write_text(f"def double(n):\n    return {digit}\n")
        os.utime(path, (1_000_000_000, 1_000_000_000))
        printed.append(python("-c", "from mini.numbers.double import double; print(double(0))"))
    assert printed == ["1", "2", "3"]


def test_no_bytecode_lies_beside_the_exercises(python, course):
    python("-c", "from mini.numbers.total import total")
    assert not list(course.root.rglob("*.pyc"))


def test_the_hash_is_of_the_bytes_that_ran(python, course):
    path = course.solution(course.exercises[0])
    code = (
        "import importlib, pathlib, nanolab.mount\n"
        "file = importlib.import_module('mini.numbers.double').__file__\n"
        "pathlib.Path(file).write_text('changed since')\n"
        "print(nanolab.mount.executed[file])"
    )
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    assert python("-c", code) == before


def test_a_broken_exercise_breaks_only_who_asks_for_it(python, course):
    course.solution(course.exercises[1]).write_text("def (:\n")
    assert python("-c", "from mini.numbers.double import double; print(double(2))") == "4"
    assert "SyntaxError" in python("-c", "import mini.numbers.total")


EXPORTED = """
import sys
sys.path.insert(0, sys.argv[1])
from mini.numbers.total import total
from mini.numbers import double, LIMIT
from mini.common import Voice
import mini.words
assert not any(name.partition(".")[0] == "nanolab" for name in sys.modules)
print(total([1, 2]), double(4), LIMIT, Voice().shout("a"), mini.words.__all__)
"""


def test_an_export_needs_no_nanolab(course, tmp_path):
    written = assembly.write_package(tmp_path / "out", assembly.assemble(course, {}))
    command = [sys.executable, "-I", "-S", "-c", EXPORTED, str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "6 8 3 A ['Voice']"
    assert [path.relative_to(tmp_path / "out").as_posix() for path in written] == [
        "mini/__init__.py",
        "mini/common.py",
        "mini/numbers/__init__.py",
        "mini/numbers/double.py",
        "mini/numbers/total.py",
        "mini/words/__init__.py",
        "mini/words/shout.py",
    ]


def test_an_exported_exercise_is_the_learners_text(course, tmp_path):
    mine = tmp_path / "mine.py"
    mine.write_text("def double(n):\n    return n + n  # mine\n")
    table = assembly.assemble(course, {"01_numbers/double": mine})
    assembly.write_package(tmp_path / "out", table)
    exported = tmp_path / "out" / "mini" / "numbers" / "double.py"
    assert exported.read_text() == mine.read_text()


def test_a_mount_is_two_small_files(course, tmp_path):
    table = assembly.assemble(course, {})
    assembly.write_mount(tmp_path / "mount", table)
    names = sorted(path.name for path in (tmp_path / "mount" / "mini").iterdir())
    assert names == ["__init__.py", "table.json"]
    kept = json.loads((tmp_path / "mount" / "mini" / "table.json").read_text())
    assert kept["modules"] == table.modules


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_an_editor_sees_links_to_the_learners_files_and_facades_of_the_rest(course, tmp_path):
    exercises, editor = tmp_path / "lab" / "exercises", tmp_path / "lab" / "editor"
    assembly.write_editor_paths(editor, course, exercises)
    link = editor / "mini" / "numbers" / "double.py"
    assert not link.readlink().is_absolute()
    assert link.resolve() == exercises / "01_numbers" / "double.py"
    facade = (editor / "mini" / "common.py").read_text()
    assert "from mini.numbers.double import double" in facade
    assert "from mini.words.shout import Voice" in facade


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_file_run_by_hand_needs_only_the_files_that_it_uses(course, python, tmp_path):
    exercises, editor = tmp_path / "lab" / "exercises", tmp_path / "lab" / "editor"
    assembly.write_editor_paths(editor, course, exercises)
    (exercises / "01_numbers").mkdir(parents=True)
    (exercises / "01_numbers" / "double.py").write_text("def double(n):\n    return 2 * n\n")
    (exercises / "01_numbers" / "total.py").write_text("raise NotImplementedError\n")
    program = (
        "from mini.numbers import double; import mini.numbers.double;"
        "from mini.numbers import double as again; from mini.common import double as third;"
        "print(double(1), again(2), third(3))"
    )
    assert python("-c", program, folder=editor) == "2 4 6"


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_links_that_could_not_be_removed_are_not_written_through(course, tmp_path, monkeypatch):
    exercises, editor = tmp_path / "lab" / "exercises", tmp_path / "lab" / "editor"
    mine = exercises / "01_numbers" / "double.py"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine\n")
    assembly.write_editor_paths(editor, course, exercises)
    monkeypatch.setattr("shutil.rmtree", lambda *_, **__: None)  # a bad sector, a file held open
    assembly.write_editor_paths(editor, course, exercises)
    assert mine.read_text() == "mine\n"
