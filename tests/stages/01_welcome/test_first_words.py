"""Check of 01_welcome/first_words."""

import random
from collections import Counter
from itertools import pairwise

from nanochat.welcome.first_words import fit, generate, main

from nanolab.expect import attempt, equal

TEXT = "the cat sat on the mat and the hen ate the oats "
# After each letter, both are equally likely.
FAIR = {"a": Counter(a=1, b=1), "b": Counter(a=1, b=1)}
# After each letter, b is a rare guest.
RARE = {"a": Counter(a=999, b=1), "b": Counter(a=999, b=1)}


def reordered(model):
    """The same counts, collected in the opposite order."""
    return {key: Counter(dict(reversed(count.items()))) for key, count in reversed(model.items())}


def pairs(text):
    """All neighbours in a text."""
    return {text[i : i + 2] for i in range(len(text) - 1)}


def test_fit_counts_what_follows():
    """fit() counts, for each character, the ones right after it.

    Kills counts_characters, skips_one, goes_round, every_other_pair and counts_once.
    """
    message = "in abac, after a come b and c, after b comes a, and after c comes nothing"
    equal(dict(fit("abac")), {"a": Counter(b=1, c=1), "b": Counter(a=1)}, message)
    message = "in aaab, two neighbours are a, a and one is a, b"
    equal(dict(fit("aaab")), {"a": Counter(a=2, b=1)}, message)
    equal(dict(fit("a")), {}, "one character alone has no neighbour")


def test_generate_uses_only_pairs_that_it_has_seen():
    """generate() adds n characters, each of which has followed the one before it.

    Kills any_character, never_moves_on, n_with_start, one_too_many, only_the_new and whole_start.
    """
    text = generate(fit(TEXT), "the", 50, seed=0)
    assert text.startswith("the"), f"the text goes on from its start, the; it is {text!r}"
    equal(len(text), 53, "the start has 3 characters, and 50 are added")
    new = sorted(pairs(text) - pairs(TEXT))
    equal(new, [], "these neighbours were never seen in the text that the model was fitted on")


def test_a_seed_tells_one_story():
    """The same seed gives the same text; another seed, another.

    Kills no_seed, always_seed_0, most_frequent and order_of_counting.
    """
    model = fit(TEXT)
    text = generate(model, "t", 50, seed=1)
    random.random()
    equal(generate(model, "t", 50, seed=1), text, "the same model and seed give the same text")
    assert len({generate(model, "t", 50, seed) for seed in range(5)}) > 1, "five seeds, one story"
    message = "the same counts, collected in another order, are the same model"
    equal(generate(reordered(model), "t", 50, seed=1), text, message)


def test_frequent_followers_come_more_often():
    """What followed often is drawn often.

    Kills same_throw and no_weights.
    """
    found = generate(FAIR, "a", 200, seed=0).count("b")
    assert 60 < found < 140, f"a and b are equally likely, but of 200 characters {found} are b"
    found = generate(RARE, "a", 200, seed=0).count("b")
    assert found < 10, f"b follows once in 1000 times, but of 200 characters {found} are b"


def test_the_end_of_what_is_known():
    """A dead end ends the text; an unknown start is refused.

    Kills dead_end_crashes and unknown_start.
    """
    message = "nothing ever followed c in abc, so the text ends there"
    equal(attempt(generate, fit("abc"), "a", 10, 0), "abc", message)
    equal(attempt(generate, fit("abc"), "a", 0, 0), "a", "with n = 0, nothing is added")
    for start in ["z", "az", ""]:
        message = f"the model was fitted on abab, and knows nothing to follow {start!r}"
        equal(attempt(generate, fit("abab"), start, 10, 0), ("raises", "ValueError"), message)


def test_the_model_speaks(capsys):
    """main() lets your model speak, three times 60 characters.

    The treat at the end: it passes if all the others do.
    """
    main()
    spoken = capsys.readouterr().out
    equal([len(line) for line in spoken.splitlines()[1:]], [60] * 3, "three lines of 60 characters")
    print(spoken)  # for the learner's eyes


def probe(module):
    """The counts of some texts, and what can be said of generated ones whatever the dice."""
    generate = module.generate
    model = {character: Counter() for character in TEXT}
    for first, second in pairwise(TEXT):
        model[first][second] += 1
    stories = [attempt(generate, model, "the", 50, seed) for seed in (0, 0, 1, 2, 3)]
    other = attempt(generate, reordered(model), "the", 50, 0)
    texts = [str(attempt(generate, coin, "a", 200, 0)) for coin in (FAIR, RARE)]
    return {
        "fit": [
            attempt(lambda text: dict(module.fit(text)), text) for text in ("abac", "aaab", "a")
        ],
        "lengths": [len(story) for story in stories],
        "new pairs": any(pairs(story) - pairs(TEXT) for story in stories),
        "repeats": stories[0] == stories[1],
        "any order": other == stories[0],
        "differs": len(set(stories)) > 1,
        "fair": 60 < texts[0].count("b") < 140,
        "rare": texts[1].count("b") < 10,
        "ends": [
            attempt(generate, {"a": Counter(b=1), "b": Counter(c=1)}, start, n, 0)
            for start, n in [("a", 10), ("a", 0), ("z", 10), ("az", 10), ("", 10)]
        ],
    }
