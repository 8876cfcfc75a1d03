"""Check of 02_tokenizer/bug_hunt."""

from nanochat.tokenizer.bug_hunt import find_faults
from nanochat.tokenizer.pairs import count_pairs, merge
from nanochat.tokenizer.split import split
from nanochat.tokenizer.tokenizer import SPECIAL_TOKENS, RustBPETokenizer
from nanochat.tokenizer.train_fast import train_fast

from nanolab.expect import attempt, equal


class SlowButRight(RustBPETokenizer):
    """Encodes in another way: applies all merges in the order of learning. The ids are the same."""

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """As the parent's."""
        if not isinstance(text, str):
            return super().encode(text, prepend, append, num_threads)
        ids = []
        for chunk in split(text):
            word = list(chunk.encode())
            for pair, new_id in self.bpe.merges.items():
                word = merge(word, pair, new_id)
            ids += word
        ends = [[] if one is None else [self._id(one)] for one in (prepend, append)]
        return ends[0] + ids + ends[1]


class StrictDecode(RustBPETokenizer):
    """Raises an error at half a character."""

    def decode(self, ids):
        """Strict."""
        return b"".join(self.bpe.vocab[i] for i in ids).decode("utf-8")


class DecodeEach(RustBPETokenizer):
    """Reads token by token."""

    def decode(self, ids):
        """One by one."""
        return "".join(self.bpe.vocab[i].decode("utf-8", errors="replace") for i in ids)


class StuttersAtHalves(RustBPETokenizer):
    """Gives two U+FFFD for half a character."""

    def decode(self, ids):
        """Twice."""
        return super().decode(ids).replace("\ufffd", "\ufffd\ufffd")


class DropsHalves(RustBPETokenizer):
    """Leaves half a character out."""

    def decode(self, ids):
        """Without it."""
        return super().decode(ids).replace("\ufffd", "")


class DropsUnseen(RustBPETokenizer):
    """Drops the bytes that are in no merge, unless they are English letters."""

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """Without the bytes above 127 that no merge has."""
        if not isinstance(text, str):
            return [self.encode(one, prepend, append) for one in text]
        known = {i for pair in self.bpe.merges for i in pair}
        ids = super().encode(text, prepend, append, num_threads)
        return [i for i in ids if i < 128 or i > 255 or i in known]


class Collapses(RustBPETokenizer):
    """Finds special tokens in text."""

    names = SPECIAL_TOKENS

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """With an id for each name."""
        if not isinstance(text, str):
            return [self.encode(one, prepend, append) for one in text]
        for name in self.names:
            if name in text:
                left, right = text.split(name, 1)
                ids = [*self.encode(left), self.special_tokens[name], *self.encode(right)]
                return [*([] if prepend is None else [self._id(prepend)]), *ids]
        return super().encode(text, prepend, append, num_threads)


class CollapsesLast(Collapses):
    """Finds only the last one of the special tokens in text."""

    names = SPECIAL_TOKENS[-1:]


class KnowsNoBorders(RustBPETokenizer):
    """Neither trains nor encodes by chunks."""

    @classmethod
    def train_from_iterator(cls, text_iterator, vocab_size):
        """On whole documents."""
        return cls(train_fast(text_iterator, vocab_size - 256 - len(SPECIAL_TOKENS)))

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """All at once."""
        del num_threads
        if not isinstance(text, str):
            return [self.encode(one, prepend, append) for one in text]
        ends = [[] if one is None else [self._id(one)] for one in (prepend, append)]
        return ends[0] + self.bpe.encode_chunk(text.encode()) + ends[1]


class SizeWithoutSpecials(RustBPETokenizer):
    """Forgets the special tokens when it counts."""

    def get_vocab_size(self):
        """Nine too few."""
        return len(self.bpe.vocab) - len(SPECIAL_TOKENS)

    def token_bytes(self):
        """As it should be."""
        return RustBPETokenizer(self.bpe.merges).token_bytes()


class OneTooMany(SizeWithoutSpecials):
    """Counts from 0 to the size, both included."""

    def get_vocab_size(self):
        """One too many."""
        return RustBPETokenizer(self.bpe.merges).get_vocab_size() + 1


class SharesAnId(RustBPETokenizer):
    """Gives the first special token the id of the last one learned."""

    def __init__(self, merges):
        super().__init__(merges)
        self.special_tokens = {name: i - 1 for name, i in self.special_tokens.items()}

    def token_bytes(self):
        """As it should be."""
        return RustBPETokenizer(self.bpe.merges).token_bytes()


class SkipsAnId(RustBPETokenizer):
    """Leaves one id out, before the special tokens."""

    def __init__(self, merges):
        super().__init__(merges)
        self.special_tokens = {name: i + 1 for name, i in self.special_tokens.items()}

    def token_bytes(self):
        """With a 0 for the id that is not there."""
        return [*RustBPETokenizer(self.bpe.merges).token_bytes(), 0]


class DecodedBytes(RustBPETokenizer):
    """Counts bytes after decoding."""

    def token_bytes(self):
        """U+FFFD has three bytes."""
        sizes = [len(self.decode([i]).encode()) for i in range(self.get_vocab_size())]
        return sizes[: -len(SPECIAL_TOKENS)] + [0] * len(SPECIAL_TOKENS)


class LettersOnly(RustBPETokenizer):
    """Counts only the bytes of ASCII."""

    def token_bytes(self):
        """Too few for everybody who does not write English."""
        sizes = [
            sum(byte < 128 for byte in self.bpe.vocab[i]) for i in range(self.get_vocab_size())
        ]
        return sizes[: -len(SPECIAL_TOKENS)] + [0] * len(SPECIAL_TOKENS)


class SpecialNames(RustBPETokenizer):
    """Counts the bytes of the special tokens' names."""

    def token_bytes(self):
        """Names are no text."""
        return [len(self.bpe.vocab[i]) for i in range(self.get_vocab_size())]


class BatchWithoutEnds(RustBPETokenizer):
    """Forgets the ends of the texts in a list."""

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """Ends for single texts only."""
        ends = {"prepend": prepend, "append": append} if isinstance(text, str) else {}
        return super().encode(text, **ends, num_threads=num_threads)


class BatchSorted(RustBPETokenizer):
    """Gives the texts of a list in another order, the short ones first."""

    def encode(self, text, prepend=None, append=None, num_threads=8):
        """Sorted."""
        text = text if isinstance(text, str) else sorted(text, key=len)
        return super().encode(text, prepend, append, num_threads)


def trained_by(rank):
    """Trains as it should, but among equals `rank` decides: the smallest one wins."""

    def make(documents, vocab_size):
        words = [list(chunk.encode()) for document in documents for chunk in split(document)]
        merges = {}
        while len(merges) < vocab_size - 256 - len(SPECIAL_TOKENS):
            counts = {}
            for word in words:
                count_pairs(word, counts)
            if not counts:
                break
            seen = list(counts)
            best = min(seen, key=lambda pair: (-counts[pair], rank(pair, seen)))
            merges[best] = 256 + len(merges)
            words = [merge(word, best, merges[best]) for word in words]
        return RustBPETokenizer(merges)

    return make


def without_borders(documents, vocab_size):
    """Trains on whole documents."""
    return RustBPETokenizer(train_fast(documents, vocab_size - 256 - len(SPECIAL_TOKENS)))


def first_across(documents, vocab_size):
    """Makes its first merge before it splits."""
    merges = train_fast(documents, 1)
    chunks = [chunk for document in documents for chunk in split(document)]
    for left, right in train_fast(chunks, vocab_size - 257 - len(SPECIAL_TOKENS)):
        pair = (left + (left > 255), right + (right > 255))
        if pair in merges:  # no border was crossed
            return RustBPETokenizer.train_from_iterator(documents, vocab_size)
        merges[pair] = 256 + len(merges)
    return RustBPETokenizer(merges)


def on_top(documents, vocab_size):
    """Adds the special tokens on top of the size that was asked for."""
    return RustBPETokenizer.train_from_iterator(documents, vocab_size + len(SPECIAL_TOKENS))


# What a tokenizer does wrong; the property that it violates.
FAULTY = {
    "fails at half a character": (StrictDecode.train_from_iterator, "round_trip"),
    "gives two U+FFFD for half a character": (
        StuttersAtHalves.train_from_iterator,
        "round_trip",
    ),
    "leaves half a character out": (DropsHalves.train_from_iterator, "round_trip"),
    "reads token by token": (DecodeEach.train_from_iterator, "round_trip"),
    "drops bytes that training never saw": (DropsUnseen.train_from_iterator, "round_trip"),
    "finds special tokens in text": (Collapses.train_from_iterator, "specials_isolated"),
    "finds <|output_end|> in text": (CollapsesLast.train_from_iterator, "specials_isolated"),
    "trains across the borders of chunks": (without_borders, "boundary"),
    "knows no borders at all": (KnowsNoBorders.train_from_iterator, "boundary"),
    "makes its first merge across a border": (first_across, "boundary"),
    "merges the pair first that it saw first": (
        trained_by(lambda pair, seen: seen.index(pair)),
        "tie_order",
    ),
    "merges the pair first that it saw last": (
        trained_by(lambda pair, seen: -seen.index(pair)),
        "tie_order",
    ),
    "merges the largest pair first": (
        trained_by(lambda pair, _: (-pair[0], -pair[1])),
        "tie_order",
    ),
    "forgets prepend in a list": (BatchWithoutEnds.train_from_iterator, "batch_equal"),
    "sorts the texts of a list": (BatchSorted.train_from_iterator, "batch_equal"),
    "does not count the special tokens": (SizeWithoutSpecials.train_from_iterator, "vocab_size"),
    "has nine ids too many": (on_top, "vocab_size"),
    "counts one id too many": (OneTooMany.train_from_iterator, "vocab_size"),
    "gives one id to two tokens": (SharesAnId.train_from_iterator, "vocab_size"),
    "leaves an id out": (SkipsAnId.train_from_iterator, "vocab_size"),
    "counts the bytes of U+FFFD": (DecodedBytes.train_from_iterator, "token_bytes"),
    "counts the bytes of ASCII only": (LettersOnly.train_from_iterator, "token_bytes"),
    "counts the bytes of special names": (SpecialNames.train_from_iterator, "token_bytes"),
}
GOOD = {
    "the solution of the exercise before": RustBPETokenizer.train_from_iterator,
    "one that applies all merges in order": SlowButRight.train_from_iterator,
}
# What may also be found: a violation of one property is now and then one of another.
ALSO = {
    "drops bytes that training never saw": {"token_bytes"},
    "finds special tokens in text": {"round_trip"},
    "trains across the borders of chunks": {"tie_order"},
    "knows no borders at all": {"tie_order"},
    "has nine ids too many": {"tie_order", "boundary"},
    "leaves an id out": {"boundary"},
    "gives one id to two tokens": {"round_trip", "specials_isolated", "boundary", "token_bytes"},
}


def hunt(find, name):
    """What is found in a faulty tokenizer, as (the right name is there, names that are wrong)."""
    make, fault = FAULTY[name]
    found = attempt(find, make)
    return fault in found, sorted({*found} - {fault} - ALSO.get(name, set()))


def require(*names):
    """Fail if the fault of one of these is not found, or another one is."""
    for name in names:
        found, others = hunt(find_faults, name)
        fault = FAULTY[name][1]
        assert found, f"a tokenizer that {name} went through: {fault} should not hold for it"
        equal(others, [], f"a tokenizer that {name} violates {fault}, and these not")


def test_a_good_tokenizer_has_no_faults():
    """Two good tokenizers are found free of faults.

    Kills always_complains, wants_first_seen, counts_without_specials, chunk_is_word and wants_id.
    """
    for name, make in GOOD.items():
        equal(attempt(find_faults, make), [], f"there is nothing wrong with {name}")


def test_texts_that_do_not_come_back_are_found():
    """round_trip finds five ways to lose text.

    Kills never_complains, english_only, whole_characters and seen_only.
    """
    names = (
        "reads token by token",
        "fails at half a character",
        "gives two U+FFFD for half a character",
        "leaves half a character out",
        "drops bytes that training never saw",
    )
    require(*names)


def test_special_tokens_in_text_are_found():
    """specials_isolated finds even the one that only <|output_end|> gets.

    Kills bos_only and no_specials.
    """
    require("finds special tokens in text", "finds <|output_end|> in text")


def test_mistakes_in_training_are_found():
    """boundary and tie_order find what training did wrong.

    Kills no_temptation, looks_at_encoding, no_tie, two_equals and largest_is_last.
    """
    require("trains across the borders of chunks", "knows no borders at all")
    require("makes its first merge across a border")
    require("merges the pair first that it saw first")
    require("merges the pair first that it saw last", "merges the largest pair first")


def test_lists_that_differ_are_found():
    """batch_equal finds lost ends and another order.

    Kills no_ends, lengths_only and one_text.
    """
    require("forgets prepend in a list", "sorts the texts of a list")


def test_wrong_sizes_are_found():
    """vocab_size and token_bytes find wrong numbers.

    Kills size_only, last_only, ascii_bytes and text_only.
    """
    require("does not count the special tokens", "has nine ids too many", "leaves an id out")
    require("counts one id too many", "gives one id to two tokens")
    require("counts the bytes of ASCII only")
    require("counts the bytes of U+FFFD", "counts the bytes of special names")


def probe(module):
    """What is found in each, faulty or good."""
    return (
        {name: attempt(module.find_faults, make) for name, make in GOOD.items()},
        {name: hunt(module.find_faults, name) for name in FAULTY},
    )
