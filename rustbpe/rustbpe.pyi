"""Byte-pair encoding: train a tokenizer, and use it.

>>> tokenizer = Tokenizer()
>>> tokenizer.train_from_iterator(["hello world", "hello there"], vocab_size=260)
>>> tokenizer.encode("hello")
[259]

Long calls release the GIL, use all cores where they can, and end at Ctrl-C. A training says how
far it is, once a second, through the logger ``rustbpe`` at level INFO.
"""

from collections.abc import Iterable
from typing import SupportsIndex, final

from tiktoken import Encoding

__version__: str
"""The version of the crate."""

@final
class Tokenizer:
    """A byte-pair encoding: trained, or read from a file.

    Tokens 0 to 255 are the bytes, if it was trained here; then come the merges in the order in
    which they were learned. Any text can be encoded, and decoding gives it back.

    A tokenizer may be used by many threads at once, pickled and copied. Before it is trained, each
    method but ``train_from_iterator`` raises ``ValueError``.
    """

    def __init__(self) -> None:
        """An untrained tokenizer."""

    def train_from_iterator(
        self,
        iterator: Iterable[str],
        vocab_size: SupportsIndex,
        buffer_size: SupportsIndex | None = 8192,
        pattern: str | None = None,
        *,
        num_threads: SupportsIndex | None = None,
    ) -> None:
        """Learn merges from texts, and forget what was learned before.

        Again and again the most frequent pair of neighbouring tokens becomes a token; of equals the
        smallest pair. No merge crosses the chunks that the pattern makes of the text. If the pairs
        run out, the vocabulary is smaller than asked for.

        If anything goes wrong, the tokenizer stays as it was.

        Args:
            iterator: The texts. Only a buffer of them is held at a time.
            vocab_size: How many tokens there are to be, 256 or more; special tokens are not among
                them.
            buffer_size: How many texts are taken from the iterator before they are counted: 8192,
                or fewer if they are long.
            pattern: A regular expression for chunks, by default GPT-4's. Text that it does not match
                is left out. Those of nanochat, GPT-4 and GPT-2 are some ten times as fast as others.
            num_threads: How many threads count chunks, by default one per core.

        Raises:
            TypeError: The iterator is one ``str``, or an item is none; the message has its index.
            ValueError: A number is too small, the pattern is invalid or backtracks too much, or an
                item holds a lone surrogate.
        """

    def get_pattern(self) -> str:
        """The regular expression that cuts text into chunks."""

    def get_mergeable_ranks(self) -> list[tuple[bytes, int]]:
        """All tokens with their ids, in the order of ids."""

    @property
    def vocab_size(self) -> int:
        """How many tokens there are."""

    def encode(self, text: str) -> list[int]:
        """The ids of a text. Names of special tokens are text like any other.

        Raises:
            ValueError: The text holds a lone surrogate (``UnicodeEncodeError``), or the pattern
                backtracks too much on it.
        """

    def encode_to_buffer(self, text: str) -> memoryview:
        """The ids of a text as 32-bit numbers side by side, without an object for each.

        ``numpy.asarray`` and ``torch.frombuffer(..., dtype=torch.uint32)`` take it without a copy,
        and may write to it; ``array.array("I", ...)`` copies it.

        Raises:
            ValueError: As for ``encode``.
        """

    def encode_batch(
        self, texts: Iterable[str], *, num_threads: SupportsIndex | None = None
    ) -> list[list[int]]:
        """The ids of each text, on so many threads, by default one per core.

        Raises:
            TypeError: ``texts`` is one ``str``, or an item is none.
            ValueError: As for ``encode``.
        """

    def decode(self, ids: Iterable[SupportsIndex], errors: str = "replace") -> str:
        """The text of some ids.

        Args:
            ids: The ids; a ``memoryview`` or an array will do.
            errors: What to do where the bytes are no UTF-8, as for ``bytes.decode``.

        Raises:
            KeyError: No token has one of the ids.
        """

    def decode_bytes(self, ids: Iterable[SupportsIndex]) -> bytes:
        """The bytes of some ids, which need not be UTF-8.

        Raises:
            KeyError: No token has one of the ids.
        """

    def to_tiktoken(
        self, name: str = "rustbpe", special_tokens: dict[str, int] | None = None
    ) -> Encoding:
        """A ``tiktoken.Encoding`` that encodes alike. Needs tiktoken."""

    def to_ranks(self) -> bytes:
        """The content of a rank file (``.tiktoken``). It does not hold the pattern."""

    @staticmethod
    def from_ranks(data: bytes | bytearray | str, pattern: str | None = None) -> Tokenizer:
        """Read the content of a rank file, such as GPT-2's or cl100k_base's.

        Raises:
            ValueError: A line is damaged, an id or a token stands twice, or a byte is missing.
        """

    def to_huggingface(self) -> str:
        """The content of a ``tokenizer.json``, which ``tokenizers.Tokenizer.from_str`` reads.

        Its regex engine is another one. Patterns of GPT-2, GPT-4 and nanochat mean the same to
        both; of others, a possessive ``{1,3}+`` is written as the atomic group that it stands for,
        and the rest as it is.
        """

    @staticmethod
    def from_huggingface(data: bytes | bytearray | str, pattern: str | None = None) -> Tokenizer:
        """Read the content of a ``tokenizer.json``. Special tokens are left out.

        Args:
            data: The content.
            pattern: What to split text by; the file's own unless given.

        Raises:
            ValueError: It is damaged, or has a step that byte-level BPE does not have.
        """
