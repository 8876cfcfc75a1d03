"""The worker's end: a process that judges one exercise and is never used again.

It warms itself up, waits for one job on its channel, limits itself, imports the learner's file,
runs the checks under pytest and streams events back, one JSON line each. The closing line comes
last. This is the only place where a learner's code runs, and the only one that imports torch.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import importlib
import importlib.util
import io
import json
import os
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from nanolab.runner.job import CLOSING, TRACE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nanolab.runner.checks import Checks
    from nanolab.runner.guard import Guard
    from nanolab.wrongs import Wrong


SPARE = 1.0  # seconds of the limit that are left for the report when a diagnosis gives up


def import_everything(preload: Sequence[str]) -> None:
    """Import what every run needs, and `preload`; what cannot be imported is left to the checks."""
    import nanolab.assembly
    import nanolab.autopsy
    import nanolab.runner.checks
    import nanolab.runner.guard
    import nanolab.wrongs  # noqa: F401

    for name in preload:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    gc.collect()
    gc.freeze()  # so that collections in a child do not touch, and copy, these pages


def serve_one(channel: socket.socket, parent: int = 0) -> None:
    """Warm up, then judge the one job that comes on `channel`, report on it, and exit.

    Never returns. An end of file before a job means that nobody wants this worker any more.

    Args:
        channel: To the tutor.
        parent: Pid of the tutor, where its end shall be the end of the run.
    """
    checks, guard = _warm()
    stream = channel.makefile("rb")
    line = stream.readline()
    if not line:
        os._exit(0)
    if parent:
        _end_with(parent, channel)
    job = json.loads(line)
    report = _Report(channel, job["nonce"])
    try:
        _judge(job, report, checks, guard)
    finally:
        os._exit(0)


def _end_with(parent: int, channel: socket.socket) -> None:
    """See to it that the run does not outlive the tutor.

    Only now, since Linux ties a process to the thread that started it, and that one has gone on.
    """
    from nanolab.runner import limits

    if not limits.die_with_parent(parent):

        def wait() -> None:
            with contextlib.suppress(OSError):
                channel.recv(1, socket.MSG_PEEK)  # the tutor says no more: this is its end
            os._exit(1)

        threading.Thread(target=wait, daemon=True).start()


class _Report:
    """Sends events; refuses to speak for a fork of the process that began the run."""

    def __init__(self, channel: socket.socket, nonce: str) -> None:
        self._channel = channel
        self._nonce = nonce
        self._pid = os.getpid()
        self._count = 0
        self._lock = threading.Lock()

    def send(self, event: dict[str, Any]) -> None:
        """Write one line, framed by newlines, so that a stranger's garbage spoils no line of ours."""
        if os.getpid() != self._pid:
            os._exit(0)
        with self._lock:
            line = json.dumps({"nonce": self._nonce, "count": self._count, **event})
            self._count += 1
            self._channel.sendall(b"\n" + line.encode("utf-8", "replace") + b"\n")


def _warm() -> tuple[Checks, Guard]:
    """Run one tiny check, so that the first use of everything is behind us when a job comes.

    Returns:
        The session for the job's own checks, and what they rely on as it is now.
    """
    from nanolab.runner.checks import Checks
    from nanolab.runner.guard import Guard

    here = Path(__file__).with_name("warm_check.py")
    checks = Checks()
    checks.collect(here, learner_file=str(here), seed=0, send=_nowhere)
    checks.run()
    if "torch" in sys.modules:
        _warm_torch(sys.modules["torch"])
    return Checks(), Guard()


def _warm_torch(torch: Any) -> None:  # noqa: ANN401
    """Forward, backward and a comparison: their first uses cost most."""
    from nanolab.autopsy import compare

    weights = torch.ones(4, 4, requires_grad=True)
    torch.nn.functional.softmax(weights @ weights, dim=-1).sum().backward()
    compare(weights, weights + 1)


def _nowhere(event: dict[str, Any]) -> None:
    """Where the events of a warm-up go."""
    del event


def _judge(job: dict[str, Any], report: _Report, checks: Checks, guard: Guard) -> None:
    from nanolab import mount
    from nanolab.runner import limits

    began = time.monotonic()
    directory = Path(job["directory"])
    _settle(directory, job)
    limited = limits.confine(job["timeout"])
    report.send({"event": "started", "pid": os.getpid(), "limited": limited})
    changes = guard.changes  # bound now: the class may be changed, too
    learner = _import_learner(job, report)
    report.send({"event": "sha256", "value": mount.executed.get(job["file"], "")})
    if learner is not None and job["ask"]:
        from nanolab.runner.demo import demonstrate

        demonstrate(job, learner, report.send)
    elif learner is not None:
        file, seed = job["file"], job["seed"]
        module = checks.collect(Path(job["check"]), learner_file=file, seed=seed, send=report.send)
        if module is not None:
            guard.add(module.__name__, module)
        checks.run()
        changed = changes()
        if checks.reporter.failures and not changed:
            latest = began + job["timeout"] - SPARE
            _diagnose(job, learner, checks.reporter.module, report, latest)
        report.send({"event": "changed", "value": changed})
    faulthandler.cancel_dump_traceback_later()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    report.send({"event": CLOSING})


def _settle(directory: Path, job: dict[str, Any]) -> None:
    """Own temporary directory, own home, the assembly on the path, a note for when time is up."""
    from nanolab import assembly

    os.chdir(directory)
    tempfile.tempdir = str(directory)
    os.environ.update(HOME=str(directory), USERPROFILE=str(directory), TMPDIR=str(directory))
    mounted = directory / "path"
    assembly.write_mount(mounted, assembly.Table(**job["table"]))
    os.environ["PYTHONPATH"] = str(mounted)
    sys.path.insert(0, str(mounted))
    sys.dont_write_bytecode = True
    kit = ModuleType("kit")  # what the course's checks and demos share: `from kit.ranks import …`
    kit.__path__ = [str(Path(job["check"]).parent.with_name("kit"))]
    sys.modules["kit"] = kit
    trace = open(directory / TRACE_FILE, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - to the end
    faulthandler.dump_traceback_later(max(job["timeout"] - 0.25, 0.05), file=trace)


def _import_learner(job: dict[str, Any], report: _Report) -> ModuleType | None:
    """Import the file under check; if that fails, say how and where, and return None."""
    from nanolab import crate
    from nanolab.runner.plugin import describe, learner_frames, seed_all
    from nanolab.verdict import Frame, to_json

    seed_all(job["seed"])
    try:
        return importlib.import_module(job["module"])
    except crate.NotBuiltError as error:
        report.send({"event": "unavailable", "value": str(error)})
        return None
    except BaseException as error:
        place = None
        if isinstance(error, SyntaxError) and error.filename == job["file"]:
            code, column = (error.text or "").rstrip(), max(error.offset or 0, 0)
            place = Frame(job["file"], error.lineno or 1, "", code, column)
        frames = learner_frames(error, job["file"])
        if place is None and frames:
            place = frames[-1]
        report.send(
            {
                "event": "broken",
                "reason": getattr(error, "report", "") or describe(error),
                "place": to_json(place) if place else None,
                "unfinished": isinstance(error, NotImplementedError),
                "memory": isinstance(error, MemoryError),
            }
        )
        return None


def _diagnose(
    job: dict[str, Any],
    learner: ModuleType,
    check: ModuleType | None,
    report: _Report,
    latest: float,
) -> None:
    """Send the name of the wrong answer that behaves like the learner's code, if one does.

    At the time `latest` it gives up: a failure without a name is worth more than a timeout.
    """
    from nanolab.autopsy import alike

    probe = getattr(check, "probe", None)
    if probe is None or not Path(job["wrongs"]).exists():
        return
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            seen = probe(learner)
            solution = Path(job["solution"]).read_text(encoding="utf-8")
            wrongs = {one.name: one for one in _wrongs(job)}
            sources = {name: one.apply(solution) for name, one in wrongs.items()}
            for name, module in _modules({"solution": solution, **sources}, job):
                if alike(seen, probe(module)):
                    if name in wrongs:
                        slip = wrongs[name].slip
                        report.send({"event": "diagnosis", "wrong": name, "slip": slip})
                    return
                if time.monotonic() > latest:
                    return
        except BaseException:  # a Rust panic is one, in PyO3
            return


def _wrongs(job: dict[str, Any]) -> list[Wrong]:
    source = Path(job["wrongs"]).read_text(encoding="utf-8")
    wrongs: list[Wrong] = vars(_module(source, "wrongs", job))["WRONGS"]
    return [one for one in wrongs if not one.equivalent]


def _modules(sources: dict[str, str], job: dict[str, Any]) -> Iterator[tuple[str, ModuleType]]:
    """A module of each source, made when it is asked for; Rust files all at once, for speed."""
    if job["solution"].endswith(".py"):
        yield from ((name, _module(source, name, job)) for name, source in sources.items())
        return
    from nanolab import crate

    own = job["module"].rpartition(".")
    siblings = {
        name.rpartition(".")[2]: file
        for name, file in job["table"]["modules"].items()
        if name.startswith(f"{own[0]}.") and name != job["module"] and file.endswith(".rs")
    }
    files = dict.fromkeys(sources, job["solution"])
    yield from crate.load(sources, files, siblings, optimised=False).items()


def _module(source: str, name: str, job: dict[str, Any]) -> ModuleType:
    """A module made of `source`; registered, since dataclasses look their module up."""
    module = ModuleType(f"{job['module']}__{name}")
    module.__file__ = job["solution"]
    sys.modules[module.__name__] = module
    exec(compile(source, f"<{name}>", "exec"), module.__dict__)  # noqa: S102 - the course's own
    return module


def connect_and_serve(port: int, token: str, preload: Sequence[str]) -> None:
    """The whole life of a worker that was not forked: import, connect back, serve one job.

    Args:
        port: Of the tutor, on the loopback interface.
        token: To show that it is this worker that calls.
        preload: Modules to import first.
    """
    from nanolab.runner import limits

    parent = os.getppid()
    limits.adopt_orphans()
    import_everything(preload)
    channel = socket.create_connection(("127.0.0.1", port))
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    channel.sendall(token.encode() + b"\n")
    serve_one(channel, parent)
