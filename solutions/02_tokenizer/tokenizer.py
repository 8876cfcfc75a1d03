"""The tokenizer that every later stage holds in its hands.

A byte-pair encoder, and nine special tokens that no text can ever produce.

Lesson: README.md, "The tokenizer". Source: nanochat, `tokenizer.py`, RustBPETokenizer.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from nanochat.tokenizer.codec import BPE
from nanochat.tokenizer.pairs import Pair
from nanochat.tokenizer.split import split, split_pattern
from nanochat.tokenizer.train_fast import train_fast

SPLIT_PATTERN = split_pattern()

SPECIAL_TOKENS = [
    "<|bos|>",  # every document begins with it
    "<|user_start|>",  # the others frame a conversation: stages 8, 9 and 11
    "<|user_end|>",
    "<|assistant_start|>",
    "<|assistant_end|>",
    "<|python_start|>",  # the assistant calls the Python tool
    "<|python_end|>",
    "<|output_start|>",  # and this is what the tool said
    "<|output_end|>",
]

# What a saved tokenizer says of itself. One that says something else would cut text differently.
_HEADER = {"version": 1, "pattern": SPLIT_PATTERN, "special_tokens": SPECIAL_TOKENS}


class RustBPETokenizer:
    """Text to ids and back, under the name and with the methods that nanochat's tokenizer has.

    Attributes:
        bpe: Encodes ordinary text. Its `vocab` holds the names of the special tokens as well.
        special_tokens: For each special token its id.
    """

    def __init__(self, merges: Mapping[Pair, int]) -> None:
        """Make a tokenizer of what training gave; the special ids follow right after the merges."""
        self.bpe = BPE(merges)
        # after the merges there are, not those that were asked for: a short text gives fewer
        first = len(self.bpe.vocab)
        self.special_tokens = {name: first + i for i, name in enumerate(SPECIAL_TOKENS)}
        # for decoding only: no merge leads to these ids, so encoding never gives one
        self.bpe.vocab.update((i, name.encode()) for name, i in self.special_tokens.items())

    @classmethod
    def train_from_iterator(
        cls, text_iterator: Iterable[str], vocab_size: int
    ) -> "RustBPETokenizer":
        """Train a tokenizer.

        Args:
            text_iterator: Documents, one string each. They are read once, one after the other.
            vocab_size: How many ids to have: 256 bytes, the merges and the special tokens. A text
                with too few pairs gives fewer.

        Raises:
            TypeError: If `text_iterator` is itself a string. A string is an iterator too, of single
                characters, which have next to no pairs.
            ValueError: If `vocab_size` has no room for the bytes and the special tokens.
        """
        if isinstance(text_iterator, str):
            raise TypeError("train on several documents, [text], not on one string")
        num_merges = vocab_size - 256 - len(SPECIAL_TOKENS)
        if num_merges < 0:
            raise ValueError(f"vocab_size is {vocab_size}, but needs {vocab_size - num_merges}")
        # a generator: the chunks are counted as they come, and never stand in memory all at once
        chunks = (chunk for text in text_iterator for chunk in split(text))
        return cls(train_fast(chunks, num_merges))

    def encode(
        self,
        text: str | list[str],
        prepend: int | str | None = None,
        append: int | str | None = None,
        num_threads: int = 8,
    ) -> list[int] | list[list[int]]:
        """Encode a text, or each of a list of texts. `tokenizer(text)` does the same.

        What looks like a special token is ordinary text here. Special ids come from `prepend`,
        `append` and `encode_special` only.

        Args:
            text: One text, or a list of them.
            prepend: The id or the name of a token to put in front of each text; None for none.
            append: The same, for the end.
            num_threads: Not used; nanochat's code passes it.

        Returns:
            The ids; for a list of texts a list of lists.

        Raises:
            KeyError: If there is no special token of the name given.
            ValueError: If `text` is neither a string nor a list.
        """
        del num_threads
        # is not None: the id 0 is a token like any other. And names are looked up before the work
        before = [] if prepend is None else [self._id(prepend)]
        after = [] if append is None else [self._id(append)]
        if isinstance(text, str):
            return before + self.bpe.encode(text) + after
        if isinstance(text, list):
            return [before + self.bpe.encode(one) + after for one in text]
        raise ValueError(f"cannot encode a {type(text).__name__}")

    __call__ = encode

    def decode(self, ids: Iterable[int]) -> str:
        """Decode ids; special tokens become their names, invalid UTF-8 becomes U+FFFD."""
        return self.bpe.decode(ids)

    def encode_special(self, text: str) -> int:
        """Give the id of a special token; KeyError if there is none of that name."""
        return self.special_tokens[text]

    def get_bos_token_id(self) -> int:
        """Give the id of `<|bos|>`, which begins every document."""
        return self.encode_special("<|bos|>")

    def get_special_tokens(self) -> set[str]:
        """Give the names of the special tokens."""
        return set(self.special_tokens)

    def get_vocab_size(self) -> int:
        """Count the ids, special ones included."""
        return len(self.bpe.vocab)

    def id_to_token(self, token_id: int) -> str:
        """Show one token as text."""
        return self.decode([token_id])

    def token_bytes(self) -> list[int]:
        """Count the bytes of text that each id stands for, 0 for a special token.

        Stage 7 needs it: a loss per byte can be compared between tokenizers, one per token cannot.
        """
        # the raw bytes: decoded, half a character would become U+FFFD, which has three bytes
        lengths = {i: len(token) for i, token in self.bpe.vocab.items()}
        lengths.update(dict.fromkeys(self.special_tokens.values(), 0))
        return [lengths[i] for i in range(self.get_vocab_size())]

    def save(self, tokenizer_dir: str | Path) -> None:
        """Write `tokenizer.json` into a directory, which is made if it is not there.

        It holds the items of `_HEADER`, and under `"merges"` the pairs, in the order of their ids.
        """
        pairs = sorted(self.bpe.merges, key=self.bpe.merges.__getitem__)
        path = Path(tokenizer_dir) / "tokenizer.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({**_HEADER, "merges": pairs}), encoding="utf-8")

    @classmethod
    def from_directory(cls, tokenizer_dir: str | Path) -> "RustBPETokenizer":
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: If there is no `tokenizer.json` in the directory.
            ValueError: If the file is damaged, or was made with another version, pattern or other
                special tokens. The message names the file.
        """
        path = Path(tokenizer_dir) / "tokenizer.json"
        try:
            return cls(_merges_in(path.read_text(encoding="utf-8")))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path} cannot be used: {error!r}") from error

    def _id(self, token: int | str) -> int:
        """The id of a token given by id or by name."""
        return token if isinstance(token, int) else self.encode_special(token)


def _merges_in(text: str) -> dict[Pair, int]:
    """The merges in what `save` wrote.

    Raises:
        ValueError: If it is not JSON, if an item of `_HEADER` is not as it is here, or if a pair
            stands there twice.
        KeyError, TypeError: If something is missing, or is not what it should be.
    """
    saved = json.loads(text)
    for key, value in _HEADER.items():
        if saved[key] != value:
            raise ValueError(f"its {key} is {saved[key]!r}")
    merges = {(left, right): 256 + i for i, (left, right) in enumerate(saved["merges"])}
    # a pair that comes twice would leave a hole in the ids
    if len(merges) != len(saved["merges"]):
        raise ValueError("a pair stands there twice")
    return merges


def main() -> None:
    """Train on this file, and encode a prompt. `python tokenizer.py` runs this."""
    tokenizer = RustBPETokenizer.train_from_iterator([Path(__file__).read_text("utf-8")], 500)
    ids = tokenizer.encode("def decode(self, prompt):", prepend="<|bos|>")
    print(ids, [tokenizer.id_to_token(i) for i in ids])


if __name__ == "__main__":
    main()
