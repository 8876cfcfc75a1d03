"""The kit's ranks in threads, and its Markov source."""

import importlib.util
import math
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="ranks are torch's")
KIT = Path(__file__).parent / "stages" / "kit"


def kit(name):
    """A module of the kit."""
    spec = importlib.util.spec_from_file_location(f"kit.{name}", KIT / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


comm = kit("comm")


def talk(rank):
    """Rank 0 brings 0 1 2 3, rank 1 brings 10 11 12 13."""
    x = torch.arange(4.0) + 10 * rank.rank
    scattered = rank.reduce_scatter_mean(x)
    return rank.all_reduce_mean(x).tolist(), scattered.tolist(), rank.all_gather(scattered).tolist()


def test_ranks_in_threads_average_scatter_and_gather():
    everywhere = [5.0, 6.0, 7.0, 8.0]
    assert comm.run_threads(talk, 2) == [
        (everywhere, [5.0, 6.0], everywhere),
        (everywhere, [7.0, 8.0], everywhere),
    ]


def test_what_a_rank_brought_does_not_change_afterwards():
    def careless(rank):
        x = torch.ones(1)
        mean = rank.all_reduce_mean(x)
        x.zero_()
        return mean.item()

    assert comm.run_threads(careless, 4) == [1.0] * 4


def test_a_rank_that_stays_away_is_noticed_at_once():
    def absent(rank):
        if rank.rank == 0:
            rank.all_gather(torch.ones(1))

    began = time.monotonic()
    with pytest.raises(comm.LeftAloneError, match="rank 0 waits in"):
        comm.run_threads(absent, 2, timeout=60.0)
    assert time.monotonic() - began < 30


def test_the_reason_comes_before_those_who_wait():
    def fails(rank):
        if rank.rank == 1:
            raise KeyError("mine")
        rank.all_gather(torch.ones(1))

    with pytest.raises(KeyError, match="mine"):
        comm.run_threads(fails, 3)


def test_ranks_that_meet_in_different_collectives_are_told():
    def mixed(rank):
        ask = rank.all_gather if rank.rank else rank.all_reduce_mean
        ask(torch.ones(2))

    with pytest.raises(RuntimeError, match="different collectives"):
        comm.run_threads(mixed, 2)


def test_rows_that_cannot_be_dealt_out_are_refused():
    with pytest.raises(ValueError, match="5 rows cannot be dealt out evenly to 2"):
        comm.run_threads(lambda rank: rank.reduce_scatter_mean(torch.ones(5)), 2)


def test_a_markov_source_knows_its_entropies():
    source = kit("markov").MarkovSource()
    assert source.entropy_rate == pytest.approx(1.2080, abs=1e-4)
    assert source.entropy_rate < source.unigram_entropy < math.log(32)
    x, y = source.batch(3, 500, torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (3, 500)
    assert torch.equal(x[:, 1:], y[:, :-1])
    follows = (source.successors[x] == y.unsqueeze(-1)).double().mean((0, 1))
    assert follows.tolist() == pytest.approx([0.5, 0.25, 0.15, 0.1], abs=0.04)
