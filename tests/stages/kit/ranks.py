"""Real ranks: forked processes that form one gloo group, on this machine only."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

LOOPBACK = "lo" if sys.platform.startswith("linux") else "lo0"


def run_ranks(work, world_size, *args, timeout=10.0):
    """Run `work(rank, world_size, *args)` on every rank; what each returned, in order of rank.

    The ranks are forked (8 of them take 0.3 s; spawned ones 30 s), have one thread each, and stand
    in one `torch.distributed` group. None of them outlives the call.

    Args:
        work: Called in each rank's own process; what it returns must be picklable.
        world_size: How many ranks.
        args: Handed on to `work`.
        timeout: Seconds for all of it.

    Raises:
        AssertionError: If a rank raises, or does not end in time; the message names the rank.
    """
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as directory:
        meeting_point = (Path(directory) / "group").as_uri()
        ranks, pipes = [], []
        for rank in range(world_size):
            ours, theirs = fork.Pipe(duplex=False)
            arguments = (theirs, meeting_point, timeout, work, rank, world_size, args)
            ranks.append(fork.Process(target=_be_rank, args=arguments, daemon=True))
            ranks[-1].start()
            theirs.close()
            pipes.append(ours)
        try:
            return _gather(pipes, timeout)
        finally:
            for one in ranks:
                one.kill()
                one.join()


def _gather(pipes, timeout):
    """What each rank said; the first to fail ends it, since the others may wait for it forever."""
    deadline = time.monotonic() + timeout
    said = {}
    while len(said) < len(pipes):
        waiting = [pipe for rank, pipe in enumerate(pipes) if rank not in said]
        ready = multiprocessing.connection.wait(waiting, deadline - time.monotonic())
        if not ready:
            late = [rank for rank in range(len(pipes)) if rank not in said]
            raise AssertionError(
                f"ranks {late} did not end within {timeout:g} s: "
                "they wait for a step that the other ranks never take"
            )
        for pipe in ready:
            rank = pipes.index(pipe)
            try:
                fault, said[rank] = pipe.recv()
            except EOFError:
                fault = "it ended without a word"
            if fault:
                raise AssertionError(f"rank {rank} of {len(pipes)}: {fault}")
    return [said[rank] for rank in range(len(pipes))]


def _be_rank(pipe, meeting_point, timeout, work, rank, world_size, args):  # noqa: PLR0913, PLR0917
    """The whole life of one rank."""
    import torch
    from torch import distributed

    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = LOOPBACK
    try:
        distributed.init_process_group(
            "gloo",
            init_method=meeting_point,
            rank=rank,
            world_size=world_size,
            timeout=timedelta(seconds=timeout),
        )
        pipe.send(("", work(rank, world_size, *args)))
    except BaseException as error:
        pipe.send((f"{type(error).__name__}: {error}", None))
    # to be killed: a rank that ended now would hang up on those that are still connecting to it
    time.sleep(timeout)
    os._exit(0)
