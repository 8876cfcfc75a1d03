"""Other people's code in a sandbox: no network, no home, no other process, nothing to write to."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from nanolab.cli import classroom
from nanolab.cli.options import Shelter
from nanolab.errors import EnvironmentalError
from nanolab.runner import sandbox

WHY_NOT = sandbox.why_not()
NEEDS_BWRAP = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)

# A file that tries something while it is imported, and prints what came of it.
ATTACK = """
import os, socket, subprocess, sys
from pathlib import Path

def attack():
{body}

try:
    print("[came of it:", attack(), "]")
except BaseException as error:
    print("[came of it:", type(error).__name__, "]")


def double(number):
    return number * 2
"""


@pytest.fixture
def outcome_of(cli, workspace, mini):
    """What a learner's file prints that tries something in the sandbox; it passes otherwise."""

    def run(body):
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        workspace.file(mini.find("double")).write_text(ATTACK.format(body=lines))
        answer = cli("verify", "double", "--sandbox", "bwrap", "--json")
        (exercise,) = answer.json["exercises"]
        assert exercise["outcome"] == "passed", exercise["message"]
        assert answer.json["sandbox"] == "bwrap"
        return exercise["output"].partition("[came of it: ")[2].partition(" ]")[0]

    return run


@NEEDS_BWRAP
def test_an_honest_file_passes_and_a_wrong_one_is_told_its_slip(cli, workspace, mini, solve):
    for one in mini.exercises:
        solve(workspace, mini, one)
    assert cli("verify", "--sandbox", "bwrap").code == 0
    workspace.file(mini.find("double")).write_text("def double(number):\n    return number + 2\n")
    answer = cli("verify", "double", "--sandbox", "bwrap")
    assert answer.code == 1
    assert "Your code adds two" in answer.out


@NEEDS_BWRAP
def test_a_service_of_this_machine_cannot_be_reached(outcome_of):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        here = socket.create_connection(address)
        here.close()
        body = f"socket.create_connection({address!r}, timeout=3)\nreturn 'connected'"
        assert outcome_of(body) == "ConnectionRefusedError"


@NEEDS_BWRAP
def test_there_is_no_network_but_a_loopback_of_its_own(outcome_of):
    body = "return [name for _, name in socket.if_nameindex()]"
    assert outcome_of(body) in ("['lo']", "[]")
    body = "socket.create_connection(('192.0.2.1', 80), timeout=3)\nreturn 'connected'"
    assert outcome_of(body) == "OSError"


@NEEDS_BWRAP
def test_an_abstract_socket_of_this_machine_cannot_be_reached(outcome_of):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0nanolab-test")
        server.listen()
        body = "socket.socket(socket.AF_UNIX).connect('\\0nanolab-test')\nreturn 'connected'"
        assert outcome_of(body) == "ConnectionRefusedError"


@NEEDS_BWRAP
def test_the_home_cannot_be_read(outcome_of, home):
    (home / "secret").write_text("s3cret")
    assert outcome_of(f"return open({str(home / 'secret')!r}).read()") == "FileNotFoundError"


@NEEDS_BWRAP
@pytest.mark.parametrize(
    "name", [".nanolab/progress.json", "README.md", ".git/config", "exercises/01_numbers/notes.txt"]
)
def test_of_the_workspace_only_the_exercises_can_be_read(outcome_of, workspace, name):
    workspace.write(workspace.root / name, b"mine")
    body = f"return open({str(workspace.root / name)!r}).read()"
    assert outcome_of(body) == "FileNotFoundError"


@NEEDS_BWRAP
@pytest.mark.parametrize("name", ["/etc/passwd", "/etc/shadow", "/root", "/var", "/run", "/sys"])
def test_of_the_system_only_programs_can_be_read(outcome_of, name):
    body = f"return os.listdir({name!r}) if os.path.isdir({name!r}) else open({name!r}).read()"
    seen = outcome_of(body)
    # Folders on the way to this Python are there, with nothing else in them.
    allowed = {
        part for path in sandbox.Sandbox().command(Path("/s"), []) for part in Path(path).parts
    }
    assert seen == "FileNotFoundError" or set(map(repr, allowed)) >= set(
        seen.strip("[]").split(", ")
    )


@NEEDS_BWRAP
@pytest.mark.parametrize("where", ["own file", "solution", "nanolab", "/tmp", "/", "/dev"])
def test_nothing_outside_can_be_written(outcome_of, workspace, mini, where):
    double = mini.find("double")
    place = {
        "own file": str(workspace.file(double)),
        "solution": str(mini.solution(double)),
        "nanolab": str(Path(sandbox.__file__)),
    }.get(where, f"{where}/nanolab-attack")
    came = outcome_of(f"return open({place!r}, 'a').write('attack' * 9)")
    assert came in ("OSError", "FileNotFoundError")
    assert not Path(place).exists() or "attack" * 9 not in Path(place).read_text()


@NEEDS_BWRAP
def test_its_own_temporary_folder_can_be_written_and_is_gone_afterwards(outcome_of):
    body = "path = Path('mine.txt').absolute()\npath.write_text('x')\nreturn path"
    path = Path(outcome_of(body))
    assert path.name == "mine.txt"
    assert not path.parent.parent.exists()


@NEEDS_BWRAP
def test_no_other_process_is_seen_or_can_be_signalled(outcome_of):
    body = "return len([name for name in os.listdir('/proc') if name.isdigit()])"
    assert int(outcome_of(body)) <= 5
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        body = f"os.kill({sleeper.pid}, 9)\nreturn 'killed'"
        assert outcome_of(body) == "ProcessLookupError"
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@NEEDS_BWRAP
def test_what_it_starts_is_in_the_same_box_and_ends_with_it(outcome_of, tmp_path):
    mark = tmp_path / "mark"
    code = f"import time; time.sleep(2); open({str(mark)!r}, 'w')"
    body = f"return subprocess.Popen([sys.executable, '-c', {code!r}], start_new_session=True).pid"
    assert outcome_of(body).isdigit()
    assert not mark.exists()


@NEEDS_BWRAP
def test_it_has_no_rights_that_a_namespace_could_give(outcome_of):
    body = "return [line for line in open('/proc/self/status') if line.startswith('CapEff')][0]"
    assert int(outcome_of(body).split()[1], 16) == 0


@NEEDS_BWRAP
@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_a_link_to_a_secret_is_not_followed(cli, workspace, mini, home):
    (home / "secret.py").write_text(
        "print('s3cret')\n\n\ndef double(number):\n    return 2 * number\n"
    )
    file = workspace.file(mini.find("double"))
    file.unlink()
    file.symlink_to(home / "secret.py")
    answer = cli("verify", "double", "--sandbox", "bwrap", "--json")
    assert answer.code == 1
    (exercise,) = answer.json["exercises"]
    assert "link to somewhere else" in exercise["message"]
    assert "s3cret" not in answer.out


@pytest.mark.parametrize(
    ("link", "real"), [("a.py", True), ("b.py", False), ("c/x.py", False), ("d.py", True)]
)
def test_within_means_at_its_own_place(tmp_path, link, real):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/x.py").write_text("")
    root = tmp_path / "lab"
    root.mkdir()
    (root / "a.py").write_text("")
    (root / "b.py").symlink_to(tmp_path / "out/x.py")
    (root / "c").symlink_to(tmp_path / "out")
    assert sandbox.within(root / link, root) == real


# Where there is none.


@pytest.fixture
def no_bwrap(monkeypatch):
    monkeypatch.setattr(sandbox, "why_not", lambda: "bubblewrap is not installed.")


@pytest.mark.usefixtures("no_bwrap")
def test_a_sandbox_that_cannot_be_had_is_refused_with_the_cure(cli):
    answer = cli("verify", "--sandbox", "bwrap")
    assert answer.code == 4
    assert "apt install bubblewrap" in answer.err
    assert answer.out == ""


@pytest.mark.usefixtures("no_bwrap")
def test_auto_does_without_and_says_so(cli, workspace, mini, solve):
    solve(workspace, mini, mini.find("double"))
    answer = cli("verify", "double", "--sandbox", "auto", "--json")
    assert answer.code == 0
    assert answer.json["sandbox"] == "none"
    assert "No sandbox: what is judged runs with your rights." in answer.err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="bubblewrap is for Linux")
def test_a_box_that_leaks_is_not_called_one(tmp_path, monkeypatch):
    fake = tmp_path / "bwrap"
    fake.write_text('#!/bin/sh\nwhile [ "$1" != "--" ]; do shift; done; shift; exec "$@"\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert "leaks" in sandbox.why_not.__wrapped__()
    fake.write_text("#!/bin/sh\necho 'No permissions to create new namespace' >&2; exit 1\n")
    assert "No permissions to create new namespace" in sandbox.why_not.__wrapped__()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert "not installed" in sandbox.why_not.__wrapped__()


@pytest.mark.usefixtures("no_bwrap")
def test_what_must_be_sheltered_is():
    assert not classroom.sheltered(Shelter.NONE)
    with pytest.raises(EnvironmentalError, match="no sandbox to be had"):
        classroom.sheltered(Shelter.BWRAP)
