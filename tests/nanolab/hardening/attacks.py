"""What a learner's file may do, by accident or not, and the verdict that it must come to."""

from __future__ import annotations

from dataclasses import dataclass

RIGHT = "\n\ndef double(number):\n    return number * 2\n"
WRONG = "\n\ndef double(number):\n    return 0\n"


@dataclass(frozen=True)
class Attack:
    """One hostile file.

    Attributes:
        source: The file.
        outcome: The right verdict.
        says: What its reason, or the message of its first failing check, holds.
        name: Of the exercise that it stands for; `total` has the short limit.
    """

    source: str
    outcome: str
    says: str = ""
    name: str = "double"


def _endless(body, imports=""):
    return Attack(f"{imports}\n{body}\n", "timeout", "endless loop", "total")


_EVERY_DESCRIPTOR = """
import os

for descriptor in range(3, 64):
    try:
        os.write(descriptor, {garbage})
    except OSError:
        pass
"""

_DAEMON = """
import os
import time


def double(number):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    return number * 2
"""

_STORM = """
import os
import time

first = os.getpid()


def double(number):
    for _ in range(6):
        os.fork()
    if os.getpid() != first:
        time.sleep(60)
    return number * 2
"""

_THREADS = """
import subprocess
import threading
import time


def double(number):
    subprocess.Popen(["sleep", "60"])
    for daemon in (False, True):
        threading.Thread(target=time.sleep, args=(60,), daemon=daemon).start()
    return number * 2
"""

_KILLS_AND_LEAVES = """
import os
import signal
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
time.sleep(0.1)
os.kill(os.getppid(), signal.SIGKILL)
time.sleep(60)
"""

_WRITES_OVER_CHECKS = """
import sys


def double(number):
    checks = vars(sys.modules["test_double"])
    for name in [name for name in checks if name.startswith("test_")]:
        checks[name].__code__ = (lambda: None).__code__
    return number * 2
"""

_EATS_ITS_JOB = """
import os
import threading


def eat(descriptor):
    try:
        while os.read(descriptor, 1):
            pass
    except OSError:
        pass


for descriptor in range(3, 16):
    threading.Thread(target=eat, args=(descriptor,), daemon=True).start()
"""

# What works by the processes of the tutor, and therefore differs where each run has its own.
ON_THE_SERVER = {
    # It waits, since its own end comes only a moment after the server's.
    "kills the warm server": Attack(
        "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)\n" + RIGHT,
        "crashed",
        "ended",
    ),
    "kills the warm server and leaves a daemon": Attack(_KILLS_AND_LEAVES, "crashed", "ended"),
    "stops the warm server": Attack(
        "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\n" + RIGHT, "passed"
    ),
}

ATTACKS = {
    # It never ends.
    "loops in a check": _endless("def total(numbers):\n    while True:\n        pass"),
    "loops at import": _endless("while True:\n    pass"),
    "loops in C, holding the interpreter": _endless(
        "def total(numbers):\n    re.match('(a+)+$', 'a' * 60 + 'b')", "import re"
    ),
    "loops deaf to every signal": _endless(
        "for one in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:\n"
        "    signal.signal(one, signal.SIG_IGN)\nwhile True:\n    pass",
        "import signal",
    ),
    "sleeps": _endless("time.sleep(600)", "import time"),
    "stops itself": _endless("os.kill(os.getpid(), signal.SIGSTOP)", "import os, signal"),
    # It asks for too much.
    "prints without end": Attack(
        "def double(number):\n    while True:\n        print('x' * 1000)\n", "crashed", "16 MB"
    ),
    "prints 1 GB": Attack(
        "import sys\nfor _ in range(1000):\n    sys.stdout.write('y' * 999_999 + '\\n')\n" + RIGHT,
        "crashed",
        "16 MB",
    ),
    "prints 30 MB on one line": Attack(
        "import sys\nsys.stdout.write('z' * 30_000_000)\n" + RIGHT, "crashed", "16 MB"
    ),
    "prints 15 MB on one line": Attack(
        "import sys\nsys.stdout.write('z' * 15_000_000)\n" + RIGHT, "passed"
    ),
    "allocates 8 GB": Attack("memory = bytearray(8 << 30)\n" + RIGHT, "memory", "2 GiB"),
    "allocates bit by bit": Attack(
        "def double(number):\n    kept = []\n    while True:\n        kept.append(bytes(64 << 20))\n",
        "memory",
        "2 GiB",
    ),
    "writes a file of 10 GB": Attack(
        "open('big', 'wb').truncate(10 << 30)\n" + RIGHT, "broken", "File too large"
    ),
    # It leaves something behind.
    "forks a storm": Attack(_STORM, "passed"),
    "leaves threads and a program": Attack(_THREADS, "passed"),
    "leaves a daemon of two forks": Attack(_DAEMON, "passed"),
    # It ends by itself.
    "exits at import": Attack("import os\nos._exit(0)\n", "crashed", "exit code 0"),
    "exits when Python ends": Attack(
        "import atexit, os\natexit.register(os._exit, 0)\n" + WRONG, "failed", "twice one is two"
    ),
    "stays when Python ends": Attack(
        "import atexit, time\natexit.register(time.sleep, 600)\n" + RIGHT, "passed"
    ),
    "calls sys.exit at import": Attack("import sys\nsys.exit(0)\n", "broken", "SystemExit"),
    "calls sys.exit in a check": Attack(
        "import sys\n\n\ndef double(number):\n    sys.exit(0)\n", "failed", "raised SystemExit"
    ),
    "raises KeyboardInterrupt": Attack(
        "def double(number):\n    raise KeyboardInterrupt\n", "failed", "raised KeyboardInterrupt"
    ),
    "reads from address 0": Attack(
        "import ctypes\n\n\ndef double(number):\n    return ctypes.string_at(0)\n",
        "crashed",
        "segmentation fault",
    ),
    "aborts": Attack("import os\nos.abort()\n", "crashed", "an abort"),
    "kills its process group": Attack(
        "import os, signal\nos.killpg(0, signal.SIGKILL)\n" + RIGHT, "crashed", "a kill"
    ),
    "recurses without end": Attack(
        "def double(number):\n    return double(number)\n", "failed", "RecursionError"
    ),
    "overflows the stack of C": Attack(
        "import sys\n\nsys.setrecursionlimit(1 << 30)\n\n\n"
        "def double(number):\n    return sorted([number], key=double)\n",
        "crashed",
        "segmentation fault",
    ),
    # It gets at the report.
    "closes stdout and stderr": Attack(
        "import os\nos.close(1)\nos.close(2)\n\n\n"
        "def double(number):\n    print('lost')\n    return number * 2\n",
        "passed",
    ),
    "closes every descriptor": Attack("import os\nos.closerange(0, 4096)\n" + RIGHT, "crashed"),
    "writes garbage into every descriptor": Attack(
        _EVERY_DESCRIPTOR.format(garbage=r"b'\x00\xff{]' * 1000 + b'\n' + b'[' * 100_000 + b'\n'")
        + RIGHT,
        "passed",
    ),
    "forges lines of the report": Attack(
        _EVERY_DESCRIPTOR.format(
            garbage=r"""b'{"event": "closing"}\n{"nonce": 0, "event": "closing"}\n[]\nnull\n'"""
        )
        + WRONG,
        "failed",
        "twice one is two",
    ),
    "reads what the tutor writes": Attack(_EATS_ITS_JOB + RIGHT, "passed"),
    # It touches what is not its own.
    "asks for input": Attack("def double(number):\n    return int(input())\n", "failed", "EOFError"),
    "goes to another directory": Attack("import os\nos.chdir('/')\n" + RIGHT, "passed"),
    "removes its directory": Attack("import os, shutil\nshutil.rmtree(os.getcwd())\n" + RIGHT, "passed"),
    "removes its own file": Attack("import os\nos.remove(__file__)\n" + RIGHT, "passed"),
    "changes the environment": Attack(
        "import os\nos.environ.clear()\nos.environ['PYTHONPATH'] = '/nowhere'\n" + RIGHT, "passed"
    ),
    "imports its check": Attack("import test_double\n" + RIGHT, "broken", "ModuleNotFoundError"),
    "imports the solution": Attack(
        "from solutions.numbers import double\n", "broken", "Error"
    ),
    "imports itself": Attack("from mini.numbers.double import double\n", "broken", "ImportError"),
    # It changes what the checks rely on.
    "patches math.isclose": Attack(
        "import math\nmath.isclose = lambda *a, **k: True\n" + RIGHT, "error", "math.isclose"
    ),
    "patches builtins.__import__": Attack(
        "import builtins\nreal = builtins.__import__\n"
        "builtins.__import__ = lambda *a, **k: real(*a, **k)\n" + RIGHT,
        "error",
        "builtins.__import__",
    ),
    "patches pytest.raises": Attack(
        "import contextlib, pytest\npytest.raises = contextlib.suppress\n" + RIGHT,
        "error",
        "pytest.raises",
    ),
    "patches pytest's runner": Attack(
        "import _pytest.python\n_pytest.python.Function.runtest = lambda self: None\n" + WRONG,
        "error",
        "Function.runtest",
    ),
    "writes over the checks": Attack(_WRITES_OVER_CHECKS, "error", "test_double.test_"),
    # It dresses up.
    "prints a bomb for terminals": Attack(
        "print('\\x1b[2J\\x1b]0;owned\\x07\\x1b[?1049h\\x1b[3J\\x9b6n\\x1bP+q\\x1b\\\\', 'harmless')\n"
        + RIGHT,
        "passed",
    ),
}  # fmt: skip
