"""Check of 02_tokenizer/utf8_bytes."""

import random

from nanochat.tokenizer.utf8_bytes import char_vs_byte, from_ids, to_ids

from nanolab.expect import attempt, equal

# Characters of one, two, three and four bytes; all old enough for every Python.
ALPHABET = "\0\x7fab é\xa0ßЖя你好가\u200dあ👍🏽𝄞\r\n\t\ufffd"


def test_a_character_may_be_several_bytes():
    """to_ids gives one number for each byte.

    Kills code_points, latin_1 and utf_16.
    """
    equal(to_ids("hi"), [104, 105], "an English letter is one byte")
    equal(to_ids("é"), [0xC3, 0xA9], "é is one character, and two bytes in UTF-8")
    equal(to_ids("你"), [0xE4, 0xBD, 0xA0], "你 is one character, and three bytes in UTF-8")
    message = "a thumb and its colour are two characters, of four bytes each"
    equal(to_ids("👍🏽"), [0xF0, 0x9F, 0x91, 0x8D, 0xF0, 0x9F, 0x8F, 0xBD], message)
    equal(to_ids("a\0"), [97, 0], "the character NUL is a byte like any other")
    equal(to_ids(""), [], "no text, no bytes")


def test_what_is_written_can_be_read():
    """from_ids brings every text back.

    Kills one_by_one and reads_latin_1.
    """
    equal(attempt(from_ids, [0xE4, 0xBD, 0xA0]), "你", "three bytes together are one character")
    equal(attempt(from_ids, iter([104, 105])), "hi", "any iterable of ids will do")
    rng = random.Random(0)
    for _ in range(1000):
        text = "".join(rng.choices(ALPHABET, k=rng.randrange(12)))
        equal(attempt(from_ids, to_ids(text)), text, "there and back, it is the same text")


def test_half_a_character_is_no_error():
    """Invalid UTF-8 is read as U+FFFD.

    Kills strict and drops_the_rest.
    """
    equal(attempt(from_ids, [0xE4]), "\ufffd", "the first of three bytes, alone, is U+FFFD")
    equal(attempt(from_ids, [97, 0xFF, 98]), "a\ufffdb", "0xFF never occurs in UTF-8")


def test_ids_are_bytes():
    """from_ids refuses what is no byte; to_ids refuses half a pair.

    Kills modulo, clips and lone_surrogate.
    """
    for ids in ([256], [-1], [97, 300]):
        message = f"{ids} holds a number that no byte can have"
        equal(attempt(from_ids, ids), ("raises", "ValueError"), message)
    message = "half of a surrogate pair is no character: nobody could read it back"
    equal(attempt(to_ids, "\ud800"), ("raises", "UnicodeEncodeError"), message)


def test_characters_and_bytes_are_counted():
    """char_vs_byte counts both.

    Kills bytes_twice and swapped.
    """
    equal(char_vs_byte("hi"), (2, 2), "in English text there are as many bytes as characters")
    equal(char_vs_byte("héllo"), (5, 6), "five characters; é has two bytes")
    equal(char_vs_byte("你好"), (2, 6), "two characters of three bytes each")
    equal(char_vs_byte(""), (0, 0), "nothing has no length")


def probe(module):
    """Some texts there, some ids back."""
    texts = ["hi", "é", "你", "👍🏽", "a\0", "", "\ud800"]
    ids = [[104], [0xE4, 0xBD, 0xA0], [0xE4], [97, 0xFF, 98], [256], [-1], [97, 300], [44]]
    return (
        [attempt(module.to_ids, text) for text in texts],
        [attempt(module.from_ids, one) for one in ids],
        [attempt(module.char_vs_byte, text) for text in ["hi", "héllo", "你好"]],
    )
