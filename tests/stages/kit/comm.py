"""Ranks that talk: in threads, where a test is quick and repeatable, or over torch.distributed.

A comm has `rank` and `world_size`, and three collectives, which every rank must call together:

    all_reduce_mean(x)       the mean of all ranks' x
    reduce_scatter_mean(x)   this rank's slice of that mean: rows rank * n to (rank + 1) * n
    all_gather(x)            all ranks' x, one below the other
"""

import threading

import torch
import torch.distributed as dist


class LeftAloneError(RuntimeError):
    """A rank waits for the others, and one of them will never come."""


class Board:
    """Where the ranks of one run of threads meet."""

    def __init__(self, world_size, timeout):
        self._slots = [None] * world_size
        self._timeout = timeout
        self._changed = threading.Condition()
        self._arrived = 0
        self._meeting = 0  # how many meetings there have been
        self._met = ()  # what each rank brought to the last one
        self._left = []  # ranks that have ended

    def meet(self, rank, brought):
        """What each rank brought, as soon as all are here; LeftAloneError if one cannot come."""
        with self._changed:
            this = self._meeting
            self._slots[rank] = brought
            self._arrived += 1
            if self._arrived == len(self._slots):
                # nobody can begin the next meeting before every rank has read this one
                self._met, self._arrived, self._meeting = tuple(self._slots), 0, this + 1
                self._changed.notify_all()
            self._changed.wait_for(lambda: self._meeting > this or self._left, self._timeout)
            if self._meeting == this:
                raise LeftAloneError(f"rank {rank} waits in {brought[0]}; ended: {self._left}")
            return self._met

    def leave(self, rank):
        """Say that a rank has ended, so that nobody waits for it."""
        with self._changed:
            self._left.append(rank)
            self._changed.notify_all()


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
        """What each rank brought to one and the same collective."""
        here = (collective, tuple(x.shape))
        self.log.append(here)
        met = self._board.meet(self.rank, (here, x.detach().clone()))
        places = sorted({where for where, _ in met})
        if len(places) > 1:
            raise RuntimeError(f"the ranks met in different collectives: {places}")
        return [part for _, part in met]


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


def run_threads(fn, world_size, *args, timeout=5.0, **settings):
    """`[fn(comm, *args, **settings) for each rank]`, each rank in a thread of its own.

    Raises:
        BaseException: What the lowest rank raised for a reason of its own. LeftAloneError counts
            only when nobody has a better one.
    """
    board = Board(world_size, timeout)
    results, errors = [None] * world_size, [None] * world_size

    def run(rank):
        try:
            results[rank] = fn(ThreadComm(rank, world_size, board), *args, **settings)
        except BaseException as error:
            errors[rank] = error
        board.leave(rank)

    ranks = range(world_size)
    threads = [threading.Thread(target=run, args=(rank,), daemon=True) for rank in ranks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * timeout)
    raised = [error for error in errors if error is not None]
    if raised:
        raise min(raised, key=lambda error: isinstance(error, LeftAloneError))
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
