"""Wrong answers to 02_tokenizer/bug_hunt."""

from nanolab.wrongs import wrong

_TEXTS = 'texts = ["", "a\\0b", "héllo", "Привет", "你好", "👍🏽", " \\r\\n\\t"]'
_BACK = 'return back == texts and tokenizer.decode([0xE4]) == "\\ufffd"'
_ISOLATED = 'return not any(special & {*tokenizer.encode(f"a{name}b")} for name in SPECIAL_TOKENS)'
_TEMPT = 'tokenizer = make(["ad bd cd dd ed"], SIZE)'
_LEARNED = "return all(len(split(tokenizer.id_to_token(i))) == 1 for i in learned)"
_TIE = 'make(["ca", "ab", "cb", "bc"], SIZE)'
_FIRST = 'return tokenizer.id_to_token(256) == "ab"'
_BATCH = (
    "return tokenizer.encode(texts, **ends) == [tokenizer.encode(one, **ends) for one in texts]"
)
_ENDS = 'ends = {"prepend": "<|bos|>", "append": "<|user_end|>"}'
_BATCH_TEXTS = 'texts = ["the cat", "", "and", "the cat"]'
_SIZE = "return tokenizer.get_vocab_size() == 280 == last + 1"
_SUM = 'text = "héllo 👍🏽"'
_SPECIAL = (
    "return fine and not any(sizes[tokenizer.encode_special(name)] for name in SPECIAL_TOKENS)"
)
_FAULT = "        if not fine:\n"

WRONGS = [
    wrong("always_complains", "finds fault with everything", (_FAULT, "        if holds:\n")),
    wrong("never_complains", "finds fault with nothing", (_FAULT, "        if fine is None:\n")),
    wrong(
        "english_only",
        "tries only English text",
        (_TEXTS, 'texts = ["", "the cat", "and"]'),
        ('decode([0xE4]) == "\\ufffd"', 'decode([97]) == "a"'),
    ),
    wrong("whole_characters", "never tries half a character", (_BACK, "return back == texts")),
    wrong(
        "seen_only",
        "tries only text that the tokenizer was trained on",
        (_TEXTS, "texts = DOCUMENTS"),
    ),
    wrong(
        "bos_only",
        "tries only one of the special tokens",
        (_ISOLATED, _ISOLATED.replace("in SPECIAL_TOKENS", "in SPECIAL_TOKENS[:1]")),
    ),
    wrong(
        "no_specials",
        "never encodes a text that looks like a special token",
        (_ISOLATED, _ISOLATED.replace('f"a{name}b"', '"the cat"')),
    ),
    wrong(
        "no_temptation",
        "trains on text without a border to cross",
        (_TEMPT, _TEMPT.replace("ad bd cd dd ed", "adbdcdddededed")),
    ),
    wrong(
        "looks_at_encoding",
        "looks at how a text is encoded, not at what was learned",
        (_LEARNED, _LEARNED.replace("in learned", 'in tokenizer.encode("ad bd cd")')),
    ),
    wrong(
        "specials_have_chunks",
        "expects special tokens to be single chunks, too",
        (_LEARNED, _LEARNED.replace("in learned", "in range(256, tokenizer.get_vocab_size())")),
    ),
    wrong(
        "no_tie", "trains on text without a tie", (_TIE, _TIE.replace('["ca", "ab"', '["ab", "ab"'))
    ),
    wrong(
        "seen_first",
        "puts the smallest pair where it is seen first",
        (_TIE, _TIE.replace('"ca", "ab", "cb", "bc"', '"ab", "ca", "cb", "bc"')),
    ),
    wrong(
        "seen_last",
        "puts the smallest pair where it is seen last",
        (_TIE, _TIE.replace('"ca", "ab", "cb", "bc"', '"ca", "cb", "bc", "ab"')),
    ),
    wrong(
        "wants_first_seen",
        "expects the pair that was seen first",
        (_FIRST, _FIRST.replace("ab", "ca")),
    ),
    wrong("no_ends", "tries lists without anything at the ends", (_ENDS, "ends = {}")),
    wrong(
        "lengths_only",
        "compares how many texts come back, not which",
        (_BATCH, "return len(tokenizer.encode(texts, **ends)) == len(texts)"),
    ),
    wrong("one_text", "tries a list of one text only", (_BATCH_TEXTS, 'texts = ["the cat"]')),
    wrong(
        "size_only",
        "asks how many ids there are, not for the last one",
        (_SIZE, "return last and tokenizer.get_vocab_size() == 280"),
    ),
    wrong(
        "last_only",
        "looks at the last id, and never asks how many there are",
        (_SIZE, "return last + 1 == 280"),
    ),
    wrong(
        "counts_without_specials",
        "expects the special tokens on top of what was asked for",
        (_SIZE, "return tokenizer.get_vocab_size() == 280 + 9"),
    ),
    wrong("ascii_bytes", "adds up the bytes of an English text only", (_SUM, 'text = "the cat"')),
    wrong("text_only", "does not look at the bytes of special tokens", (_SPECIAL, "return fine")),
    wrong(
        "exceptions_out",
        "lets an exception of the tokenizer end the hunt",
        (
            "        except Exception:\n            fine = False\n",
            "        except ArithmeticError:\n            fine = False\n",
        ),
    ),
]
