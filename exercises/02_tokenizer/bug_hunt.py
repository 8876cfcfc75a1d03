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
    # TODO: try texts of many kinds, and half a character. (3 lines)
    raise NotImplementedError


def specials_isolated(make: Make) -> bool:
    """No text gives a special id, not even the name of a special token, whichever it is."""
    tokenizer = make(DOCUMENTS, SIZE)
    # TODO: encode the name of each special token, and look for special ids. (2 lines)
    raise NotImplementedError


def boundary(make: Make) -> bool:
    """No token reaches across the border of two chunks."""
    # TODO: tempt it with a pair across a border, and look at every learned token. (3 lines)
    raise NotImplementedError


def tie_order(make: Make) -> bool:
    """Among pairs that occur equally often, the smallest is merged first."""
    # TODO: train on a tie, and look at the first merge, token 256. (2 lines)
    raise NotImplementedError


def batch_equal(make: Make) -> bool:
    """A list of texts gives what its texts give one by one, with all the same arguments."""
    tokenizer = make(DOCUMENTS, SIZE)
    # TODO: compare a list of texts with the texts one by one. (3 lines)
    raise NotImplementedError


def vocab_size(make: Make) -> bool:
    """Given enough text, there are as many ids as were asked for, and the last one is in use."""
    tokenizer = make(DOCUMENTS, 280)
    # TODO: compare the size, and the highest id, with what was asked for. (2 lines)
    raise NotImplementedError


def token_bytes(make: Make) -> bool:
    """The bytes of a text's tokens add up to the bytes of the text; special tokens have none."""
    tokenizer = make(DOCUMENTS, SIZE)
    # TODO: add up the bytes of a text's tokens; look at the special tokens. (4 lines)
    raise NotImplementedError


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
