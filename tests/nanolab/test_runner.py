"""The runner, with real processes: what passes, what must not, and that nothing is left behind.

Every test runs on both kinds of host: forked from a warm server, and started one by one.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from dataclasses import replace

import psutil
import pytest

from nanolab.course import Need
from nanolab.runner import CheckDone, Judged, Runner, job_for, unavailable
from nanolab.verdict import Outcome

RIGHT = "def double(number):\n    return number * 2\n"


@pytest.fixture(scope="module", params=["fork", "spawn"])
def runner(request):
    """A runner of each kind, kept for the whole module, as a watch keeps it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NANOLAB_RUNNER", request.param)
        patch.setenv("MY_API_TOKEN", "hunter2")
        with Runner() as one:
            one.warm_up()
            yield one


@pytest.fixture
def judged(runner, mini, tmp_path):
    """`judged(source)`: the verdict on a file with that text, as an answer to `double`."""

    def judge(source, *, name="double", timeout=10, **changes):
        exercise = replace(mini.find(name), timeout=timeout)
        file = tmp_path / f"{name}.py"
        file.write_bytes(source if isinstance(source, bytes) else source.encode())
        return runner.run(replace(job_for(mini, exercise, file), **changes))

    return judge


# What a verdict says.


def test_the_solution_passes_with_all_its_checks(judged):
    verdict = judged(RIGHT)
    assert verdict.outcome is Outcome.PASSED
    assert [check.outcome for check in verdict.checks] == [Outcome.PASSED] * 3
    assert verdict.checks[0].title == "One becomes two."
    assert verdict.sha256 == hashlib.sha256(RIGHT.encode()).hexdigest()


def test_importing_torch_changes_nothing_that_counts(judged):
    pytest.importorskip("torch")
    assert judged(f"import torch\n\n{RIGHT}", timeout=30).outcome is Outcome.PASSED


def test_a_stub_is_unfinished_not_failed(judged, mini):
    verdict = judged(mini.stub(mini.find("double")).read_text())
    assert verdict.outcome is Outcome.UNFINISHED
    assert verdict.first_failure.frames[-1].code == "raise NotImplementedError"


def test_a_failure_carries_message_expected_actual_and_slip(judged):
    verdict = judged("def double(number):\n    return number + 2\n")
    first = verdict.first_failure
    assert verdict.outcome is Outcome.FAILED
    assert (first.id, first.expected, first.actual) == ("test_one_becomes_two", "2", "3")
    assert first.message == "twice one is two"
    assert verdict.diagnosis.wrong == "adds_two"


def test_a_diagnosis_that_takes_too_long_costs_the_name_not_the_verdict(judged, mini, tmp_path):
    check = mini.check(mini.find("double")).read_text(encoding="utf-8")
    slow = tmp_path / "test_double.py"
    slow.write_text(
        check.replace(
            "def probe(module):", "def probe(module):\n    import time\n\n    time.sleep(0.8)\n"
        )
    )
    verdict = judged("def double(number):\n    return number * 7\n", timeout=2, check=slow)
    assert verdict.outcome is Outcome.FAILED
    assert verdict.diagnosis is None


def test_what_should_be_in_a_text_is_expected_and_the_text_is_what_came(judged, tmp_path):
    check = tmp_path / "test_double.py"
    check.write_text(
        "from mini.numbers.double import double\n\n\n"
        'def test_it():\n    """A title."""\n    assert \'40\' in str(double(7)), \'say 40\'\n'
    )
    failed = judged(RIGHT, check=check).first_failure
    assert (failed.message, failed.expected, failed.actual) == ("say 40", "'40' in it", "'14'")


def test_another_slip_has_no_diagnosis(judged):
    assert judged("def double(number):\n    return number * 7\n").diagnosis is None


def test_an_exception_shows_only_the_learners_lines(judged):
    verdict = judged(
        "def double(number):\n    return halve(number)\n\n\ndef halve(n):\n    return n / 0\n"
    )
    first = verdict.first_failure
    assert first.message == "ZeroDivisionError: division by zero"
    assert [(frame.line, frame.function) for frame in first.frames] == [(2, "double"), (6, "halve")]


def test_prerequisites_are_the_solutions(judged):
    source = "from mini.numbers.double import double\n\n\ndef shout(word, marks=1):\n    return word.upper() + '!' * double(marks)\n"
    assert judged(source, name="shout").outcome is Outcome.PASSED


def test_what_is_printed_is_kept(judged):
    verdict = judged("print('\\x1b[2J hello')\n" + RIGHT)
    assert "hello" in verdict.output


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        ("def double(number:\n    pass\n", "SyntaxError", 1),
        ("import nothing_like_this\n", "ModuleNotFoundError", 1),
        ("x = 1\ny = 1 / 0\n", "ZeroDivisionError", 2),
        ("import sys\nsys.exit(0)\n", "SystemExit", 2),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt", 1),
        (b"x = 1\ny = '\xff\xfe'\n", "SyntaxError", None),
        (b"x = 1\x00\n", "null bytes", None),
        ("def double(number):\n\tif number:\n        return 1\n", "TabError", 3),
    ],
)
def test_a_file_that_does_not_import_is_broken_with_its_line(judged, source, reason, line):
    verdict = judged(source)
    assert verdict.outcome is Outcome.BROKEN
    assert reason in verdict.reason
    if line is not None:
        assert verdict.place.line == line


def test_windows_line_ends_and_tabs_are_fine(judged):
    assert judged("def double(number):\r\n\treturn number * 2\r\n").passed


def test_two_saves_of_one_size_in_one_second_run_the_new_code(judged):
    assert judged("def double(number):\n    return number * 2\n").passed
    assert not judged("def double(number):\n    return number * 3\n").passed


def test_a_missing_name_is_a_failure_that_names_it(judged):
    verdict = judged("def twice(number):\n    return number * 2\n")
    assert not verdict.passed
    assert (
        "double" in verdict.reason + verdict.first_failure.message
        if verdict.checks
        else verdict.reason
    )


# What must never pass.

FALSE_PASSES = {
    "exits at import": "import os\nos._exit(0)\n",
    "exits in a check": "import os\n\n\ndef double(number):\n    os._exit(0)\n",
    "exits when python ends": "import atexit, os\natexit.register(os._exit, 0)\n\n\ndef double(number):\n    return 0\n",
    "raises SystemExit": "def double(number):\n    raise SystemExit(0)\n",
    "raises KeyboardInterrupt": "def double(number):\n    raise KeyboardInterrupt\n",
    "skips the module": "import pytest\npytest.skip('no', allow_module_level=True)\n",
    "skips each check": "import pytest\n\n\ndef double(number):\n    pytest.skip('no')\n",
    "expects to fail": "import pytest\n\n\ndef double(number):\n    pytest.xfail('no')\n",
    "ends pytest": "import pytest\n\n\ndef double(number):\n    pytest.exit('done', returncode=0)\n",
    "forks and returns twice": "import os\n\n\ndef double(number):\n    os.fork()\n    return 0\n",
    "writes a report of its own": 'import os\nfor fd in range(3, 64):\n    try:\n        os.write(fd, b\'\\n{"event": "closing"}\\n\')\n    except OSError:\n        pass\nos._exit(0)\n',
    "knows the nonce, but not the words": "import sys\n\nframe = sys._getframe()\nwhile 'report' not in frame.f_locals:\n    frame = frame.f_back\nfor event in ({}, {'event': 'check', 'check': 1, 'memory': 0}, {'event': 'collected', 'value': 7}, {'event': 'started', 'pid': -1, 'limited': 0}):\n    frame.f_locals['report'].send(event)\n"
    + RIGHT,
    "closes everything": "import os\nos.closerange(0, 256)\n\n\ndef double(number):\n    return 0\n",
    "dies of a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    "is equal to everything": "class Any:\n    def __eq__(self, other):\n        raise SystemExit(0)\n\n\ndef double(number):\n    return Any()\n",
    "switches pytest's calls off": "import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n\n\ndef double(number):\n    return 0\n",
    "changes the plugin": "import nanolab.runner.plugin as plugin\nplugin.Reporter._check = lambda self, name: plugin.Check(name, name, plugin.Outcome.PASSED)\n\n\ndef double(number):\n    return 0\n",
    "changes math.isclose": "import math\nmath.isclose = lambda *a, **k: True\n" + RIGHT,
    "changes builtins.len": "import builtins\nbuiltins.len = lambda x: 3\n" + RIGHT,
    "changes the code of expect.close": "import nanolab.expect\nnanolab.expect.close.__code__ = (lambda *a, **k: None).__code__\n"
    + RIGHT,
    "widens the default of expect.close": "import nanolab.expect\nnanolab.expect.close.__kwdefaults__['atol'] = 1e9\n"
    + RIGHT,
    "hides a builtin from expect": "import nanolab.expect\nnanolab.expect.type = lambda value: None\n"
    + RIGHT,
    "changes pytest.approx": "import pytest\ntype(pytest.approx(1.0)).__eq__ = lambda self, other: True\n"
    + RIGHT,
    "takes the place of expect": "import sys, types\nsys.modules['nanolab.expect'] = types.ModuleType('nanolab.expect')\n"
    + RIGHT,
    "reads checks of its own": "import types\nfrom nanolab.runner.checks import CheckModule\n\ndef easy(self):\n    easy = types.ModuleType('easy')\n    vars(easy).update({f'test_{n}': lambda: None for n in range(3)})\n    return easy\n\nCheckModule._getobj = easy\n",
    "writes over the checks": "import sys\n\n\ndef double(number):\n    checks = vars(sys.modules['test_double'])\n    for name in [name for name in checks if name.startswith('test_')]:\n        checks[name].__code__ = (lambda: None).__code__\n    return number * 2\n",
    "reads other files than asked": "import pathlib\n\neasy = ''.join(f'def test_{n}(): pass\\n' for n in range(3)).encode()\nread = pathlib.Path.read_bytes\npathlib.Path.read_bytes = lambda self: easy if self.name == 'test_double.py' else read(self)\n",
    "changes expect.close": "import nanolab.expect\nnanolab.expect.close = lambda *a, **k: None\n"
    + RIGHT,
}


@pytest.mark.parametrize("trick", FALSE_PASSES)
def test_no_trick_passes(judged, trick):
    verdict = judged(FALSE_PASSES[trick], timeout=5)
    assert not verdict.passed
    assert verdict.outcome in {Outcome.FAILED, Outcome.CRASHED, Outcome.ERROR, Outcome.BROKEN}


def test_patched_torch_testing_does_not_pass(judged):
    pytest.importorskip("torch")
    source = "import torch.testing\ntorch.testing.assert_close = lambda *a, **k: None\n" + RIGHT
    verdict = judged(source, timeout=60, preload=("torch", "torch.testing"))
    assert verdict.outcome is Outcome.ERROR
    assert "torch.testing.assert_close" in verdict.reason


def test_files_of_the_learner_do_not_steer_pytest(judged, tmp_path, monkeypatch):
    (tmp_path / "conftest.py").write_text(
        "def pytest_pyfunc_call(pyfuncitem):\n    return True\n\n\ndef pytest_runtest_call(item):\n    pass\n"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    (tmp_path / "sitecustomize.py").write_text("import os\nos._exit(0)\n")
    (tmp_path / "torch.py").write_text("raise SystemExit\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")
    assert judged(RIGHT).passed
    assert judged("def double(number):\n    return 0\n").outcome is Outcome.FAILED


def test_a_report_with_another_number_of_checks_is_not_believed(runner, mini, tmp_path):
    file = tmp_path / "double.py"
    file.write_text(RIGHT)
    exercise = replace(mini.find("double"), checks=4)
    verdict = runner.run(job_for(mini, exercise, file))
    assert verdict.outcome is Outcome.ERROR
    assert "4 checks" in verdict.reason


def test_a_skipped_check_is_not_a_passed_one(runner, mini, tmp_path):
    file, check = tmp_path / "double.py", tmp_path / "test_double.py"
    file.write_text(RIGHT)
    check.write_text("import pytest\n\n\n@pytest.mark.skip\ndef test_a():\n    pytest.skip('x')\n")
    exercise = replace(mini.find("double"), checks=1)
    verdict = runner.run(replace(job_for(mini, exercise, file), check=check))
    assert not verdict.passed


# What is contained.


def test_an_endless_loop_is_ended_and_its_line_named(judged):
    began = time.monotonic()
    verdict = judged("def double(number):\n    while True:\n        number += 1\n", timeout=1)
    assert verdict.outcome is Outcome.TIMEOUT
    assert verdict.place.line in {2, 3}
    assert time.monotonic() - began < 10  # not a measure of speed: it must end at all


def test_an_endless_print_is_ended_and_capped(judged):
    verdict = judged("def double(number):\n    while True:\n        print('x' * 1000)\n", timeout=5)
    assert verdict.outcome is Outcome.CRASHED
    assert "16 MB" in verdict.reason
    assert len(verdict.output) < 40_000


def test_too_much_memory_is_called_so(judged):
    verdict = judged("def double(number):\n    return [0] * (1 << 40)\n")
    assert verdict.outcome is Outcome.MEMORY


@pytest.mark.parametrize("source", ["def double(number):\n    return double(number)\n"])
def test_endless_recursion_is_an_ordinary_failure(judged, source):
    verdict = judged(source)
    assert verdict.outcome is Outcome.FAILED
    assert "RecursionError" in verdict.first_failure.message
    assert len(verdict.first_failure.frames) <= 8


def test_input_finds_nothing_to_read(judged):
    verdict = judged("def double(number):\n    return int(input())\n", timeout=5)
    assert "EOFError" in verdict.first_failure.message


def test_secrets_do_not_reach_the_code(judged):
    source = "import os\n\n\ndef double(number):\n    return os.environ.get('MY_API_TOKEN', number * 2)\n"
    assert judged(source).passed


def test_home_and_current_directory_are_the_runs_own(judged, tmp_path):
    source = "from pathlib import Path\n\n\ndef double(number):\n    Path('litter').write_text('x')\n    (Path.home() / 'more').write_text('x')\n    return number * 2\n"
    assert judged(source).passed
    assert sorted(path.name for path in tmp_path.iterdir()) == ["double.py"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the attack itself needs fork")
def test_nothing_that_the_code_starts_is_left_behind(judged, tmp_path):
    mark = tmp_path / "pids"
    source = f"""
import os, subprocess, sys, threading, time

def double(number):
    subprocess.Popen(["sleep", "60"])
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            with open({str(mark)!r}, "a") as f:
                f.write(f"{{os.getpid()}}\\n")
            time.sleep(60)
        os._exit(0)
    threading.Thread(target=time.sleep, args=(60,)).start()
    time.sleep(0.1)
    return number * 2
"""
    assert judged(source).passed
    pids = [int(line) for line in mark.read_text().split()]
    assert len(pids) == 3
    deadline = time.monotonic() + 5
    while any(map(_runs, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(_runs, pids))


def _runs(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_killing_the_parent_is_survived(judged, runner):
    if _forks(runner):
        kill = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)\n"
        assert judged(kill).outcome is Outcome.CRASHED
    assert judged(RIGHT).passed


def _forks(runner):
    return type(runner._host).__name__ == "ForkHost"


# Streaming and cancelling.


def test_checks_stream_before_the_end(runner, mini, tmp_path):
    file = tmp_path / "double.py"
    file.write_text(RIGHT)
    events, ended = _start(runner, job_for(mini, mini.find("double"), file))
    assert ended.wait(20)
    assert [type(event) for event in events] == [CheckDone] * 3 + [Judged]


def test_a_newer_start_cancels_the_run_before(runner, mini, tmp_path):
    slow, right = tmp_path / "slow.py", tmp_path / "right.py"
    slow.write_text("import time\ntime.sleep(30)\n")
    right.write_text(RIGHT)
    first, first_ended = _start(runner, job_for(mini, mini.find("double"), slow))
    time.sleep(0.3)
    second, second_ended = _start(runner, job_for(mini, mini.find("double"), right))
    assert first_ended.wait(10)
    assert first[-1].verdict.outcome is Outcome.CANCELLED
    assert second_ended.wait(20)
    assert second[-1].verdict.passed


def _start(runner, job):
    events, ended = [], threading.Event()

    def emit(event):
        events.append(event)
        if isinstance(event, Judged):
            ended.set()

    runner.start(job, emit)
    return events, ended


def test_a_missing_need_is_said_with_its_cure(mini):
    course = replace(mini, needs=(Need("zap", "no_such_module_zap", "", "pip install zap"),))
    exercise = replace(mini.find("double"), needs=("zap",))
    assert "pip install zap" in unavailable(course, exercise)
    assert unavailable(course, mini.find("double")) == ""
