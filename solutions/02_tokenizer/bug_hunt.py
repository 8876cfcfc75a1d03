"""Hunt bugs: say what must hold for every tokenizer, and let the broken ones give themselves away.

This time the tokenizers are given, and you write the checks.

Lesson: README.md, "The bug hunt". Source: none; each of these bugs was somebody's.
"""

from collections.abc import Callable

from nanochat.tokenizer.split import split
from nanochat.tokenizer.tokenizer import SPECIAL_TOKENS, RustBPETokenizer

# Trains a tokenizer: documents, vocab_size -> tokenizer. RustBPETokenizer.train_from_iterator is one.
Make = Callable[[list[str], int], RustBPETokenizer]

DOCUMENTS = ["the cat sat on the mat, and the hen sat on the cat", "it's 10 o'clock: 你好, hello!"]
SIZE = 300  # room for the 256 bytes, the special tokens and 35 merges


def round_trip(make: Make) -> bool:
    """Every text comes back from its ids; half a character comes back as U+FFFD, not as an error."""
    tokenizer = make(DOCUMENTS, SIZE)
    # bytes that training never saw, and characters of two, three and four bytes
    texts = ["", "a\0b", "héllo", "Привет", "你好", "👍🏽", " \r\n\t"]
    back = [tokenizer.decode(tokenizer.encode(text)) for text in texts]
    return back == texts and tokenizer.decode([0xE4]) == "\ufffd"


def specials_isolated(make: Make) -> bool:
    """No text gives a special id, not even the name of a special token, whichever it is."""
    tokenizer = make(DOCUMENTS, SIZE)
    special = {tokenizer.encode_special(name) for name in SPECIAL_TOKENS}
    return not any(special & {*tokenizer.encode(f"a{name}b")} for name in SPECIAL_TOKENS)


def boundary(make: Make) -> bool:
    """No token reaches across the border of two chunks."""
    # of all neighbours, d and the space are the most frequent, were it not for the border
    tokenizer = make(["ad bd cd dd ed"], SIZE)
    learned = range(256, tokenizer.encode_special(SPECIAL_TOKENS[0]))
    return all(len(split(tokenizer.id_to_token(i))) == 1 for i in learned)


def tie_order(make: Make) -> bool:
    """Among pairs that occur equally often, the smallest is merged first."""
    # "ca" is seen first, "bc" is seen last, and "cb" is the largest; "ab" is the smallest
    tokenizer = make(["ca", "ab", "cb", "bc"], SIZE)
    return tokenizer.id_to_token(256) == "ab"


def batch_equal(make: Make) -> bool:
    """A list of texts gives what its texts give one by one, with all the same arguments."""
    tokenizer = make(DOCUMENTS, SIZE)
    # not sorted, one of them twice, one empty
    texts = ["the cat", "", "and", "the cat"]
    ends = {"prepend": "<|bos|>", "append": "<|user_end|>"}
    return tokenizer.encode(texts, **ends) == [tokenizer.encode(one, **ends) for one in texts]


def vocab_size(make: Make) -> bool:
    """Given enough text, there are as many ids as were asked for, and the last one is in use."""
    tokenizer = make(DOCUMENTS, 280)
    last = max(tokenizer.encode_special(name) for name in SPECIAL_TOKENS)
    return tokenizer.get_vocab_size() == 280 == last + 1


def token_bytes(make: Make) -> bool:
    """The bytes of a text's tokens add up to the bytes of the text; special tokens have none."""
    tokenizer = make(DOCUMENTS, SIZE)
    sizes = tokenizer.token_bytes()
    text = "héllo 👍🏽"  # not in the documents, so its characters are in several tokens
    fine = sum(sizes[i] for i in tokenizer.encode(text)) == len(text.encode("utf-8"))
    return fine and not any(sizes[tokenizer.encode_special(name)] for name in SPECIAL_TOKENS)


def find_faults(make: Make) -> list[str]:
    """Name the properties that a tokenizer violates; an exception is a violation too."""
    properties = [round_trip, specials_isolated, boundary, tie_order]
    properties += [batch_equal, vocab_size, token_bytes]
    faults = []
    for holds in properties:
        try:
            fine = holds(make)
        except NotImplementedError:
            raise  # a property that you have not written yet
        except Exception:
            fine = False
        if not fine:
            faults.append(holds.__name__)
    return faults


def main() -> None:
    """Examine your own tokenizer. `python bug_hunt.py` runs this."""
    print("faults:", find_faults(RustBPETokenizer.train_from_iterator) or "none found")


if __name__ == "__main__":
    main()
