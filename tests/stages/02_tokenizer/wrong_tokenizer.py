"""Wrong answers to 02_tokenizer/tokenizer."""

from nanolab.wrongs import wrong

_FIRST = "first = len(self.bpe.vocab)\n"
_NAMES = "self.bpe.vocab.update((i, name.encode()) for name, i in self.special_tokens.items())"
_STRING = "if isinstance(text_iterator, str):"
_MERGES = "num_merges = vocab_size - 256 - len(SPECIAL_TOKENS)"
_ROOM = "if num_merges < 0:"
_CHUNKS = "chunks = (chunk for text in text_iterator for chunk in split(text))"
_TRAINED = "return cls(train_fast(chunks, num_merges))"
_BEFORE = "before = [] if prepend is None else [self._id(prepend)]"
_AFTER = "after = [] if append is None else [self._id(append)]"
_ONE = "return before + self.bpe.encode(text) + after"
_COLLAPSE = """for name in SPECIAL_TOKENS:
                if name in text:
                    left, right = text.split(name, 1)
                    inside = self.encode(left) + [self.special_tokens[name]] + self.encode(right)
                    return before + inside + after
            """
_MANY = "return [before + self.bpe.encode(one) + after for one in text]"
_IS_LIST = "if isinstance(text, list):"
_LENGTHS = "lengths = {i: len(token) for i, token in self.bpe.vocab.items()}"
_ZEROS = "lengths.update(dict.fromkeys(self.special_tokens.values(), 0))"
_SIZES = "return [lengths[i] for i in range(self.get_vocab_size())]"
_PAIRS = "pairs = sorted(self.bpe.merges, key=self.bpe.merges.__getitem__)"
_MKDIR = "path.parent.mkdir(parents=True, exist_ok=True)"
_WRITE = 'path.write_text(json.dumps({**_HEADER, "merges": pairs}), encoding="utf-8")'
_READ = 'return cls(_merges_in(path.read_text(encoding="utf-8")))'
_DIFFERS = "if saved[key] != value:"
_TWICE = 'if len(merges) != len(saved["merges"]):'

WRONGS = [
    wrong(
        "special_gap",
        "leaves the special ids where they would be if there were as many merges as asked for",
        (_FIRST, "first = getattr(self, 'asked', len(self.bpe.vocab))\n"),
        (
            _TRAINED,
            "cls.asked = vocab_size - 9\n        made = cls(train_fast(chunks, num_merges))\n        del cls.asked\n        return made",
        ),
    ),
    wrong(
        "off_by_nine",
        "learns a merge for each id, and adds the special tokens on top",
        (_MERGES, "num_merges = vocab_size - 256"),
    ),
    wrong(
        "specials_first",
        "gives the special tokens ids that bytes have",
        (_FIRST, "first = 256 - 9\n"),
    ),
    wrong(
        "unnumbered", "gives all special tokens the same id", ("first + i for i,", "first for i,")
    ),
    wrong(
        "bare_string",
        "trains on the characters of a string as if they were documents",
        (_STRING, "if False:"),
    ),
    wrong(
        "no_room",
        "accepts a size without room for the special tokens",
        (_ROOM, "if num_merges < -9:"),
        (_TRAINED, _TRAINED.replace("num_merges", "max(num_merges, 0)")),
    ),
    wrong(
        "reads_twice",
        "reads the documents twice, and an iterator is empty the second time",
        (_CHUNKS, f"sum(len(text) for text in text_iterator)\n        {_CHUNKS}"),
    ),
    wrong(
        "no_chunks",
        "trains on whole documents, not on chunks",
        (_CHUNKS, "chunks = text_iterator"),
    ),
    wrong(
        "collapses_specials",
        "gives a special id for text that looks like the token",
        (
            _ONE,
            _COLLAPSE + _ONE,
        ),
    ),
    wrong(
        "falsy_id",
        "takes the id 0 for none at all",
        (_BEFORE, "before = [self._id(prepend)] if prepend else []"),
        (_AFTER, "after = [self._id(append)] if append else []"),
    ),
    wrong(
        "only_names",
        "takes names at the ends, but no ids",
        (_BEFORE, _BEFORE.replace("_id", "encode_special")),
        (_AFTER, _AFTER.replace("_id", "encode_special")),
    ),
    wrong(
        "unknown_ignored",
        "says nothing when there is no special token of that name",
        (
            _BEFORE,
            "before = [] if prepend is None or prepend not in [*range(300), *SPECIAL_TOKENS] else [self._id(prepend)]",
        ),
    ),
    wrong(
        "ends_swapped",
        "puts prepend to the end, and append in front",
        (_ONE, "return after + self.bpe.encode(text) + before"),
    ),
    wrong(
        "batch_without_ends",
        "forgets the ends of the texts in a list",
        (_MANY, "return [self.bpe.encode(one) for one in text]"),
    ),
    wrong(
        "batch_in_one",
        "joins the texts of a list into one",
        (_MANY, 'return [before + self.bpe.encode("".join(text)) + after]'),
    ),
    wrong(
        "any_type",
        "takes whatever it can go through for a list",
        (_IS_LIST, "if text is not None and list(text) is not None:"),
        ("before + self.bpe.encode(one) + after", "before + self.bpe.encode(str(one)) + after"),
    ),
    wrong(
        "decoded_bytes",
        "counts the bytes of a token after decoding it, when half a character has become U+FFFD",
        (_LENGTHS, "lengths = {i: len(self.decode([i]).encode()) for i in self.bpe.vocab}"),
    ),
    wrong(
        "characters",
        "counts the characters of a token",
        (_LENGTHS, "lengths = {i: len(self.decode([i])) for i in self.bpe.vocab}"),
    ),
    wrong(
        "special_names",
        "counts the bytes of a special token's name",
        (_ZEROS, "lengths.update({})"),
    ),
    wrong(
        "vocab_order",
        "lists the sizes as the dictionary happens to be ordered",
        (
            _SIZES,
            "return [lengths[i] for i in [*range(256), *self.bpe.merges.values(), *self.special_tokens.values()]]",
        ),
    ),
    wrong(
        "pickles",
        "writes a pickle, which can run code when it is loaded",
        (
            _WRITE,
            'path.write_bytes(__import__("pickle").dumps(json.dumps({**_HEADER, "merges": pairs})))',
        ),
        (_READ, 'return cls(_merges_in(__import__("pickle").loads(path.read_bytes())))'),
    ),
    wrong(
        "unordered_merges",
        "saves the merges as the dictionary happens to be ordered",
        (_PAIRS, "pairs = list(self.bpe.merges)"),
    ),
    wrong(
        "no_folder", "fails when the directory is not there yet", (_MKDIR, "path.parent.exists()")
    ),
    wrong(
        "header_ignored", "does not look at what the file says of itself", (_DIFFERS, "if False:")
    ),
    wrong(
        "version_ignored",
        "takes a file of any version",
        (_DIFFERS, 'if key != "version" and saved[key] != value:'),
    ),
    wrong(
        "pattern_ignored",
        "takes a file that was made with another pattern",
        (_DIFFERS, 'if key != "pattern" and saved[key] != value:'),
    ),
    wrong("twice_ignored", "takes a file in which a pair stands twice", (_TWICE, "if False:")),
]
