"""Ranks played by threads: they meet, exchange numbers, and a rank left alone says so at once."""

from __future__ import annotations

import threading

OPERATIONS = {"sum": sum, "min": min, "max": max}


class LeftAloneError(AssertionError):
    """A rank waits for one that has ended: in a real run, for ever."""


def together(world_size, work):
    """Run `work(rank, reduce)` for every rank; what each returned, in order of rank.

    `reduce(value, op)` waits until all ranks have called it, and gives them all the same: `"sum"`,
    `"min"` or `"max"` of their values. No clock is involved, so nothing depends on how busy the
    machine is: when a rank ends, whoever still waits for it is told.

    Args:
        world_size: How many ranks.
        work: Called once for each of them, in threads.

    Raises:
        LeftAloneError: If a rank waits for one that has ended.
        Exception: What a rank raised, that of the lowest rank first.
    """
    meeting = _Meeting(world_size)
    found, raised = {}, {}

    def be(rank):
        try:
            found[rank] = work(rank, lambda value, op="sum": meeting.reduce(rank, value, op))
        except BaseException as error:
            raised[rank] = error
        finally:
            meeting.leave(rank)

    ranks = [threading.Thread(target=be, args=(rank,), daemon=True) for rank in range(world_size)]
    for one in ranks:
        one.start()
    for one in ranks:
        one.join()
    # who was left alone was so because of another's fault: that one comes first
    for rank in sorted(raised, key=lambda rank: (isinstance(raised[rank], LeftAloneError), rank)):
        raise raised[rank]
    return [found[rank] for rank in range(world_size)]


class _Meeting:
    """Where the ranks meet."""

    def __init__(self, world_size):
        self.world_size = world_size
        self.changed = threading.Condition()
        self.values = {}
        self.answers = []
        self.gone = []

    def reduce(self, rank, value, op):
        """Hand over a value, wait for the others, take the answer."""
        with self.changed:
            number = len(self.answers)
            self.values[rank] = value
            if len(self.values) == self.world_size:
                in_order = [self.values[rank] for rank in range(self.world_size)]
                self.answers.append(OPERATIONS[op](in_order))
                self.values = {}
                self.changed.notify_all()
            while len(self.answers) == number:
                if self.gone:
                    raise LeftAloneError(
                        f"rank {rank} waits for rank {self.gone[0]}, which has ended: for ever"
                    )
                self.changed.wait()
            return self.answers[number]

    def leave(self, rank):
        """Say that a rank will not come any more."""
        with self.changed:
            self.gone.append(rank)
            self.changed.notify_all()
