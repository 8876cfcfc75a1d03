"""Wrong answers to 01_welcome/repo_map."""

from nanolab.wrongs import wrong

_TIDY = 'str(PurePosixPath(path.replace("\\\\", "/")))'
_LOOK_UP = "return stages[tidy]"
_TOKENIZER = '        "tok_train",\n'

WRONGS = [
    wrong(
        "returns_none",
        "answers None for a file that is not on the map",
        (_LOOK_UP, "return stages.get(tidy)"),
    ),
    wrong(
        "returns_zero",
        "answers 0 for a file that is not on the map",
        (_LOOK_UP, "return stages.get(tidy, 0)"),
    ),
    wrong("as_typed", "looks for the path exactly as it was typed", (_TIDY, "path")),
    wrong(
        "no_backslash", "takes a Windows path for another file", (_TIDY, "str(PurePosixPath(path))")
    ),
    wrong(
        "no_dot",
        "takes ./nanochat for another folder than nanochat",
        (_TIDY, 'path.replace("\\\\", "/")'),
    ),
    wrong(
        "dot_first",
        "cuts the ./ off before it has turned the slashes",
        (_TIDY, 'path.removeprefix("./").replace("\\\\", "/")'),
    ),
    wrong(
        "strips_letters",
        "cuts every dot and slash off the front, so that ../ is cut too",
        (_TIDY, 'path.replace("\\\\", "/").lstrip("./")'),
    ),
    wrong(
        "one_missing", "still misses a file of the map", ('        "nanochat/report.py": 15,\n', "")
    ),
    wrong(
        "rl_before_sft",
        "takes RL for the stage before SFT",
        ('"scripts/chat_sft.py": 9', '"scripts/chat_sft.py": 10'),
        ('"scripts/chat_rl.py": 10', '"scripts/chat_rl.py": 9'),
    ),
    wrong(
        "alphabet",
        "runs the scripts in the order of the alphabet",
        (
            "return [\n        # a model reads",
            "return sorted(SCRIPTS) or [\n        # a model reads",
        ),
    ),
    wrong(
        "tokenizer_late",
        "trains a model before there is a tokenizer",
        (_TOKENIZER, ""),
        ('        "base_eval",\n', '        "base_eval",\n        "tok_train",\n'),
    ),
    wrong("no_evaluation", "leaves the evaluations out of the run", ('        "base_eval",\n', "")),
    wrong(
        "sft_first",
        "fine-tunes before midtraining",
        ('        "mid_train",\n', ""),
        ('        "chat_sft",\n', '        "chat_sft",\n        "mid_train",\n'),
    ),
]
