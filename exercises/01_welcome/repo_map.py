"""A map of nanochat: which file belongs to which stage, and which script runs when.

You will rebuild all of this. Before the details, walk once around the house.

Lesson: README.md, "The map". Source: nanochat's folders and its `speedrun.sh`.
"""

from pathlib import PurePosixPath

STAGES = ["welcome", "tokenizer", "dataset", "dataloader", "gpt", "optim", "base_train"]
STAGES += ["mid_train", "sft", "rl", "engine", "execution", "tasks", "web", "report", "capstone"]

# One file of upstream for each stage, from A to Z, with what it does.
FILES = {
    "nanochat/common.py": "small helpers that every script uses",
    "nanochat/dataloader.py": "cuts a stream of tokens into batches",
    "nanochat/dataset.py": "downloads shards of web text",
    "nanochat/engine.py": "generates text, fast",
    "nanochat/execution.py": "runs Python that the model wrote, in a cage",
    "nanochat/gpt.py": "the Transformer itself",
    "nanochat/muon.py": "decides how a weight matrix moves",
    "nanochat/report.py": "writes down what a run did and cost",
    "rustbpe/src/lib.rs": "learns which bytes make a token",
    "scripts/base_train.py": "teaches an empty model to continue web text",
    "scripts/chat_rl.py": "lets the model try, and rewards right answers",
    "scripts/chat_sft.py": "trains on the assistant's half of conversations",
    "scripts/chat_web.py": "serves a page to talk to the model",
    "scripts/mid_train.py": "shows the model what a conversation looks like",
    "speedrun.sh": "runs everything, from nothing to a chat",
    "tasks/gsm8k.py": "asks school maths and marks the answers",
}

# The scripts of a whole run, from A to Z. chat_web is where you talk to the result.
SCRIPTS = ["base_eval", "base_train", "chat_rl", "chat_sft"]
SCRIPTS += ["chat_web", "mid_train", "tok_eval", "tok_train"]


def stage_of(path: str) -> int:
    r"""Say which stage rebuilds a file of nanochat.

    Args:
        path: One of `FILES`, seen from nanochat's folder. `./nanochat/gpt.py` and
            `nanochat\gpt.py` mean the same file as `nanochat/gpt.py`.

    Returns:
        The number of its stage, counted from 1.

    Raises:
        KeyError: If the map has no such file; `../nanochat/gpt.py` is another folder's.
    """
    stages = {
        "nanochat/common.py": 1,
        "rustbpe/src/lib.rs": 2,
        "nanochat/dataset.py": 3,
        "nanochat/gpt.py": 5,
        "scripts/base_train.py": 7,
        "nanochat/engine.py": 11,
        "tasks/gsm8k.py": 13,
        "speedrun.sh": 16,
        # TODO: add the other eight of FILES; each stage has exactly one. (8 lines)
    }
    # TODO: give the stage of the path, however it is spelled. (1 or 2 lines)
    raise NotImplementedError


def pipeline_order() -> list[str]:
    """List the scripts in an order in which they can run.

    Returns:
        Every name of `SCRIPTS` once, each after the scripts whose output it reads.
    """
    # TODO: list the eight names: who needs what the other one wrote? (up to 8 lines)
    raise NotImplementedError


def main() -> None:
    """Print the map. `python repo_map.py` runs this."""
    for number, name in enumerate(STAGES, start=1):
        for path, note in FILES.items():
            if stage_of(path) == number:
                print(f"{number:2}  {name:<11} {path:<23} {note}")
    print("\n" + " -> ".join(pipeline_order()))


if __name__ == "__main__":
    main()
