"""Ranks and devices: who am I, how many are we, and what do I compute on?

A big run is the same script started many times, once for each GPU. Every later stage asks here.

Lesson: README.md, "Who am I?". Source: nanochat, `common.py`, get_dist_info and print0.
"""

import os
from collections.abc import Mapping
from typing import Any


def get_dist_info(env: Mapping[str, str] | None = None) -> tuple[bool, int, int, int]:
    """Read which process this is from the three variables that `torchrun` sets.

    Args:
        env: The environment to look in; None means this process's own, as it is at the call.

    Returns:
        Whether the run is distributed, the rank, the local rank and the world size. A run is
        distributed if `RANK` is set; otherwise it is alone: `(False, 0, 0, 1)`.

    Raises:
        KeyError: If `RANK` is set, but `LOCAL_RANK` or `WORLD_SIZE` is not.
        ValueError: If the rank is not one of 0, 1, ... world size - 1.
    """
    env = os.environ if env is None else env
    # TODO: tell alone from distributed, read the three numbers, refuse impossible ones. (6 lines)
    raise NotImplementedError


def print0(*args: object, env: Mapping[str, str] | None = None, **kwargs: Any) -> None:
    """Print like `print`, but only on rank 0 (or alone): eight ranks, one line.

    Args:
        args: What to print.
        env: As for `get_dist_info`.
        kwargs: Handed on to `print`: `sep`, `end`, `file`, `flush`.
    """
    # TODO: print if this is rank 0. (2 or 3 lines)
    raise NotImplementedError


def pick_device(cuda: bool, mps: bool) -> str:
    """Choose the fastest device that is there.

    Args:
        cuda: Whether an NVIDIA GPU is there.
        mps: Whether an Apple GPU is there.

    Returns:
        `"cuda"` before `"mps"` before `"cpu"`.
    """
    # TODO: return the name of the first one that is there. (1 to 3 lines)
    raise NotImplementedError


def main() -> None:
    """Play a run of four ranks, one after the other. `python ranks.py` runs this."""
    for rank in range(4):
        env = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "4"}
        print("rank", rank, "knows", get_dist_info(env))
        print0("      and speaks for all four of us", env=env)


if __name__ == "__main__":
    main()
