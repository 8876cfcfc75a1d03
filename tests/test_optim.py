"""The solutions' assembly as a drop-in for nanochat's `muon.py` and `adamw.py`, without a tutor.

How the golden numbers came to be: nanochat at 81a9583 on the CPU, not compiled, with the gradients
of `wave`; its Muon for 8 steps, its DistAdamW for 5 in one process. Here DistAdamW runs on two.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nanolab import assembly, manifest

ROOT = Path(__file__).parent.parent

SCRIPT = """
import inspect, json
import torch
from kit.comm import run_threads
from nanochat.adamw import DistAdamW
from nanochat.muon import DistMuon, Muon, zeropower_via_newtonschulz5


def wave(rows, columns, step):
    n = torch.arange(rows * columns, dtype=torch.float64).reshape(rows, columns)
    return torch.sin(n * (step + 1) + n * n * 0.1).float()


def muon(make):
    params = [torch.zeros(shape, requires_grad=True) for shape in ((6, 2), (2, 6), (3, 3))]
    optimizer = make(params)
    for step in range(8):
        for p in params:
            p.grad = wave(*p.shape, step)
        for group in optimizer.param_groups:
            group["momentum"], group["lr"] = 0.85 + 0.01 * step, 0.02 * (1 + step % 3)
        optimizer.step()
    return [p.detach()[:2, :2].tolist() for p in params]


def adamw(comm):
    p = wave(4, 3, 9).requires_grad_()
    group = {"params": [p], "lr": 0.01}
    optimizer = DistAdamW([group], betas=(0.8, 0.95), eps=1e-10, weight_decay=0.1, comm=comm)
    for step in range(5):
        p.grad = wave(4, 3, step)
        optimizer.step()
    return p.detach()[:2].tolist()


torch.set_num_threads(1)
print(json.dumps({
    "muon": muon(Muon),
    "dist_muon": run_threads(lambda comm: muon(lambda ps: DistMuon(ps, comm=comm)), 2),
    "dist_adamw": run_threads(adamw, 2),
    "type": str(zeropower_via_newtonschulz5(torch.eye(2), 5).dtype),
    "signatures": {one.__name__: [
        [name, p.default if p.default is not p.empty else "needed"]
        for name, p in inspect.signature(one).parameters.items()
    ] for one in (Muon, DistMuon, DistAdamW, zeropower_via_newtonschulz5)},
}, default=str))
"""

MUON = [
    [[-0.05149, -0.14002], [0.03664, 0.04266]],
    [[-0.00995, -0.07492], [-0.11809, -0.05107]],
    [[-0.07356, -0.06148], [0.00785, 0.01883]],
]
ADAMW = [[0.0, -0.647592, 0.986805], [-0.476645, -0.664837, 0.774056]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a process of its own finds, with nothing but the solutions on its path."""
    pytest.importorskip("torch")
    directory = tmp_path_factory.mktemp("mount")
    assembly.write_mount(directory, assembly.assemble(manifest.load(ROOT), {}))
    path = [str(directory), str(ROOT / "tests" / "stages"), str(ROOT)]
    environment = {"PYTHONPATH": os.pathsep.join(path), "OMP_NUM_THREADS": "1", "PATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def flat(nested):
    return [x for one in nested for x in (flat(one) if isinstance(one, list) else [one])]


def test_muon_takes_nanochats_steps_in_bfloat16(seen):
    # products in another order round elsewhere: two percent of a step at most
    assert flat(seen["muon"]) == pytest.approx(flat(MUON), abs=2e-3)


def test_two_ranks_of_muon_are_one(seen):
    for rank in seen["dist_muon"]:
        assert flat(rank) == pytest.approx(flat(MUON), abs=2e-3)


def test_two_ranks_of_adamw_take_nanochats_steps(seen):
    for rank in seen["dist_adamw"]:
        assert flat(rank) == pytest.approx(flat(ADAMW), abs=2e-6)


def test_the_signatures_begin_as_nanochats_do(seen):
    muon = [
        ["params", "needed"],
        ["lr", 0.02],
        ["momentum", 0.95],
        ["nesterov", True],
        ["ns_steps", 5],
    ]
    adamw = [
        ["param_groups", "needed"], ["lr", 1e-3], ["betas", [0.9, 0.999]], ["eps", 1e-8],
        ["weight_decay", 0.01],
    ]  # fmt: skip
    assert seen["signatures"]["Muon"][:5] == seen["signatures"]["DistMuon"][:5] == muon
    assert seen["signatures"]["DistAdamW"][:5] == adamw
    assert seen["signatures"]["zeropower_via_newtonschulz5"] == [
        ["G", "needed"],
        ["steps", "needed"],
    ]
    assert seen["type"] == "torch.bfloat16"
