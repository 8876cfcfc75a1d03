"""Wrong answers to 01_welcome/first_words."""

from nanolab.wrongs import wrong

_PAIRS = "in pairwise(text):"
_COUNT = "model.setdefault(character, Counter())[follower] += 1"
_CHECK = "if start[-1:] not in model:"
_DICE = "rng = random.Random(seed)"
_WHILE = "while len(text) < len(start) + n and text[-1] in model:"
_FOLLOWERS = "followers = model[text[-1]]"
_DRAW = "text += rng.choices(characters, weights)[0]"

WRONGS = [
    wrong(
        "counts_characters",
        "counts the characters, not what follows them",
        (_COUNT, "model.setdefault(character, Counter())[character] += 1"),
    ),
    wrong(
        "skips_one", "looks at the character after the next", (_PAIRS, "in zip(text, text[2:]):")
    ),
    wrong(
        "goes_round",
        "lets the first character follow the last one",
        (_PAIRS, "in zip(text, text[1:] + text[:1]):"),
    ),
    wrong(
        "every_other_pair",
        "looks at every second pair only",
        (_PAIRS, "in zip(text[::2], text[1::2]):"),
    ),
    wrong(
        "counts_once",
        "notes that a pair came up, not how often",
        (_COUNT, "model.setdefault(character, Counter())[follower] = 1"),
    ),
    wrong(
        "any_character",
        "draws from all characters, whatever came before",
        (_FOLLOWERS, "followers = sum(model.values(), Counter())"),
    ),
    wrong(
        "never_moves_on",
        "looks at the start for ever, and never at what it added",
        (_FOLLOWERS, "followers = model[start[-1]]"),
    ),
    wrong(
        "n_with_start",
        "counts the start among the n characters",
        (_WHILE, "while len(text) < n and text[-1] in model:"),
    ),
    wrong(
        "one_too_many", "adds one character more than asked", (_WHILE, _WHILE.replace("<", "<="))
    ),
    wrong(
        "only_the_new",
        "gives only what it added, without the start",
        ("return text\n", "return text[len(start) :]\n"),
    ),
    wrong("no_seed", "throws dice that nobody seeded", (_DICE, "rng = random.Random()")),
    wrong(
        "always_seed_0", "uses the same seed whatever it is told", (_DICE, "rng = random.Random(0)")
    ),
    wrong(
        "same_throw",
        "seeds the dice anew for every character, so that every throw is the same",
        (_DRAW, "text += random.Random(seed).choices(characters, weights)[0]"),
    ),
    wrong(
        "most_frequent",
        "always takes the most frequent follower",
        (_DRAW, "text += max(characters, key=followers.__getitem__)"),
    ),
    wrong(
        "no_weights",
        "takes all followers for equally likely",
        (_DRAW, "text += rng.choice(characters)"),
    ),
    wrong(
        "order_of_counting",
        "draws by the order in which the counts were collected",
        ("characters = sorted(followers)", "characters = list(followers)"),
    ),
    wrong(
        "dead_end_crashes",
        "fails where nothing is known to follow",
        (_WHILE, "while len(text) < len(start) + n:"),
    ),
    wrong(
        "unknown_start",
        "gives an unknown start back as if all were well",
        (_CHECK, "if not start:"),
    ),
    wrong(
        "whole_start",
        "looks for the whole start, not for its last character",
        (_CHECK, "if start not in model:"),
    ),
]
