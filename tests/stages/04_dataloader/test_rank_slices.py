"""Check of 04_dataloader/rank_slices."""

from kit.refusals import refuses, words
from nanochat.dataloader.rank_slices import grad_accum, rowgroups_for

from nanolab.expect import attempt, equal

WORLDS = (1, 2, 3, 8, 16)
FILES = [10, 8, 3]  # the second has as many groups as the largest usual world, the third fewer
ALL = [(file, group) for file, groups in enumerate(FILES) for group in range(groups)]


def test_one_rank_reads_everything():
    """A rank that is alone reads every row group, in order.

    Kills starts_at_1, group_first and file_by_file.
    """
    message = "rank 0 of 1 reads both groups of file 0, then the three of file 1"
    equal(attempt(rowgroups_for, 0, 1, [2, 3]), [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2)], message)
    equal(attempt(rowgroups_for, 0, 1, []), [], "no files, no row groups")


def test_two_ranks_take_turns():
    """Two ranks take the groups of a file in turns, and start anew in the next.

    Kills step_1, step_one_less, blocks, whole_files and running_counter.
    """
    message = "rank {} of 2, files of 5 and 3 groups: every other group, each file from the front"
    expected = [(0, 0), (0, 2), (0, 4), (1, 0), (1, 2)]
    equal(attempt(rowgroups_for, 0, 2, [5, 3]), expected, message.format(0))
    equal(attempt(rowgroups_for, 1, 2, [5, 3]), [(0, 1), (0, 3), (1, 1)], message.format(1))


def test_nothing_is_read_twice_and_nothing_is_left_out():
    """In worlds of 1, 2, 3, 8 and 16, each row group has exactly one reader.

    Kills step_1, step_one_less and blocks.
    """
    for world_size in WORLDS:
        read = [one for rank in range(world_size) for one in rowgroups_for(rank, world_size, FILES)]
        twice = sorted({one for one in read if read.count(one) > 1})
        equal(twice, [], f"these (file, group) are read twice in a world of {world_size}")
        missing = sorted({*ALL} - {*read})
        equal(missing, [], f"nobody reads these (file, group) in a world of {world_size}")
        equal(sorted(read), ALL, f"these do not exist, but a world of {world_size} reads them")


def test_the_shares_are_fair():
    """No rank has more work than another by more than one group for each file.

    Kills whole_files and blocks.
    """
    for world_size in WORLDS:
        shares = [len(rowgroups_for(rank, world_size, FILES)) for rank in range(world_size)]
        spread = max(shares) - min(shares)
        message = f"{world_size} ranks read {shares} groups: the others wait for the busiest"
        assert spread <= len(FILES), message
    empty = [rank for rank in range(16) if not attempt(rowgroups_for, rank, 16, FILES)]
    message = "16 ranks, at most 10 groups in a file: ranks 10 to 15 have nothing to read"
    equal(empty, [*range(10, 16)], message)


def test_a_rank_that_is_none_is_refused():
    """A rank outside the world is an error that names both numbers.

    Kills any_rank, rank_equals_world and negative_rank.
    """
    for rank, world_size in ((2, 2), (9, 8), (-1, 4), (0, 0)):
        message = f"there is no rank {rank} in a world of {world_size}: a ValueError names both"
        numbers = (rank, world_size)
        refuses(rowgroups_for, rank, world_size, [4], naming=numbers, message=message)


def test_a_step_is_a_whole_number_of_rounds():
    """A step of so many tokens means so many batches on every rank.

    Kills forgets_world, forgets_rows, batches_of_all_ranks and a_float.
    """
    message = "one round of 8 ranks is 8 batches of 32 rows of 2048 tokens: just one step's worth"
    equal(attempt(grad_accum, 524_288, 32, 2048, 8), 1, message)
    message = "alone, one rank does the work of eight: 8 batches, then a step"
    equal(attempt(grad_accum, 524_288, 32, 2048, 1), 8, message)
    equal(
        attempt(grad_accum, 96, 2, 4, 3), 4, "96 tokens are 4 rounds of 2 rows x 4 tokens x 3 ranks"
    )
    equal(attempt(grad_accum, 6, 1, 2, 1), 3, "6 tokens are 3 rounds of 1 row x 2 tokens x 1 rank")
    equal(attempt(grad_accum, 5, 1, 1, 1), 5, "5 tokens are 5 rounds of a single token")


def test_a_step_that_does_not_fit_is_refused():
    """A step is at least one round, and only whole ones; else an error names the numbers.

    Kills rounds_down, a_step_of_nothing, no_sizes and names_nothing.
    """
    for total in (100, 8, 0, -24):
        message = f"{total} tokens in rounds of 2 x 4 x 3 = 24 tokens: a ValueError names both"
        refuses(grad_accum, total, 2, 4, 3, naming=(total, 24), message=message)
    for sizes in ((0, 4, 3), (2, 0, 3), (2, 4, 0), (-2, -4, 3)):
        message = f"B, T and world_size are {sizes}: none of them may be below 1"
        equal(attempt(grad_accum, 96, *sizes), ("raises", "ValueError"), message)


def probe(module):
    """Everybody's row groups in several worlds, and some steps."""
    deal = [
        attempt(module.rowgroups_for, rank, world_size, FILES)
        for world_size in (1, 2, 3, 8)
        for rank in range(-1, world_size + 2)
    ]
    cases = [(524_288, 32, 2048, 8), (96, 2, 4, 3), (100, 2, 4, 3), (0, 2, 4, 3), (96, -2, -4, 3)]
    return deal, [repr(words(module.grad_accum, *case)) for case in cases]
