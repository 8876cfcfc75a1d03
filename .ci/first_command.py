"""The README's first command, in a fresh clone and a real terminal: it must end in the tutor.

It says yes to the workspace, turns the welcome over, and quits once the first exercise stands on
the screen.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).absolute().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

from terminal import Terminal  # noqa: E402


def main() -> None:
    """Clone, run, look, quit."""
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "nanolab"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        readme = (clone / "README.md").read_text(encoding="utf-8")
        command = re.findall(r"^```sh\n(.*?)\n```$", readme, flags=re.M | re.S)[0]
        environment = {**os.environ, "HOME": folder}
        environment.pop("CI", None)
        with Terminal(["bash", "-c", command], clone, environment) as terminal:
            terminal.wait_for(lambda screen: "nanolab-workspace" in screen, "the offer", 300)
            terminal.type("y\r")
            terminal.wait_for(lambda screen: "You are about to" in screen, "the welcome")
            terminal.type("\r")
            terminal.wait_for(
                lambda screen: "hello.py" in screen and "h hint" in screen, "the tutor"
            )
            print(terminal.text.rstrip())
            terminal.type("q")
            code = terminal.process.wait(timeout=30)
        if code != 0:
            sys.exit(f"q ended the tutor with exit code {code}")


if __name__ == "__main__":
    main()
