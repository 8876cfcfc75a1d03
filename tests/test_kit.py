"""What the course's checks share works, and leaves nothing behind."""

import importlib.util
import time
from pathlib import Path

import psutil
import pytest

torch = pytest.importorskip("torch", reason="ranks are torch's")
KIT = Path(__file__).parent / "stages" / "kit"


def kit(name):
    """A module of the kit."""
    spec = importlib.util.spec_from_file_location(f"kit.{name}", KIT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run_ranks():
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    yield kit("ranks").run_ranks
    assert {one.pid for one in psutil.Process().children(recursive=True)} <= before


def add_up(rank, world_size, start):
    """The sum over all ranks of start + rank."""
    total = torch.tensor(start + rank)
    torch.distributed.all_reduce(total)
    return world_size, int(total)


def test_ranks_reduce_together(run_ranks):
    assert run_ranks(add_up, 3, 10) == [(3, 33)] * 3


def fail_on_one(rank, _):
    """Rank 1 raises; the others wait for it."""
    if rank == 1:
        raise ValueError("no share for me")
    torch.distributed.barrier()


def test_what_a_rank_raises_names_the_rank(run_ranks):
    with pytest.raises(AssertionError, match="rank 1 of 2: ValueError: no share for me"):
        run_ranks(fail_on_one, 2)


def wait_for_nobody(rank, _):
    """Rank 0 takes part in one step more than the others."""
    if rank == 0:
        torch.distributed.barrier()
    else:
        time.sleep(60)


def test_a_rank_that_waits_forever_is_named(run_ranks):
    with pytest.raises(AssertionError, match=r"(ranks \[0, 1\] did not end|rank 0 of 2)"):
        run_ranks(wait_for_nobody, 2, timeout=1.5)
