"""Wrong answers to 01_welcome/ranks."""

from nanolab.wrongs import wrong

_ENV = "env = os.environ if env is None else env"
_ALONE = 'if "RANK" not in env:'
_NUMBERS = '(int(env[k]) for k in ("RANK", "LOCAL_RANK", "WORLD_SIZE"))'
_RANGE = "if not 0 <= rank < world_size:"
_ONLY_0 = "if get_dist_info(env)[1] == 0:"
_CUDA = 'if cuda:\n        return "cuda"'

WRONGS = [
    wrong(
        "rank_0_is_alone",
        "takes rank 0 for a run that is not distributed",
        (_ALONE, 'if not int(env.get("RANK", 0)):'),
    ),
    wrong(
        "numbers_as_text",
        "leaves the numbers as text",
        (_NUMBERS, _NUMBERS.replace("int(env[k])", "env[k]")),
        (_RANGE, "if not 0 <= int(rank) < int(world_size):"),
    ),
    wrong(
        "local_for_rank",
        "takes the rank on this machine for the rank in the whole run",
        ("return True, rank, local_rank, world_size", "return True, local_rank, rank, world_size"),
    ),
    wrong(
        "empty_world",
        "counts nobody when a run is alone",
        ("return False, 0, 0, 1", "return False, 0, 0, 0"),
    ),
    wrong(
        "always_distributed",
        "calls a run distributed that is alone",
        ("return False, 0, 0, 1", "return True, 0, 0, 1"),
    ),
    wrong(
        "or_environ",
        "takes an empty environment for none at all",
        (_ENV, "env = env or os.environ"),
    ),
    wrong(
        "read_at_import",
        "reads the environment once, when it is imported",
        ("import os\n", "import os\n\n_ENV = dict(os.environ)\n"),
        (_ENV, "env = _ENV if env is None else env"),
    ),
    wrong(
        "world_defaults_to_1",
        "makes up a number for a variable that is missing",
        (_NUMBERS, _NUMBERS.replace("env[k]", "env.get(k, 1)")),
    ),
    wrong("no_range", "believes any rank, also 4 of 4 and -1", (_RANGE, "if False:")),
    wrong(
        "rank_4_of_4", "counts four ranks from 0 to 4", (_RANGE, "if not 0 <= rank <= world_size:")
    ),
    wrong("negative_rank", "believes a negative rank", (_RANGE, "if not rank < world_size:")),
    wrong("everybody_prints", "prints on every rank", (_ONLY_0, "if True:")),
    wrong(
        "nobody_alone_prints",
        "stays silent when the run is alone",
        (_ONLY_0, "if get_dist_info(env)[:2] == (True, 0):"),
    ),
    wrong("the_others_print", "prints on every rank but 0", (_ONLY_0, "if get_dist_info(env)[1]:")),
    wrong(
        "prints_as_process",
        "asks the process who it is, even when an environment is handed in",
        (_ONLY_0, "if get_dist_info()[1] == 0:"),
    ),
    wrong(
        "loses_options",
        "does not hand sep and end on to print",
        ("print(*args, **kwargs)", "print(*args)"),
    ),
    wrong(
        "mps_first",
        "prefers an Apple GPU to an NVIDIA one",
        (_CUDA, 'if cuda and not mps:\n        return "cuda"'),
    ),
    wrong("no_mps", "knows of no Apple GPU", ('return "mps" if mps else "cpu"', 'return "cpu"')),
]
