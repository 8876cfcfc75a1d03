"""Encode text as tokens, and decode tokens as text.

The merges are all that training leaves behind. Their order is the rule of encoding.

Lesson: README.md, "Encoding". Source: nanochat, `rustbpe/src/lib.rs`, encode.
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from nanochat.tokenizer.pairs import Pair, merge
from nanochat.tokenizer.split import split


class BPE:
    """A trained byte-pair encoder.

    Attributes:
        merges: For each merged pair, its id.
        vocab: For each id, the bytes that it stands for.
    """

    def __init__(self, merges: Mapping[Pair, int]) -> None:
        """Build the vocabulary.

        Args:
            merges: What `train` gave; the order of the items does not matter.
        """
        self.merges = dict(merges)
        self.vocab = {i: bytes([i]) for i in range(256)}
        # TODO: add the bytes of every merged pair. (2 lines)
        raise NotImplementedError

    def encode_chunk(self, chunk: bytes) -> list[int]:
        """Encode the bytes of one chunk: merge as in training, the earliest learned pair first."""
        ids = list(chunk)
        # TODO: merge the earliest learned pair in ids, until none is left. (6 lines)
        raise NotImplementedError

    def encode(self, text: str) -> list[int]:
        """Encode a text, chunk by chunk.

        Raises:
            UnicodeEncodeError: If the text holds half of a surrogate pair.
        """
        # TODO: split, and encode each chunk. (1 to 4 lines)
        raise NotImplementedError

    def decode(self, ids: Iterable[int]) -> str:
        """Decode tokens; what is no valid UTF-8 becomes U+FFFD.

        Raises:
            ValueError: If there is no such id; the message names it.
        """
        # TODO: join the bytes of all tokens, refuse an unknown id, read as text. (5 lines)
        raise NotImplementedError

    def ratio(self, text: str) -> float:
        """Say how many bytes of the text a token covers, on average; 0.0 for an empty text."""
        # TODO: divide the bytes of the text by its tokens. (2 lines)
        raise NotImplementedError


def main() -> None:
    """Encode and decode with two merges. `python codec.py` runs this."""
    bpe = BPE({(97, 97): 256, (256, 97): 257})
    ids = bpe.encode("aaaaa aaa")
    print(ids, [bpe.vocab[i] for i in ids], repr(bpe.decode(ids)))


if __name__ == "__main__":
    main()
