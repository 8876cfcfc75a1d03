"""Hostile learners: whatever a file does, the right verdict comes and nothing is left behind.

Each attack is tried twice: on `nanolab run`, and on a `nanolab watch` that has to survive them all.
"""

from __future__ import annotations

import time

import psutil
import pytest
from hardening.attacks import ATTACKS, ON_THE_SERVER, RIGHT, WRONG, Attack
from hardening.labs import HANGS, LIMIT, Lab
from hardening.victims import Survivor, meets_run

from nanolab.runner import Runner, job_for, limits
from nanolab.runner.report import Report
from nanolab.verdict import Outcome

pytestmark = pytest.mark.hardening

ALL = {**ATTACKS, **ON_THE_SERVER}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Where `nanolab run` is attacked."""
    return Lab(tmp_path_factory.mktemp("run"))


@pytest.mark.parametrize("name", ALL)
def test_run_comes_to_the_right_verdict(lab, tally, name):
    attack = ALL[name]
    tally.add("attacks", tried=1, contained=0)

    seconds = meets_run(lab, attack)

    assert seconds < LIMIT + HANGS
    if attack.outcome == "timeout":
        tally.measured("run: verdict after the limit", seconds - LIMIT)
    tally.add("attacks", contained=1)


@pytest.fixture(scope="module")
def survivor(tmp_path_factory):
    one = Survivor(tmp_path_factory.mktemp("watch"))
    yield one
    one.terminal.close()


@pytest.mark.parametrize("name", ALL)
def test_watch_shows_the_right_verdict_and_lives_on(survivor, tally, name):
    attack = ALL[name]
    tally.add("attacks", tried=1, contained=0)

    seconds = survivor.meets(name, attack)

    survivor.is_well()
    if attack.outcome == "timeout":
        tally.measured("watch: save to verdict after the limit", seconds - LIMIT)
    else:
        tally.measured("watch: save to verdict of what ends by itself", seconds)
    tally.add("attacks", contained=1)


def test_after_all_that_q_quits_and_nothing_is_left(survivor):
    survivor.terminal.press("q")

    assert survivor.terminal.end() == 0
    assert survivor.terminal.mode == survivor.terminal.before
    survivor.lab.assert_only(0)
    for sequence in (b"owned", b"\x1b[?1049", b"\x1b[3J", b"\x1b[2J", b"\x9b6n", b"\x1bP"):
        assert sequence not in survivor.terminal.raw


# One by one.


@pytest.fixture
def own_lab(tmp_path):
    """A lab for a single test."""
    return Lab(tmp_path)


@pytest.fixture
def watch(own_lab):
    """A watch in a lab of its own, past the welcome."""
    terminal = own_lab.watch()
    terminal.until("any key begin")
    terminal.press("q")
    terminal.until("Not finished")
    yield terminal
    terminal.close()


def test_q_quits_in_the_middle_of_an_endless_loop(own_lab, watch, tally):
    tally.add("attacks", tried=1, contained=0)
    own_lab.file("double").write_text("while True:\n    pass\n")
    watch.until("1 s of at most 10 s")

    watch.press("q")

    assert watch.end() == 0
    own_lab.assert_only(0)
    tally.add("attacks", contained=1)


@pytest.mark.parametrize("runner", ["fork", "spawn"])
def test_when_the_tutor_is_killed_everything_dies_with_it(tmp_path, tally, runner):
    tally.add("attacks", tried=1, contained=0)
    lab = Lab(tmp_path, NANOLAB_RUNNER=runner)
    terminal = lab.watch()
    terminal.until("any key begin")
    terminal.press("q")
    lab.file("double").write_text("while True:\n    pass\n")
    terminal.until("1 s of at most 10 s")
    began = time.monotonic()

    terminal.process.kill()
    terminal.process.wait()

    lab.assert_only(0)
    tally.measured(f"kill -9 of the tutor to the end of all ({runner})", time.monotonic() - began)
    terminal.close()
    tally.add("attacks", contained=1)


def test_a_daemon_that_hides_its_environment_is_found_by_its_descent(own_lab, tally, tmp_path):
    tally.add("attacks", tried=1, contained=0)
    mark = tmp_path / "pid"
    own_lab.file("double").write_text(f"""
import subprocess
import time

subprocess.Popen(["setsid", "env", "-i", "bash", "-c", "echo $$ > {mark}; exec sleep 60"])
while not open({str(mark)!r}, "a+").tell():
    time.sleep(0.01)
{RIGHT}""")

    assert own_lab.run().verdict["outcome"] == "passed"

    assert ends(int(mark.read_text()))
    tally.add("attacks", contained=1)


def ends(pid):
    """Whether a process is gone, at the latest after a few seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_code_that_removes_the_workspace_gets_its_verdict(own_lab, tally):
    tally.add("attacks", tried=1, contained=0)
    root = str(own_lab.workspace.root)
    own_lab.file("double").write_text(f"import shutil\nshutil.rmtree({root!r})\n{RIGHT}")

    answer = own_lab.run()

    assert answer.verdict["outcome"] == "passed"
    assert "Traceback" not in answer.err
    own_lab.assert_only(0)
    tally.add("attacks", contained=1)


def test_a_watch_whose_workspace_is_removed_can_be_quit(own_lab, watch, tally):
    tally.add("attacks", tried=1, contained=0)
    root = str(own_lab.workspace.root)
    own_lab.file("double").write_text(f"import shutil\nshutil.rmtree({root!r})\n{RIGHT}")
    watch.until("is missing")

    watch.press("q")

    assert watch.end() == 0
    assert "Traceback" not in watch.text
    own_lab.assert_only(0)
    tally.add("attacks", contained=1)


_STEERING = {
    "conftest.py": "def pytest_pyfunc_call(pyfuncitem):\n    return True\n",
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "sitecustomize.py": "import os\nos._exit(0)\n",
    "usercustomize.py": "import os\nos._exit(0)\n",
    "torch.py": "raise SystemExit\n",
    "pytest.py": "raise SystemExit\n",
    "math.py": "isclose = lambda *a, **k: True\n",
    "mini.py": "raise SystemExit\n",
}


def test_files_that_steer_python_and_pytest_do_not_steer_nanolab(own_lab, tally):
    tally.add("attacks", tried=len(_STEERING), contained=0)
    root = own_lab.workspace.root
    for folder in (root, root / "exercises", root / "exercises" / "01_numbers"):
        for name, text in _STEERING.items():
            (folder / name).write_text(text)
    own_lab.environment["PYTEST_ADDOPTS"] = "--collect-only"

    own_lab.file("double").write_text(WRONG)
    assert own_lab.run().verdict["outcome"] == "failed"
    own_lab.file("double").write_text(RIGHT)
    assert own_lab.run().verdict["outcome"] == "passed"
    tally.add("attacks", contained=len(_STEERING))


TORCH = {
    "patches torch.testing": Attack(
        "import torch.testing\ntorch.testing.assert_close = lambda *a, **k: None\n" + RIGHT,
        "error",
        "torch.testing.assert_close",
    ),
    "patches a comparison that tensors inherit": Attack(
        "import torch\ntorch.Tensor.allclose = lambda *a, **k: True\n" + RIGHT,
        "error",
        "torch.Tensor.allclose",
    ),
    "patches the comparison of tensors": Attack(
        "import torch\ntorch.Tensor.__eq__ = lambda *a: True\n" + RIGHT,
        "error",
        "torch.Tensor.__eq__",
    ),
    "asks torch for 8 GB": Attack(
        "import torch\n\n\ndef double(number):\n    return torch.ones(1 << 31)\n", "memory", "2 GiB"
    ),
    "starts threads in torch": Attack(
        "import torch\ntorch.set_num_threads(8)\n(torch.ones(512, 512) @ torch.ones(512, 512)).sum()\n"
        + RIGHT,
        "passed",
    ),
}


def test_torch_attacks_find_the_same_walls(tmp_path, tally):
    pytest.importorskip("torch")
    survivor = Survivor(tmp_path, preload=("torch", "torch.testing"))
    try:
        for name, attack in TORCH.items():
            tally.add("attacks", tried=1, contained=0)
            survivor.meets(name, attack)
            survivor.is_well()
            tally.add("attacks", contained=1)
    finally:
        survivor.terminal.close()


def test_where_memory_cannot_be_limited_it_is_watched(mini, tmp_path, monkeypatch, tally):
    """As on macOS, whose kernel takes no limit on data."""
    tally.add("attacks", tried=1, contained=0)
    feed = Report.feed

    def unlimited(self, data):
        checks = feed(self, data)
        self.limited = False
        return checks

    monkeypatch.setattr(Report, "feed", unlimited)
    monkeypatch.setattr(limits, "MEMORY", 600 << 20)
    file = tmp_path / "double.py"
    file.write_text("import time\nkept = b'x' * (800 << 20)\ntime.sleep(60)\n")
    with Runner(warm=False) as runner:
        verdict = runner.run(job_for(mini, mini.find("double"), file))

    assert verdict.outcome is Outcome.MEMORY
    tally.add("attacks", contained=1)


# What cannot be contained where the code and its checks share a process.

_FORGES = """
import os
import sys

frame = sys._getframe()
while "report" not in frame.f_locals:
    frame = frame.f_back
send = frame.f_locals["report"].send
names = ["test_one_becomes_two", "test_a_large_number_doubles_too",
         "test_a_number_below_zero_goes_further_below"]


def check(name, outcome):
    fields = dict.fromkeys(("title", "message", "expected", "actual", "autopsy"), "")
    fields |= {"id": name, "outcome": outcome, "frames": [], "seconds": 0}
    send({"event": "check", "check": fields, "memory": False})


send({"event": "collected", "value": [*names, "canary"]})
for name in names:
    check(name, "passed")
check("canary", "failed")
send({"event": "changed", "value": []})
send({"event": "closing"})
os._exit(0)
"""

LIMITS = {
    "finds the report in a frame and writes it": _FORGES,
    "answers with what says that it equals everything": (
        "from unittest.mock import ANY\n\n\ndef double(number):\n    return ANY\n"
    ),
}


@pytest.mark.xfail(strict=True, reason="code in the process of its checks can reach all of it")
@pytest.mark.parametrize("name", LIMITS)
def test_the_limit_of_what_is_refused(lab, tally, name):
    """Whoever works at a false pass gets one; it deceives nobody but the one who worked."""
    tally.add("known limits of one process", tried=1)
    lab.file("double").write_text(LIMITS[name])

    assert lab.run().verdict["outcome"] != "passed"
