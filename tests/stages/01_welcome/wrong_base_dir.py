"""Wrong answers to 01_welcome/base_dir."""

from nanolab.wrongs import wrong

_ENV = "env = os.environ if env is None else env"
_BASE = 'base = Path(env.get("NANOCHAT_BASE_DIR") or Path.home() / ".cache" / "nanochat")'
_MKDIR = "base.mkdir(parents=True, exist_ok=True)"
_GUARD = 'if below.anchor or ".." in below.parts:'

WRONGS = [
    wrong(
        "read_at_import",
        "reads the environment once, when it is imported",
        ("import os\n", "import os\n\n_ENV = dict(os.environ)\n"),
        (_ENV, "env = _ENV if env is None else env"),
    ),
    wrong(
        "or_environ",
        "takes an empty environment for none at all",
        (_ENV, "env = env or os.environ"),
    ),
    wrong(
        "ignores_env",
        "looks at the process's environment even when another one is handed in",
        (_ENV, "env = os.environ"),
    ),
    wrong(
        "empty_counts",
        "takes an empty variable for the name of a directory",
        (_BASE, 'base = Path(env.get("NANOCHAT_BASE_DIR", Path.home() / ".cache" / "nanochat"))'),
    ),
    wrong(
        "somebodys_home",
        "writes into one person's home directory, whoever runs it",
        ("Path.home()", 'Path("/home/karpathy")'),
    ),
    wrong(
        "current_directory",
        "puts things where the program happens to be started",
        ('Path.home() / ".cache" / "nanochat"', '".cache/nanochat"'),
    ),
    wrong("not_made", "names the directory, but does not make it", (_MKDIR, "base.exists()")),
    wrong(
        "no_parents",
        "fails when a parent of the directory is missing",
        (_MKDIR, "base.mkdir(exist_ok=True)"),
    ),
    wrong(
        "once_only",
        "fails when the directory is there already",
        (_MKDIR, "base.mkdir(parents=True)"),
    ),
    wrong(
        "text",
        "returns text, to which / cannot be applied",
        ("return base\n", "return str(base)\n"),
        ("return get_base_dir(env) / below", "return Path(get_base_dir(env)) / below"),
    ),
    wrong("no_guard", "lets every path lead out", (_GUARD, "if False:")),
    wrong(
        "dots_only",
        "lets an absolute part throw the base directory away",
        (_GUARD, 'if ".." in below.parts:'),
    ),
    wrong("absolute_only", "lets .. climb out of the base directory", (_GUARD, "if below.anchor:")),
    wrong(
        "whole_parts_only",
        "does not see a .. inside a longer part",
        (_GUARD, 'if below.anchor or ".." in parts:'),
    ),
    wrong(
        "any_two_dots",
        "refuses a harmless file name that has two dots in it",
        (_GUARD, 'if below.anchor or ".." in str(below):'),
    ),
    wrong(
        "own_base",
        "forgets the environment when it names an artifact",
        ("return get_base_dir(env) / below", "return get_base_dir() / below"),
    ),
]
