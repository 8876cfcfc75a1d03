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
        # by id: a pair is made of ids that were there before it, so their bytes are known
        for (left, right), new_id in sorted(self.merges.items(), key=lambda item: item[1]):
            self.vocab[new_id] = self.vocab[left] + self.vocab[right]

    def encode_chunk(self, chunk: bytes) -> list[int]:
        """Encode the bytes of one chunk: merge as in training, the earliest learned pair first."""
        ids = list(chunk)
        never = len(self.vocab)  # higher than every id
        while len(ids) > 1:
            # ids were given in the order of learning, so the lowest one was learned first
            pair = min(pairwise(ids), key=lambda pair: self.merges.get(pair, never))
            if pair not in self.merges:
                break
            ids = merge(ids, pair, self.merges[pair])
        return ids

    def encode(self, text: str) -> list[int]:
        """Encode a text, chunk by chunk.

        Raises:
            UnicodeEncodeError: If the text holds half of a surrogate pair.
        """
        # the same chunks as in training: no token reaches across a border
        return [i for chunk in split(text) for i in self.encode_chunk(chunk.encode("utf-8"))]

    def decode(self, ids: Iterable[int]) -> str:
        """Decode tokens; what is no valid UTF-8 becomes U+FFFD.

        Raises:
            ValueError: If there is no such id; the message names it.
        """
        try:
            whole = b"".join(self.vocab[i] for i in ids)
        except KeyError as error:
            raise ValueError(f"there is no token {error}") from error
        # bytes first, text last: two tokens may hold half of a character each
        return whole.decode("utf-8", errors="replace")

    def ratio(self, text: str) -> float:
        """Say how many bytes of the text a token covers, on average; 0.0 for an empty text."""
        # bytes, not characters: a Korean letter has three bytes, and each of them costs
        tokens = len(self.encode(text))
        return len(text.encode("utf-8")) / tokens if tokens else 0.0


def main() -> None:
    """Encode and decode with two merges. `python codec.py` runs this."""
    bpe = BPE({(97, 97): 256, (256, 97): 257})
    ids = bpe.encode("aaaaa aaa")
    print(ids, [bpe.vocab[i] for i in ids], repr(bpe.decode(ids)))


if __name__ == "__main__":
    main()
