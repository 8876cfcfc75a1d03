"""Check of 02_tokenizer/tokenizer."""

import json
import pickle
import random
import string
import tempfile
from itertools import chain
from pathlib import Path

from nanochat.tokenizer.tokenizer import SPECIAL_TOKENS, SPLIT_PATTERN, RustBPETokenizer

from nanolab.expect import attempt, equal

DOCUMENTS = [
    "the cat sat on the mat and the hen ate the oats",
    "the cat sat on the hen; 你好, 你们好!",
    "it's 10 o'clock, and the mat is on the hen",
]
SHORT = ["abab"]
# What nanochat's own tokenizer makes of a text, trained on DOCUMENTS with 300 ids.
GOLDEN = "the cat ate 1234 hens; 你好 <|bos|> IT'S o'clock"
GOLDEN_IDS = [258, 274, 279, 101, 32, 49, 50, 51, 52, 263, 115, 59, 277, 272, 32, 60, 124, 98, 111]
GOLDEN_IDS += [115, 124, 62, 32, 73, 84, 39, 83, 260, 280, 285, 283]
train = RustBPETokenizer.train_from_iterator


def specials(tokenizer):
    """The ids of the nine special tokens, in their order."""
    return [tokenizer.encode_special(name) for name in SPECIAL_TOKENS]


def on_disk(make, text):
    """What from_directory makes of a file with that text."""
    with tempfile.TemporaryDirectory() as folder:
        content = text if isinstance(text, bytes) else text.encode()
        (Path(folder) / "tokenizer.json").write_bytes(content)
        return attempt(lambda: make(folder).get_vocab_size())


def test_special_ids_follow_the_merges():
    """The nine special ids come right after the last merge.

    Kills unnumbered, special_gap, off_by_nine and specials_first.
    """
    tokenizer = train(DOCUMENTS, 300)
    equal(tokenizer.get_vocab_size(), 300, "300 ids: 256 bytes, 35 merges and 9 special tokens")
    equal(specials(tokenizer), list(range(291, 300)), "the special tokens have the last nine ids")
    equal(tokenizer.get_bos_token_id(), 291, "<|bos|> is the first of the nine")
    short = train(SHORT, 300)
    message = "abab gives only two merges, ab and abab: the special ids move up behind them"
    equal(specials(short), list(range(258, 267)), message)
    equal(short.get_vocab_size(), 267, "256 bytes, 2 merges, 9 special tokens")
    message = "an id of a special token is decoded to its name"
    equal(short.decode([97, 258, 98]), "a<|bos|>b", message)
    equal(short.id_to_token(266), "<|output_end|>", message)


def test_training_reads_documents_once():
    """train_from_iterator takes documents; one string, or too small a size, is refused.

    Kills bare_string, no_room, no_chunks and reads_twice.
    """
    equal(train(iter(DOCUMENTS), 300).get_vocab_size(), 300, "an iterator can be read once")
    message = "abab and _abab make three merges: ab, abab, _abab; none goes across the border"
    equal(train(["abab abab"], 300).get_vocab_size(), 268, message)
    letters = "".join(random.Random(0).choices(string.ascii_lowercase + " ", k=3000))
    equal(train([letters], 600).get_vocab_size(), 600, "with more text, there are more merges")
    message = "the ids should be those that nanochat itself gives"
    equal(train(DOCUMENTS, 300).encode(GOLDEN), GOLDEN_IDS, message)
    message = "a string is an iterator of single characters: nothing to merge, and no error to see"
    equal(attempt(train, "the cat", 300), ("raises", "TypeError"), message)
    for size in (264, 256, 0):
        message = f"{size} ids have no room for 256 bytes and 9 special tokens"
        equal(attempt(train, DOCUMENTS, size), ("raises", "ValueError"), message)
    equal(train(DOCUMENTS, 265).get_vocab_size(), 265, "265 ids are bytes and special tokens")


def test_text_never_gives_a_special_id():
    """What looks like a special token is ordinary text.

    Kills collapses_specials: whoever may write a prompt could end it, and speak as the assistant.
    """
    tokenizer = train(DOCUMENTS, 300)
    for name in SPECIAL_TOKENS:
        ids = tokenizer.encode(f"a{name}b")
        found = sorted({*ids} & {*specials(tokenizer)})
        equal(
            found,
            [],
            f"the text {name!r} is text; only prepend, append and encode_special give its id",
        )
        equal(tokenizer.decode(ids), f"a{name}b", "there and back, it is the same text")


def test_both_ends_and_batches():
    """encode puts tokens at both ends, of one text and of each in a list.

    Kills falsy_id, only_names, unknown_ignored, ends_swapped, batch_without_ends, batch_in_one and
    any_type.
    """
    tokenizer = train(DOCUMENTS, 300)
    plain = tokenizer.encode("the cat")
    for bos in ("<|bos|>", 291):
        found = attempt(tokenizer.encode, "the cat", prepend=bos, append="<|user_end|>")
        equal(found, [291, *plain, 293], f"prepend={bos!r} goes in front, append to the end")
    message = "the id 0 is a token like any other"
    equal(attempt(tokenizer.encode, "the cat", prepend=0, append=0), [0, *plain, 0], message)
    message = "there is no such special token"
    equal(attempt(tokenizer.encode, "a", prepend="<|nobody|>"), ("raises", "KeyError"), message)
    found = attempt(tokenizer.encode, ["the cat", "", "the cat"], prepend=291, num_threads=2)
    equal(found, [[291, *plain], [291], [291, *plain]], "each text in a list has its own ends")
    equal(attempt(tokenizer.encode, []), [], "an empty list has no texts")
    equal(attempt(tokenizer, "the cat"), plain, "tokenizer(text) is tokenizer.encode(text)")
    for value in (b"the cat", None, ("the cat",)):
        equal(
            attempt(tokenizer.encode, value),
            ("raises", "ValueError"),
            f"{value!r} is neither text nor a list",
        )


def test_token_bytes_are_raw_bytes():
    """token_bytes counts bytes as they are, and 0 for special tokens.

    Kills decoded_bytes, characters, special_names and vocab_order.
    """
    tokenizer = train(DOCUMENTS, 300)
    sizes = tokenizer.token_bytes()
    message = "a byte is one byte, also where it is only a part of a character"
    equal(sizes[:256], [1] * 256, message)
    equal(sizes[291:], [0] * 9, "a special token stands for no byte of any text")
    text = "the cat 你好 👍🏽"
    message = "the bytes of its tokens add up to the bytes of the text"
    equal(sum(sizes[i] for i in tokenizer.encode(text)), len(text.encode()), message)
    shuffled = RustBPETokenizer({(256, 99): 257, (97, 98): 256})
    equal(shuffled.token_bytes()[256:258], [2, 3], "the sizes come in the order of the ids")


def test_what_is_saved_can_be_loaded(tmp_path):
    """save writes JSON, and from_directory reads nothing else.

    Kills pickles, unordered_merges, no_folder, header_ignored, version_ignored,
    pattern_ignored and twice_ignored.
    """
    tokenizer = train(DOCUMENTS, 300)
    tokenizer.save(tmp_path / "new" / "folder")
    text = (tmp_path / "new" / "folder" / "tokenizer.json").read_bytes().decode("utf-8", "replace")
    saved = attempt(json.loads, text)
    assert isinstance(saved, dict), "tokenizer.json should be JSON: loading a pickle runs its code"
    equal(saved.get("pattern"), SPLIT_PATTERN, "the file says by which pattern text was cut")
    again = RustBPETokenizer.from_directory(str(tmp_path / "new" / "folder"))
    for document in DOCUMENTS:
        equal(
            again.encode(document), tokenizer.encode(document), "loaded again, it encodes the same"
        )
    RustBPETokenizer({(256, 99): 257, (97, 98): 256}).save(tmp_path)
    again = attempt(RustBPETokenizer.from_directory, tmp_path)
    equal(attempt(lambda: again.encode("abc")), [257], "merges are saved in the order of their ids")
    many = {(i // 256, i % 256): 256 + i for i in range(600)}
    RustBPETokenizer(many).save(tmp_path)
    again = attempt(RustBPETokenizer.from_directory, tmp_path)
    equal(
        attempt(lambda: again.bpe.merges), many, "the pairs are numbered from 256, in their order"
    )
    make = RustBPETokenizer.from_directory
    broken = {
        "cut off in the middle": text[: len(text) // 2],
        "of another version": json.dumps({**saved, "version": 99}),
        "made with another pattern": json.dumps({**saved, "pattern": ".+"}),
        "made with other special tokens": json.dumps({**saved, "special_tokens": ["<|bos|>"]}),
        "without merges": json.dumps({key: saved[key] for key in saved if key != "merges"}),
        "with a merge of tokens that are not there": json.dumps({**saved, "merges": [[300, 301]]}),
        "with a pair that comes twice": json.dumps({**saved, "merges": [[97, 98], [97, 98]]}),
        "a pickle": pickle.dumps(tokenizer.special_tokens),
    }
    for what, content in broken.items():
        message = f"this file is {what}; using it would go wrong later, so refuse it now"
        equal(on_disk(make, content), ("raises", "ValueError"), message)


def probe(module):
    """A small tokenizer, asked everything; and files, good and bad."""
    make = module.RustBPETokenizer
    learn, name = make.train_from_iterator, module.SPECIAL_TOKENS[0]
    sizes = [
        attempt(lambda n: learn(iter(DOCUMENTS), n).get_vocab_size(), n) for n in (0, 264, 265, 300)
    ]
    sizes += [
        attempt(lambda t: learn(t, 300).get_vocab_size(), t) for t in ("the cat", ["abab abab"])
    ]
    one, short = learn(DOCUMENTS, 300), learn(SHORT, 300)
    odd = make({(256, 99): 257, (97, 98): 256})
    calls = [("the cat", None, None), ("a", name, "<|user_end|>"), ("a", 291, 5), ("a", 0, 0)]
    calls += [("a", "<|nobody|>", None), (["a", "", "a"], 291, None), ([], 291, None)]
    calls += [
        (b"a", None, None),
        (None, None, None),
        (("a",), None, None),
        (f"a{name}b", None, None),
    ]
    saved = []
    with tempfile.TemporaryDirectory() as folder:
        for tokenizer in (one, odd):
            attempt(tokenizer.save, Path(folder) / "new" / "folder")
            file = Path(folder) / "new" / "folder" / "tokenizer.json"
            data = file.read_bytes() if file.exists() else b""
            saved.append(attempt(json.loads, data.decode("utf-8", "replace")))
    good = {**saved[0], "merges": [[97, 98]]} if isinstance(saved[0], dict) else {}
    edits = [
        {},
        {"version": 9},
        {"pattern": "."},
        {"merges": [[97, 98], [97, 98]]},
        {"merges": [[300, 1]]},
    ]
    return (
        sizes,
        [
            attempt(lambda t: [*specials(t), t.get_vocab_size()], tokenizer)
            for tokenizer in (one, short)
        ],
        [attempt(one.encode, text, prepend=a, append=b) for text, a, b in calls],
        [attempt(lambda t: list(chain(t.token_bytes())), tokenizer) for tokenizer in (one, odd)],
        [attempt(short.decode, [97, 258, 98])],
        saved,
        [on_disk(make.from_directory, json.dumps({**good, **edit})) for edit in edits],
    )
