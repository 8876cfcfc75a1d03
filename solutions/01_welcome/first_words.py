"""The first words: a language model in twenty lines.

Fit, predict, sample. The same three verbs come back with a Transformer in stages 5, 7 and 11.

Lesson: README.md, "The first words".
"""

import random
from collections import Counter
from itertools import pairwise

STORY = (
    "the little model sat in the machine and looked at the text. it saw a letter and then it saw "
    "the next letter. after a t there is often an h, said the little model, and after an h there "
    "is often an e. so it counted. it counted all day and all night, and in the morning it had a "
    "table. then it tried to speak. it took a letter, looked into the table, and threw the dice. "
    "then it took the next letter, and the next. the words were strange words, but some of them "
    "were nearly right. i will need to look back farther than one letter, said the little model, "
    "and that is how it all began. the end is the start of the next story, and then it starts. "
)


def fit(text: str) -> dict[str, Counter[str]]:
    """Count, for every character, which characters come right after it.

    Args:
        text: What to learn from.

    Returns:
        For each character with something after it, the count of each follower:
        `fit("abac")` is `{"a": Counter(b=1, c=1), "b": Counter(a=1)}`.
    """
    model: dict[str, Counter[str]] = {}
    # the last character has nobody after it, and pairwise makes no pair for it
    for character, follower in pairwise(text):
        # the first time that a character shows up, it gets a counter of its own
        model.setdefault(character, Counter())[follower] += 1
    return model


def generate(model: dict[str, Counter[str]], start: str, n: int, seed: int) -> str:
    """Continue a text, one character at a time, by what the model has seen.

    Each next character is drawn at random: one that followed twice as often is twice as likely.
    The same counts and seed give the same text, in whatever order the counts were collected.

    Args:
        model: What `fit` gave.
        start: The text to continue. The model looks only at its last character.
        n: How many characters to add, at most; fewer if one comes up that nothing ever followed.
        seed: Any number; another one tells another story.

    Returns:
        The start, and what was added to it.

    Raises:
        ValueError: If the model knows nothing to follow the start.
    """
    # start[-1:] is "" for an empty start, where start[-1] would raise an IndexError
    if start[-1:] not in model:
        raise ValueError(f"nothing is known to follow {start!r}")
    # dice of our own, made once: the global ones could be thrown by anybody in between
    rng = random.Random(seed)
    text = start
    while len(text) < len(start) + n and text[-1] in model:
        # all that a bigram model knows of the past is the last character
        followers = model[text[-1]]
        # sorted, so that the draw depends on what was counted, not on when
        characters = sorted(followers)
        weights = [followers[character] for character in characters]
        text += rng.choices(characters, weights)[0]
    return text


def main() -> None:
    """Let the model speak: three times 60 characters. `python first_words.py` runs this."""
    model = fit(STORY)
    print("after t:", dict(model["t"].most_common(5)))
    for seed in range(3):
        print(generate(model, "t", 59, seed))


if __name__ == "__main__":
    main()
