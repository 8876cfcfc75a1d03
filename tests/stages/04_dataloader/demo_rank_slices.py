"""Row groups and their readers: a line for each file, a colour for each rank."""

from rich.console import Group
from rich.text import Text

FILES = (10, 8, 3)
WORLDS = (1, 2, 3, 8, 16)
COLOURS = ("cyan", "yellow", "green", "magenta", "blue", "red", "white", "bright_cyan")


def show(module, reference):
    """The deal in worlds of several sizes, and where it is not the solution's."""
    lines = [Text(f"{len(FILES)} files with {FILES} row groups; who reads which?", "bold")]
    for world_size in WORLDS:
        lines += [Text(), *_world(module, reference, world_size)]
    return Group(*lines)


def _world(module, reference, world_size):
    """A title, a line for each file, and how many row groups each rank has."""
    plans = [module.rowgroups_for(rank, world_size, FILES) for rank in range(world_size)]
    readers = {}
    for rank, plan in enumerate(plans):
        for place in plan:
            readers.setdefault(tuple(place), []).append(rank)
    yield Text(f"{world_size} rank{'s' if world_size > 1 else ''}", "bold")
    for file, groups in enumerate(FILES):
        line = Text(f"file {file}  ")
        for group in range(groups):
            line.append_text(_cell(readers.get((file, group), [])))
        yield line
    shares = [len(plan) for plan in plans]
    yield Text(f"groups for each rank: {' '.join(map(str, shares))}", "dim")
    theirs = [reference.rowgroups_for(rank, world_size, FILES) for rank in range(world_size)]
    if plans != theirs:
        yield Text("The solution deals them out in another way.", "red")


def _cell(ranks):
    """The reader of a row group; one that nobody or more than one reads stands out."""
    if len(ranks) == 1:
        return Text(f"{ranks[0]:3} ", f"black on {COLOURS[ranks[0] % len(COLOURS)]}")
    return Text(" -- " if not ranks else f"{len(ranks):2}x ", "bold reverse")
