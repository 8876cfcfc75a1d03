"""The shard map: which rank reads which row group, as the learner's code really does it."""

import tempfile
from pathlib import Path

from kit.corpus import write_shards
from rich.console import Group
from rich.text import Text

RANKS = 4
GROUPS = (7, 3, 5)  # of the training shards
VAL = 4  # of the shard for validation
COLOURS = ("black on cyan", "black on yellow", "black on green", "black on magenta")


def show(module, reference):
    """A map of the training shards for the learner's code, and for the solution where they differ."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shards = [_marked(shard, groups) for shard, groups in enumerate((*GROUPS, VAL))]
        write_shards(folder, shards, row_group_size=1)
        yours, right = _readers(module, folder), _readers(reference, folder)
    parts = [Text(f"{RANKS} ranks read the training shards: who reads which row group?\n", "bold")]
    parts += _map("yours", yours)
    if yours == right:
        parts.append(
            Text("\nEvery row group is read once, and nobody had to ask anybody.", "green")
        )
    else:
        parts += [Text(), *_map("solution", right)]
        parts.append(Text("\nThe two maps differ.", "red"))
    return Group(*parts)


def _marked(shard, groups):
    """Documents that say where they are: one for each row group."""
    return [f"{shard} {group}" for group in range(groups)]


def _readers(module, folder):
    """For each row group, as `(shard, group)`, the ranks that read it."""
    found = {}
    for rank in range(RANKS):
        for texts in module.parquets_iter_batched("train", rank, RANKS, folder):
            for text in texts:
                shard, group = map(int, text.split())
                found.setdefault((shard, group), []).append(rank)
    return found


def _map(whose, readers):
    """One line for each shard; a cell for each row group, in the colour of its rank."""
    lines = [Text(f"{whose}:", "bold")]
    for shard, groups in enumerate((*GROUPS, VAL)):
        line = Text(f"  shard {shard}  ")
        for group in range(groups):
            line.append(*_cell(readers.get((shard, group), []), shard == len(GROUPS)))
            line.append(" ")
        line.append("for validation" if shard == len(GROUPS) else "", "dim")
        lines.append(line)
    key = Text("  ")
    for rank in range(RANKS):
        key.append(f" {rank} ", COLOURS[rank]).append(f" rank {rank}   ")
    key.append("-", "dim").append(" nobody   ").append("!", "white on red").append(" more than one")
    return [*lines, key]


def _cell(ranks, val):
    """What stands in a cell: the rank, `-` for nobody, `!` for several, and for the wrong split."""
    if not ranks:
        return " - ", "dim"
    if len(ranks) > 1 or val:
        return " ! ", "white on red"
    return f" {ranks[0]} ", COLOURS[ranks[0]]
