"""Ranks that talk: in threads, where a test is quick and repeatable, or over torch.distributed.

A `Comm` has `rank` and `world_size`, and three collectives, which every rank must call together:

    all_reduce_mean(x)       the mean of all ranks' x
    reduce_scatter_mean(x)   this rank's slice of that mean: rows rank * n to (rank + 1) * n
    all_gather(x)            all ranks' x, one below the other
"""

import threading

import torch
import torch.distributed as dist


class Board:
    """Where the ranks of one run of threads meet: a slot for each, and a barrier."""

    def __init__(self, world_size, timeout):
        self.barrier = threading.Barrier(world_size, timeout=timeout)
        self.slots = [None] * world_size


class ThreadComm:
    """One rank of a run of threads.

    `log` holds `(collective, shape)` for each call, in order.
    """

    def __init__(self, rank, world_size, board):
        self.rank, self.world_size = rank, world_size
        self.log = []
        self._board = board

    def all_reduce_mean(self, x):
        return torch.stack(self._exchange("all_reduce", x)).mean(0)

    def reduce_scatter_mean(self, x):
        rows = _share(x, self.world_size)
        mean = torch.stack(self._exchange("reduce_scatter", x)).mean(0)
        return mean[self.rank * rows : (self.rank + 1) * rows]

    def all_gather(self, x):
        return torch.cat(self._exchange("all_gather", x))

    def _exchange(self, collective, x):
        """What each rank brought. A rank that stays away breaks the barrier for all."""
        here = (collective, tuple(x.shape))
        self.log.append(here)
        self._board.slots[self.rank] = (here, x.detach().clone())
        self._board.barrier.wait()
        met, parts = zip(*self._board.slots, strict=True)
        self._board.barrier.wait()  # nobody writes into a slot that somebody still reads
        if len(set(met)) > 1:
            raise RuntimeError(f"the ranks met in different collectives: {sorted(set(met))}")
        return parts


class GlooComm:
    """This rank of torch.distributed. Mean is sum and division, a slice is cut from the whole.

    Some versions of gloo have neither AVG nor reduce_scatter; all have an all_reduce that sums.
    """

    def __init__(self):
        self.rank, self.world_size = dist.get_rank(), dist.get_world_size()
        self.log = []

    def all_reduce_mean(self, x):
        return self._mean("all_reduce", x)

    def reduce_scatter_mean(self, x):
        rows = _share(x, self.world_size)
        mean = self._mean("reduce_scatter", x)
        return mean[self.rank * rows : (self.rank + 1) * rows]

    def all_gather(self, x):
        self.log.append(("all_gather", tuple(x.shape)))
        parts = [torch.empty_like(x) for _ in range(self.world_size)]
        dist.all_gather(parts, x.detach().contiguous())
        return torch.cat(parts)

    def _mean(self, collective, x):
        self.log.append((collective, tuple(x.shape)))
        total = x.detach().clone()
        dist.all_reduce(total, op=dist.ReduceOp.SUM)
        return total / self.world_size


def run_threads(fn, world_size, *args, timeout=5.0):
    """`[fn(comm, *args) for each rank]`, each rank in a thread of its own.

    Raises:
        BaseException: What the lowest rank raised for a reason of its own. A rank that only waited
            in vain raises BrokenBarrierError, which counts when nobody has a better reason.
    """
    board = Board(world_size, timeout)
    results, errors = [None] * world_size, [None] * world_size

    def run(rank):
        try:
            results[rank] = fn(ThreadComm(rank, world_size, board), *args)
        except BaseException as error:
            errors[rank] = error
            board.barrier.abort()

    threads = [
        threading.Thread(target=run, args=(rank,), daemon=True) for rank in range(world_size)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * timeout)
    raised = [error for error in errors if error is not None]
    raised.sort(key=lambda error: isinstance(error, threading.BrokenBarrierError))
    if raised:
        raise raised[0]
    if any(thread.is_alive() for thread in threads):
        raise TimeoutError(f"a rank did not come back within {2 * timeout} s")
    return results


def _share(x, world_size):
    """How many rows a rank gets.

    Raises:
        ValueError: If not all ranks would get as many.
    """
    if len(x) % world_size:
        raise ValueError(f"{len(x)} rows cannot be dealt out evenly to {world_size} ranks")
    return len(x) // world_size
