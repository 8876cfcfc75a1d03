"""Whatever stands in the way: a sentence, the documented exit code, nothing lost, no traceback."""

from __future__ import annotations

import ctypes
import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from conftest import COURSE, Answer

ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


def calm(answer, code, *words):
    """The answer has this exit code, says these words, and shows no trace."""
    said = answer.out + answer.err
    assert "Traceback" not in said
    assert "Exception ignored" not in said
    assert answer.code == code, said
    for word in words:
        assert word in said


# Workspaces.


@pytest.mark.parametrize("words", ["list", "status", "hint", "run", "watch", "verify", "map"])
def test_no_workspace(shell, tmp_path, words):
    calm(shell(f"nanolab {words}", cwd=tmp_path), 3, "no workspace", "nanolab init")


def test_no_workspace_and_no_command(shell, tmp_path):
    calm(shell("nanolab", cwd=tmp_path), 3, "nanolab init")


def test_a_directory_that_has_been_deleted(shell, tmp_path):
    calm(shell("mkdir gone; cd gone; rmdir ../gone; nanolab list", cwd=tmp_path), 3, "no longer")


def test_init_in_a_directory_with_other_things(cli, tmp_path):
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "thesis.tex").write_text("years of work")
    calm(cli("init", tmp_path / "foreign"), 3, "not empty", "thesis.tex")


def test_a_damaged_progress_is_kept_aside_and_the_one_before_restored(cli, workspace):
    cli("goto", "total")
    cli("goto", "shout")
    workspace.progress_file.write_bytes(b"\x00\xff{]")
    calm(cli("status"), 0, "damaged", "restored", "total")
    assert list(workspace.state.glob("progress.json.damaged-*"))


def test_a_progress_of_a_newer_nanolab_is_refused_and_untouched(cli, workspace):
    workspace.progress_file.write_text('{"schema": 99}')
    for words in (["status"], ["hint"], ["run"], ["verify"]):
        calm(cli(*words), 3, "later nanolab", "pip install -U")
    assert workspace.progress_file.read_text() == '{"schema": 99}'


@pytest.fixture
def read_only():
    """`read_only(directory, *words)`: nanolab in it, as somebody who may not write there."""

    def run(directory, *words):
        directory.chmod(0o500)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "nanolab", *words],
                cwd=directory,
                env={**os.environ, "NANOLAB_COURSE": str(COURSE), "PYTHONPATH": _repository()},
                capture_output=True,
                text=True,
                preexec_fn=_obey_modes if ROOT else None,
                check=False,
            )
        finally:
            directory.chmod(0o700)
        return Answer(done.returncode, done.stdout, done.stderr)

    return run


def _obey_modes():
    """Give up for good what lets root write anywhere (Linux: DAC_OVERRIDE and DAC_READ_SEARCH)."""
    for capability in (1, 2):
        if ctypes.CDLL(None).prctl(24, capability, 0, 0, 0):  # PR_CAPBSET_DROP
            raise OSError("the capability cannot be dropped")


modes_bind = pytest.mark.skipif(
    ROOT and sys.platform != "linux", reason="root may write anywhere, and here cannot give it up"
)


@modes_bind
def test_a_read_only_workspace(read_only, workspace):
    calm(read_only(workspace.state, "list"), 0, "double")
    calm(read_only(workspace.state, "goto", "total"), 3, "may not be")
    calm(read_only(workspace.state, "run", "double"), 3, "may not be")
    calm(read_only(workspace.exercises / "01_numbers", "reset", "double"), 0, "is so already")


@modes_bind
def test_init_in_a_read_only_directory(read_only, tmp_path):
    (tmp_path / "locked").mkdir()
    calm(read_only(tmp_path / "locked", "init"), 3, "may not be read or written")


def test_a_state_directory_that_is_a_file(cli, workspace):
    import shutil

    shutil.rmtree(workspace.history_dir, ignore_errors=True)
    workspace.history_dir.write_text("not a store")
    answer = cli("history", "double")
    assert "Traceback" not in answer.err
    assert answer.code in {0, 3}


@pytest.mark.parametrize("words", [["run", "double"], ["reset", "double", "--yes"], ["undo"]])
def test_a_damaged_history_is_set_aside_and_said(cli, workspace, mini, words):
    workspace.file(mini.find("double")).write_text("mine = 1\n")
    workspace.history_dir.write_text("not a store")
    calm(cli(*words), 1 if words[0] == "run" else 0, "The history was damaged", "damaged-")
    assert "damaged" not in cli(*words).err


def test_a_full_disk(shell, workspace):
    """No file may grow: what a full disk does, without filling one."""
    before = workspace.progress_file.exists()
    calm(shell("ulimit -f 0; nanolab goto total 2>&1 | cat; exit ${PIPESTATUS[0]}"), 4, "no room")
    assert workspace.progress_file.exists() is before


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", ["list", "--version", "map", "list --json"])
def test_an_output_that_is_full(shell, words):
    calm(shell(f"nanolab {words} > /dev/full"), 4)


# Names and options.


@pytest.mark.parametrize(
    ("words", "fix"),
    [
        ("hint doubel", "Did you mean 01_numbers/double?"),
        ("list nubmers", "Did you mean 01_numbers?"),
        ("verify wrods", "Did you mean"),
        ("run 7/double", "nanolab list"),
        ("hint ''", "Hint 1"),
    ],
)
def test_unknown_names(shell, words, fix):
    calm(shell(f"nanolab {words}"), 0 if words == "hint ''" else 2, fix)


@pytest.mark.parametrize(
    "words",
    ["lits", "list --jsn", "hint --level", "hint --level x", "hint --level 7", "list 1 2 3",
     "verify -j 0", "restore double", "restore double@x", "--color", "reset", "dev", "list -x"],
)  # fmt: skip
def test_wrong_usage(shell, words):
    calm(shell(f"nanolab {words}"), 2)


def test_destructive_and_revealing_commands_ask_for_yes_where_nobody_can_answer(
    cli, workspace, mini
):
    workspace.file(mini.find("double")).write_text("mine = 1\n")
    for words in (["reset", "double"], ["diff", "total"], ["hint", "--level", "3"]):
        calm(cli(*words), 2, "--yes")
    assert workspace.file(mini.find("double")).read_text() == "mine = 1\n"


# What an exercise file may hold.


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"def double(number:\n    return\n", 1),
        (b"def double(number):\n    return 2 * number\x00\n", 1),
        (b"def double(number):\n    return 2 * number if '\xff' else 0\n", 1),
        (b"def double(number):\r\n\treturn 2 * number\r\n", 0),
        (b"def double(number):\n\tif number:\n        return 1\n\treturn 2\n", 1),
        (b"\xef\xbb\xbfdef double(number):\n    return 2 * number\n", 0),
        (b"", 1),
        (b"# " + b"x" * 5_000_000 + b"\ndef double(number):\n    return 2 * number\n", 0),
        (b"print('\\x1b[2J\\x1b]0;owned\\x07')\ndef double(number):\n    return 2 * number\n", 0),
    ],
    ids=["syntax", "nul", "utf-8", "crlf-tabs", "mixed-tabs", "bom", "empty", "5MB", "escapes"],
)
def test_any_content_gets_a_verdict(cli, workspace, mini, content, code):
    file = workspace.file(mini.find("double"))
    file.write_bytes(content)
    answer = cli("run", "double")
    calm(answer, code)
    assert "\x1b" not in answer.out
    calm(cli("run", "double", "--json"), code)
    calm(cli("verify", "double"), code)
    calm(cli("diff", "double", "--yes"), 0)
    assert file.read_bytes() == content


def test_a_deleted_file(cli, workspace, mini):
    workspace.file(mini.find("double")).unlink()
    cure = "exercises/01_numbers/double.py is missing", "nanolab reset double"
    calm(cli("run"), 3, *cure)
    calm(cli("verify", "double"), 1, *cure)
    calm(cli("diff", "double", "--yes"), 3, *cure)
    calm(cli("goto", "double"), 0, *cure)
    calm(cli("reset", "double"), 0)
    calm(cli("run"), 1)
    assert "missing" not in cli("goto", "double").err


def test_a_deleted_file_comes_back_with_init_from_anywhere_in_the_workspace(
    cli, workspace, mini, monkeypatch
):
    file, other = (workspace.file(mini.find(name)) for name in ("double", "total"))
    file.unlink()
    other.write_text("mine = 1\n")
    monkeypatch.chdir(workspace.exercises)
    calm(cli("init"), 0, "Put back: exercises/01_numbers/double.py", "nanolab watch")
    assert file.read_bytes() == mini.stub(mini.find("double")).read_bytes()
    assert other.read_text() == "mine = 1\n"
    assert not list(workspace.root.rglob("nanolab-workspace"))
    assert "Put back" not in cli("init").err


def test_a_renamed_file(cli, workspace, mini):
    file = workspace.file(mini.find("double"))
    renamed = file.rename(file.with_name("dubble.py"))
    calm(cli("run", "double"), 3, "missing", "rename yours to double.py")
    calm(cli("goto", "double"), 0, "missing", "rename yours to double.py")
    renamed.rename(file)
    calm(cli("run", "double"), 1)


def test_a_directory_in_place_of_a_file(cli, workspace, mini):
    file = workspace.file(mini.find("double"))
    file.unlink()
    file.mkdir()
    calm(cli("run", "double"), 3)
    calm(cli("verify", "double"), 1)


def test_symlinks(cli, workspace, mini, tmp_path):
    file = workspace.file(mini.find("double"))
    elsewhere = tmp_path / "elsewhere.py"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    calm(cli("run", "double"), 1)
    elsewhere.unlink()
    calm(cli("run", "double"), 3, "missing")
    file.unlink()
    file.symlink_to(file)
    calm(cli("run", "double"), 3)


# What may be missing outside.


def test_no_git(shell, tmp_path):
    without = tmp_path / "bin"
    without.mkdir()
    for program in ("bash", "cat"):
        (without / program).symlink_to(f"/bin/{program}")
    variables = {"PATH": str(without), "GIT_PYTHON_GIT_EXECUTABLE": "no-git-here"}
    answer = shell("nanolab init made && cd made && nanolab run double", cwd=tmp_path, **variables)
    calm(answer, 1, "`git init` could not be run")
    calm(shell("nanolab history double", cwd=tmp_path / "made", **variables), 0, "unfinished")


def test_no_torch(shell, tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('no torch here')")
    variables = {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}:{_repository()}"}
    for words in ("list", "doctor", "verify --solutions", "run --json"):
        calm(shell(f"nanolab {words}", **variables), 1 if words.startswith("run") else 0)


def _repository():
    import nanolab

    return os.path.dirname(os.path.dirname(nanolab.__file__))  # noqa: PTH120


# Pipes, signals, terminals.


@pytest.mark.parametrize("words", ["list", "map", "--help", "list --json", "read"])
def test_a_reader_that_goes_away(shell, words):
    answer = shell(f"nanolab {words} | true; echo ${{PIPESTATUS[0]}}")
    assert answer.out.split()[-1] in {"141", "0"}
    assert answer.err == ""


@pytest.mark.parametrize(
    "words",
    ["list", "read", "run", "diff double --yes", "verify", "watch --plain", "watch --json"],
)
def test_a_pipe_that_is_closed_from_the_start_is_141(shell, words):
    answer = shell(f"exec 3> >(exec true); sleep 0.3; nanolab {words} >&3; echo $?")
    assert answer.out.split() == ["141"]
    assert answer.err == ""


def test_head(shell):
    calm(shell("nanolab list | head -1"), 0, "Numbers")


def test_no_output_at_all(shell):
    calm(shell("nanolab list >&-"), 0)
    calm(shell("nanolab list 2>&-"), 0, "double")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("words", [["verify"], ["watch", "--plain"]], ids=" ".join)
def test_signals_at_many_moments(workspace, mini, number, code, words):
    endless = b"def double(number):\n    while True:\n        pass\n"
    workspace.file(mini.find("double")).write_bytes(endless)
    environment = {**os.environ, "NANOLAB_COURSE": str(mini.root), "PYTHONPATH": _repository()}
    for wait in (0.5, 1.0, 2.0):
        nanolab = subprocess.Popen(
            [sys.executable, "-m", "nanolab", *words],
            cwd=workspace.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(wait)
        nanolab.send_signal(number)
        err = nanolab.communicate(timeout=20)[1]
        assert b"Traceback" not in err
        assert nanolab.returncode in {code, -number}


def in_terminal(words, typed, cwd, course, size=(24, 80)):
    """Run nanolab on a terminal of its own; returns (exit code, what it showed)."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    environment = {**os.environ, "NANOLAB_COURSE": str(course), "PYTHONPATH": _repository()}
    environment |= {"TERM": "xterm", "CI": ""}
    nanolab = subprocess.Popen(
        [sys.executable, "-m", "nanolab", *words],
        cwd=cwd,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - makes \x03 Ctrl-C
    )
    os.close(theirs)
    shown = b""
    for wanted, key in typed:
        shown += _until(ours, wanted)
        os.write(ours, key)
    shown += _until(ours, None)
    os.close(ours)
    return nanolab.wait(20), shown.decode(errors="replace")


def _until(terminal, wanted, seconds=20):
    """What comes until `wanted` was shown, or for None until the end."""
    shown = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and (wanted is None or wanted not in shown):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                break
    return shown


@pytest.mark.parametrize("yes", [b"\n", b"y\n", b"Yes\n"])
def test_outside_of_a_workspace_it_offers_one_and_goes_on_into_watch(tmp_path, mini, yes):
    typed = [(b"[Y/n]", yes), (b"begin", b"\n"), (b"Not finished", b"q")]
    code, shown = in_terminal([], typed, tmp_path, mini.root)
    assert code == 0, shown
    assert (tmp_path / "nanolab-workspace" / "exercises" / "01_numbers" / "double.py").exists()
    assert "Traceback" not in shown


def test_declining_makes_nothing(tmp_path, mini):
    code, shown = in_terminal([], [(b"[Y/n]", b"n\n")], tmp_path, mini.root)
    assert code == 0
    assert "Nothing was made" in shown
    assert list(tmp_path.iterdir()) == []


def test_enter_alone_overwrites_nothing(workspace, mini):
    file = workspace.file(mini.find("double"))
    file.write_text("mine = 1\n")
    code, shown = in_terminal(["reset", "double"], [(b"[y/N]", b"\n")], workspace.root, mini.root)
    assert code == 0
    assert "Nothing was changed" in shown
    assert file.read_text() == "mine = 1\n"


def test_ctrl_c_at_a_question_is_130_and_changes_nothing(workspace, mini):
    file = workspace.file(mini.find("double"))
    file.write_text("mine = 1\n")
    code, shown = in_terminal(["reset", "double"], [(b"[y/N]", b"\x03")], workspace.root, mini.root)
    assert code in {130, -signal.SIGINT}
    assert "Traceback" not in shown
    assert file.read_text() == "mine = 1\n"


@pytest.mark.parametrize("words", [["list"], ["map"], ["status"], ["hint"], ["run"]], ids=" ".join)
def test_a_terminal_of_20x5(workspace, mini, words):
    code, shown = in_terminal(words, [], workspace.root, mini.root, size=(5, 20))
    assert code in {0, 1}
    assert "Traceback" not in shown


def test_watch_on_a_terminal_of_20x5(workspace, mini):
    typed = [(b"Not finished", b"q")]
    code, shown = in_terminal(["watch"], typed, workspace.root, mini.root, size=(5, 20))
    assert code == 0, shown
    assert "Traceback" not in shown


def test_watch_in_lines_ends_with_one_q(workspace, mini):
    typed = [(b"Not finished", b"q")]
    code, shown = in_terminal(["watch", "--plain"], typed, workspace.root, mini.root)
    assert code == 0, shown


def test_a_second_watch_says_who_has_the_first(workspace, mini):
    with _watching(workspace, mini) as first, _watching(workspace, mini) as second:
        wanted = f"process {first.pid}".encode()
        assert wanted in _until(second.stdout.fileno(), wanted)


@contextmanager
def _watching(workspace, mini):
    """A watch in a process of its own, once it watches."""
    with subprocess.Popen(
        [sys.executable, "-m", "nanolab", "watch", "--plain"],
        cwd=workspace.root,
        env={**os.environ, "NANOLAB_COURSE": str(mini.root), "PYTHONPATH": _repository()},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as process:
        try:
            assert b"Watching" in process.stdout.readline()
            yield process
        finally:
            process.terminate()
            assert b"Traceback" not in process.communicate(timeout=20)[1]
        assert process.returncode == 143
