"""What the course's checks share works, and leaves nothing behind."""

import contextlib
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


def spin():
    """As a learner may: with a net of his own that catches every error."""
    while True:
        with contextlib.suppress(Exception):
            time.process_time()


def test_a_fuse_stops_what_spins():
    with pytest.raises(AssertionError, match="it spins"), kit("fuse").fuse("it spins", 0.05):
        spin()


def test_a_fuse_lets_the_rest_alone():
    fuse = kit("fuse").fuse
    with fuse("it spins", 0.05):
        pass
    with pytest.raises(KeyError), fuse("it spins", 0.05):
        raise KeyError("mine")
    until = time.process_time() + 0.2
    while time.process_time() < until:  # no timer is left behind
        pass


def test_ranks_in_threads_reduce_together():
    together = kit("together").together
    found = together(
        3, lambda rank, reduce: (reduce(rank), reduce(rank, "min"), reduce(rank, "max"))
    )
    assert found == [(3, 0, 2)] * 3


def test_a_rank_left_alone_is_told():
    together = kit("together")
    with pytest.raises(together.LeftAloneError, match="rank 1 waits for rank 0"):
        together.together(2, lambda rank, reduce: rank and reduce(1))


def test_the_fault_of_a_rank_comes_before_those_left_alone():
    def fail_on_two(rank, reduce):
        if rank == 2:
            raise KeyError("mine")
        reduce(1)

    with pytest.raises(KeyError, match="mine"):
        kit("together").together(3, fail_on_two)


def test_a_refusal_names_the_culprits():
    refuses = kit("refusals").refuses
    refuses(int, "x7", naming=("x7",), message="no number")
    for function, argument in ((int, "7"), (int, "x8"), (open, "/no/such/x7")):
        with pytest.raises(AssertionError, match="no number"):
            refuses(function, argument, naming=("x7",), message="no number")
