"""Check of 02_tokenizer/split."""

import random

import regex
from nanochat.tokenizer.split import split, split_pattern

from nanolab.expect import attempt, equal

# White space of all kinds, controls, joiners, letters, numerals and signs; none newer than Unicode 9.
ALPHABET = " \t\r\n\x0b\x1c\x85\xa0\u2028\u3000\u200dab'smSMéЖ你가ªʰ01²½Ⅷ٣_-.,;!?€👍🏽\u0301"
PIECES = ["what", "'s", "up", " we", "'re", "ally", " don", "'t", "hey"]


def random_texts(count):
    """Texts of up to a dozen signs from the alphabet, the same ones each time."""
    rng = random.Random(0)
    return ["".join(rng.choices(ALPHABET, k=rng.randrange(1, 13))) for _ in range(count)]


def test_words_take_the_space_before_them():
    """A word is a chunk, with the space before it.

    Kills white_space and no_optional.
    """
    equal(split("low lower lowest"), ["low", " lower", " lowest"], "a space belongs to its word")
    equal(split("a  b   c"), ["a", " ", " b", "  ", " c"], "only the last space goes to the word")
    equal(split("_under_score"), ["_under", "_score"], "one sign may open a word, a _ for example")
    equal(split(""), [], "no text, no chunks")


def test_numbers_come_in_twos():
    """A chunk holds two digits at most, and nothing else with them.

    Kills three_digits, whole_numbers, ascii_digits, digits_take_a_space and one_digit.
    """
    equal(split("abc123456"), ["abc", "12", "34", "56"], "digits come two by two, from the left")
    equal(
        split("x = 10;"), ["x", " =", " ", "10", ";"], "a number does not take the space before it"
    )
    message = "½, ² and Ⅷ are numerals too"
    equal(split("½ cup ² Ⅷ"), ["½", " cup", " ", "²", " ", "Ⅷ"], message)


def test_contractions_are_split_off():
    """'m, 're and 't are chunks, in upper case too.

    Kills lower_case, no_contractions, gpt_2, some_contractions and any_letters. "don't" would be
    cut in the same way without them, since 't is also a word with a sign before it; where more
    letters follow, it shows.
    """
    equal(split("I'm you're"), ["I", "'m", " you", "'re"], "I'm is I and 'm")
    message = "'s, 're and 't are cut off as soon as they are there, whatever follows"
    equal(split("what'sup we'really don'they"), PIECES, message)
    message = "in upper case too: 'S is cut off like 's, and even the 'D of a name"
    equal(split("IT'SO O'Dell"), ["IT", "'S", "O", " O", "'D", "ell"], message)
    message = "'Neil is no contraction, but a word with a sign before it"
    equal(split("O'Neil"), ["O", "'Neil"], message)
    equal(split("it\u2019s"), ["it", "\u2019s"], "a curly quote may open a word, too")


def test_lines_and_signs():
    """Line ends, blank lines and signs find their chunks.

    Kills contraction_groups.
    """
    equal(split("a\n\n b"), ["a", "\n\n", " b"], "blank lines are one chunk")
    expected = ["\t", "\tif", " x", ":\r\n"]
    equal(split("\t\tif x:\r\n"), expected, "a sign takes the line's end with it")
    equal(split("a.\n\n"), ["a", ".\n\n"], "a sign takes the line's end with it")
    groups = regex.compile(split_pattern()).groups
    equal(groups, 0, "a group that captures makes findall give groups instead of chunks: use (?:…)")


def test_nothing_is_lost():
    """Joined, the chunks are the text again.

    Kills drops_white_space.
    """
    for text in random_texts(500):
        chunks = split(text)
        equal("".join(chunks), text, f"some of {text!r} is in no chunk, or in two")
        for chunk in chunks:
            numerals = len(regex.findall(r"\p{N}", chunk))
            mixed = numerals and numerals < len(chunk)
            assert not mixed, f"{chunk!r} mixes numerals with something else"
            assert numerals <= 2, f"{chunk!r} has more than two numerals"


def test_only_text_can_be_split():
    """split(None) and split(b"…") are a TypeError.

    Kills str_of_everything.
    """
    for value in (None, b"bytes", 7):
        message = (
            f"{value!r} is not text; who hands it in has made a mistake, and should hear of it"
        )
        equal(attempt(split, value), ("raises", "TypeError"), message)


def probe(module):
    """How some texts are cut."""
    texts = [
        "low lower",
        "a  b   c",
        "_under",
        "abc123456",
        "x = 10;",
        "½ cup ² Ⅷ",
        "I'm you'RE don't",
    ]
    texts += [
        "what'sup we'really don'they",
        "IT'SO O'Dell",
        "O'Neil it\u2019s",
        "'x 'S",
        "a\n\n b",
        "\t\tif x:\r\n",
        None,
        b"bytes",
    ]
    return [attempt(module.split, text) for text in texts]
