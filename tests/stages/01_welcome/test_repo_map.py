"""Check of 01_welcome/repo_map."""

from nanochat.welcome.repo_map import pipeline_order, stage_of

from nanolab.expect import attempt, equal

STAGES = {
    "nanochat/common.py": 1,
    "rustbpe/src/lib.rs": 2,
    "nanochat/dataset.py": 3,
    "nanochat/dataloader.py": 4,
    "nanochat/gpt.py": 5,
    "nanochat/muon.py": 6,
    "scripts/base_train.py": 7,
    "scripts/mid_train.py": 8,
    "scripts/chat_sft.py": 9,
    "scripts/chat_rl.py": 10,
    "nanochat/engine.py": 11,
    "nanochat/execution.py": 12,
    "tasks/gsm8k.py": 13,
    "scripts/chat_web.py": 14,
    "nanochat/report.py": 15,
    "speedrun.sh": 16,
}
SCRIPTS = {
    "tok_train",
    "tok_eval",
    "base_train",
    "base_eval",
    "mid_train",
    "chat_sft",
    "chat_rl",
    "chat_web",
}
# (the one that reads, the one whose output it reads, what that is)
READS = [
    ("tok_eval", "tok_train", "the tokenizer"),
    ("base_train", "tok_train", "the tokenizer"),
    ("base_eval", "base_train", "the base model"),
    ("mid_train", "base_train", "the base model"),
    ("chat_sft", "mid_train", "the midtrained model"),
    ("chat_rl", "chat_sft", "the fine-tuned model"),
    ("chat_web", "chat_sft", "the fine-tuned model"),
]


def test_a_file_that_was_given():
    """nanochat/gpt.py belongs to stage 5.

    The easiest one: it stands in the table already.
    """
    equal(stage_of("nanochat/gpt.py"), 5, "the Transformer is built in stage 5")


def test_every_file_has_its_stage():
    """All sixteen files are on the map.

    Kills one_missing and rl_before_sft.
    """
    found = {path: attempt(stage_of, path) for path in STAGES}
    missing = [path for path, stage in found.items() if stage == ("raises", "KeyError")]
    equal(missing, [], "these files are not on your map yet")
    for path, stage in STAGES.items():
        equal(found[path], stage, f"{path} is rebuilt in another stage")


def test_the_same_file_spelled_differently():
    """./nanochat/gpt.py is nanochat/gpt.py.

    Kills as_typed, no_backslash, no_dot and dot_first.
    """
    for path in ["./nanochat/gpt.py", "nanochat\\gpt.py", ".\\nanochat\\gpt.py"]:
        message = f"{path} is nanochat/gpt.py, written another way"
        equal(attempt(stage_of, path), 5, message)


def test_a_file_that_is_not_on_the_map():
    """An unknown file is an error, not a number.

    Kills returns_none, returns_zero and strips_letters.
    """
    for path in ["nanochat/gtp.py", "", "../nanochat/gpt.py"]:
        message = f"{path!r} is no file of the map, and that is an error"
        equal(attempt(stage_of, path), ("raises", "KeyError"), message)


def test_every_script_runs_once():
    """The run has all eight scripts, each once.

    Kills no_evaluation.
    """
    order = pipeline_order()
    assert isinstance(order, list), "the order is a list of names"
    equal(sorted(order), sorted(SCRIPTS), "a whole run has every script of SCRIPTS, each once")


def test_no_script_runs_before_its_input_exists():
    """Every script finds what it reads.

    Kills alphabet, tokenizer_late and sft_first.
    """
    order = pipeline_order()
    for reader, writer, what in READS:
        in_order = order.index(writer) < order.index(reader)
        assert in_order, f"{reader} reads {what}, which {writer} has not written yet"


def probe(module):
    """The stage of many spellings, and which scripts come too early."""
    paths = [*STAGES, "./nanochat/gpt.py", "nanochat\\gpt.py", ".\\nanochat\\gpt.py"]
    paths += ["nanochat/gtp.py", "", "../nanochat/gpt.py"]
    stages = [attempt(module.stage_of, path) for path in paths]
    order = list(attempt(module.pipeline_order))
    missing = sorted(SCRIPTS - set(order))
    present = [(reader, writer) for reader, writer, _ in READS if {reader, writer} <= set(order)]
    early = [pair for pair in present if order.index(pair[0]) < order.index(pair[1])]
    return stages, len(order), missing, early
