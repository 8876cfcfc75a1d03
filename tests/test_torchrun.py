"""The script in the lesson of stage 4 does what the lesson says, on two real ranks."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from nanolab import assembly, manifest

pytest.importorskip("torch", reason="torchrun is torch's")
pytest.importorskip("pyarrow", reason="the script writes a shard")
pytest.importorskip("regex", reason="the script makes a tokenizer")
ROOT = Path(__file__).parent.parent
LESSON = ROOT / "exercises" / "04_dataloader" / "README.md"


def test_two_ranks_take_the_steps_that_the_lesson_shows(tmp_path):
    blocks = re.findall(r"^```(\w*)\n(.*?)^```", LESSON.read_text("utf-8"), re.M | re.S)
    (script,) = (text for kind, text in blocks if kind == "python" and "init_process_group" in text)
    (shown,) = (text for kind, text in blocks if not kind and text.startswith("rank 0 learns"))
    assembly.write_package(tmp_path, assembly.assemble(manifest.load(ROOT), {}))
    (tmp_path / "two_ranks.py").write_text(script, "utf-8")
    # as `torchrun --nproc_per_node=2 two_ranks.py`, wherever that program is
    run = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node=2", "two_ranks.py"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        run, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    # two processes write into one pipe, and may meet in the middle of a line
    assert [line for line in shown.splitlines() if line not in done.stdout] == []
    assert done.stdout.count(" learns ") == 6
