"""Draw docs/watch.svg: the watch screen, drawn by nanolab itself, of a verdict that it just gave.

Run it again (`python docs/picture.py`) when the screen has changed.
"""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from nanolab import lessons, manifest, workspace
from nanolab.loop.screen import frame
from nanolab.progress import Progress
from nanolab.runner import Runner, job_for
from nanolab.session import Session
from nanolab.views.look import Look
from nanolab.views.watch import Scene

COLUMNS, ROWS = 96, 22
TODO = re.compile(r"^    # TODO.*\n    raise NotImplementedError\n", re.M)
ATTEMPT = """\
    if not name.strip():
        name = "nanochat"
    return f"hello {name}"
"""


def main() -> None:
    """Judge a first attempt at the first exercise, and draw what the learner sees."""
    course = manifest.load(Path(__file__).parent.parent)
    exercise = course.find("01_welcome/hello")
    with tempfile.TemporaryDirectory() as folder, Runner(warm=False) as runner:
        lab = workspace.create(Path(folder) / "lab", course)
        file = lab.file(exercise)
        file.write_text(TODO.sub(ATTEMPT, file.read_text(encoding="utf-8")), encoding="utf-8")
        session = Session(
            course,
            Progress(current=exercise.id),
            exercise,
            exercise,
            verdicts={exercise.id: runner.run(job_for(course, exercise, file))},
            hint=2,
            editor=True,
        )
        scene = Scene(file, hints=lessons.hints(course, exercise))
        lines, _ = frame(session, scene, Look(colour=True, root=lab.root), COLUMNS, ROWS)
    Path(__file__).with_name("watch.svg").write_text(svg(lines), encoding="utf-8")


def svg(lines: list[str]) -> str:
    """A terminal window with these lines, in the reader's own monospaced font."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), legacy_windows=False)
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)
    drawn = console.export_svg(title="nanolab watch", theme=MONOKAI, unique_id="watch")
    return re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.S).replace("Fira Code, ", "")


if __name__ == "__main__":
    main()
