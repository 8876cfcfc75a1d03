"""Wrong answers to 04_dataloader/rank_slices."""

from nanolab.wrongs import wrong

_RANKS = "if not 0 <= rank < world_size:"
_GROUPS = "for group in range(rank, groups, world_size)"
_FILES = "for file, groups in enumerate(groups_per_file)"
_TOKENS = "tokens = B * T * world_size"
_SIZES = "if min(B, T, world_size) < 1:"
_REST = "if rest or rounds < 1:"
_BLOCK = "for group in range(rank * (groups // world_size), (rank + 1) * (groups // world_size))"
_RETURN = "    return [\n        (file, group)"

WRONGS = [
    wrong(
        "starts_at_1",
        "leaves out the first row group of each file",
        (_GROUPS, "for group in range(rank + 1, groups, world_size)"),
    ),
    wrong("step_1", "lets a rank read everything after its start", (_GROUPS, _GROUPS[:-13] + ")")),
    wrong(
        "step_one_less",
        "steps over the other ranks only, and lands on a group of theirs",
        (_GROUPS, "for group in range(rank, groups, max(world_size - 1, 1))"),
    ),
    wrong(
        "blocks", "gives each rank a block, and nobody the rest of the division", (_GROUPS, _BLOCK)
    ),
    wrong(
        "whole_files",
        "deals out whole files",
        (_GROUPS, "for group in range(groups)\n        if file % world_size == rank"),
    ),
    wrong(
        "running_counter",
        "counts on from one file into the next",
        (
            _GROUPS,
            "for group in range(groups)\n        if (sum(groups_per_file[:file]) + group) % world_size == rank",
        ),
    ),
    wrong(
        "group_first",
        "reads the first groups of all files, then the next of all files",
        (_RETURN, _RETURN.replace("[\n", "sorted([\n")),
        (f"{_GROUPS}\n    ]", f"{_GROUPS}\n    ], key=lambda one: one[1])"),
    ),
    wrong(
        "file_by_file",
        "begins to count files at 1",
        (_FILES, "for file, groups in enumerate(groups_per_file, start=1)"),
    ),
    wrong("any_rank", "believes any rank", (_RANKS, "if False:")),
    wrong(
        "rank_equals_world", "allows one rank too many", (_RANKS, "if not 0 <= rank <= world_size:")
    ),
    wrong("negative_rank", "lets a negative rank pass", (_RANKS, "if not rank < world_size:")),
    wrong("forgets_world", "forgets that all ranks work at once", (_TOKENS, "tokens = B * T")),
    wrong("forgets_rows", "counts a batch as one row", (_TOKENS, "tokens = T * world_size")),
    wrong(
        "batches_of_all_ranks",
        "counts the batches of all ranks together",
        ("return rounds", "return rounds * world_size"),
    ),
    wrong(
        "a_float",
        "gives a fraction of Python's, a float",
        ("return rounds", "return total_tokens / tokens"),
    ),
    wrong("rounds_down", "leaves out the tokens that do not fit", (_REST, "if rounds < 1:")),
    wrong("a_step_of_nothing", "makes a step of no batches", (_REST, "if rest:")),
    wrong(
        "no_sizes", "takes sizes below 1", (_SIZES, "if min(world_size, B * T * world_size) < 1:")
    ),
    wrong(
        "names_nothing",
        "refuses without naming the numbers",
        (
            'f"{total_tokens} tokens are not 1 or more whole rounds of {tokens} tokens"',
            '"it does not fit"',
        ),
    ),
]
