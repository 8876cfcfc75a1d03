"""How long nanolab's quick commands take, beside a bare Python started in turn with them.

Measures the installed command, `nanolab`, and its launcher alone: pip writes it, and what pip
before 25 writes imports `re`, which takes longer than all that nanolab adds. The quick commands keep their last answer; "anew" is
what they take when it no longer holds, as after every change of the progress.

python benchmarks/startup.py [--repeats 20] [--json]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import figures

BARE = [sys.executable, "-I", "-c", "pass"]
COMMANDS = ("--version", "list", "status", "hint hello --level 1", "where", "--help")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "lab"
        nanolab = [str(Path(sys.executable).with_name("nanolab"))]
        subprocess.run([*nanolab, "init", workspace], check=True, capture_output=True)
        launcher = Path(folder) / "launcher"
        launcher.write_text(
            Path(nanolab[0]).read_text().replace("from nanolab.__main__ import main", "main = int")
        )
        commands = {"python -I -c pass": BARE}
        commands["the launcher alone"] = [sys.executable, str(launcher)]
        commands |= {f"nanolab {words}": [*nanolab, *words.split()] for words in COMMANDS}
        commands["nanolab list, anew"] = [*nanolab, "list"]
        commands["completing nanolab run h"] = nanolab
        timings: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(options.repeats):
            for name, command in commands.items():
                if name.endswith(", anew"):
                    (workspace / ".nanolab" / "cache" / "list").unlink()
                timings[name].append(seconds(command, workspace))
    base = timings["python -I -c pass"]
    rows = [figures.row(name, times, figures.ratio(times, base)) for name, times in timings.items()]
    figures.show("Start-up; ratio: to a bare Python", rows, as_json=options.json)


def seconds(command: list[str], folder: Path) -> float:
    """Wall clock of one run, which must succeed."""
    environment = {**os.environ, "NO_COLOR": "1"}
    if len(command) == 1:
        environment |= {"_NANOLAB_COMPLETE": "complete_bash", "COMP_WORDS": "nanolab run h"}
        environment["COMP_CWORD"] = "2"
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
