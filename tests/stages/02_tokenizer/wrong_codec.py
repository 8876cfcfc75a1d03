"""Wrong answers to 02_tokenizer/codec."""

from nanolab.wrongs import wrong

_SORTED = "in sorted(self.merges.items(), key=lambda item: item[1]):"
_VOCAB = "self.vocab[new_id] = self.vocab[left] + self.vocab[right]"
_BEST = "pair = min(pairwise(ids), key=lambda pair: self.merges.get(pair, never))"
_MERGE = "ids = merge(ids, pair, self.merges[pair])"
_ENCODE = 'return [i for chunk in split(text) for i in self.encode_chunk(chunk.encode("utf-8"))]'
_WHOLE = 'whole = b"".join(self.vocab[i] for i in ids)'
_DECODE = 'return whole.decode("utf-8", errors="replace")'
_RATIO = 'return len(text.encode("utf-8")) / tokens if tokens else 0.0'
_IDS = "        ids = list(chunk)\n"
_LONGEST = """        vocab = {token: i for i, token in self.vocab.items()}
        found = []
        while chunk:
            size = max(n for n in range(1, len(chunk) + 1) if chunk[:n] in vocab)
            found.append(vocab[chunk[:size]])
            chunk = chunk[size:]
        return found
"""

WRONGS = [
    wrong(
        "unordered_vocab",
        "builds the vocabulary in the order of the dictionary, not of the ids",
        (_SORTED, "in self.merges.items():"),
    ),
    wrong(
        "no_bytes",
        "puts the ids of a pair where its bytes should be",
        (_VOCAB, "self.vocab[new_id] = bytes([left % 256, right % 256])"),
    ),
    wrong("longest_match", "takes the longest token that fits", (_IDS, _LONGEST + _IDS)),
    wrong(
        "leftmost_first",
        "merges the first pair from the left that it knows",
        (_BEST, "pair = next((one for one in pairwise(ids) if one in self.merges), None)"),
    ),
    wrong(
        "latest_first",
        "merges the pair first that was learned last",
        (_BEST, "pair = max(pairwise(ids), key=lambda pair: self.merges.get(pair, -never))"),
    ),
    wrong("merges_once", "merges one pair, and no more", (_MERGE, f"{_MERGE}\n            break")),
    wrong(
        "across_chunks",
        "encodes the whole text at once, so that tokens reach across chunks",
        (_ENCODE, 'return self.encode_chunk(text.encode("utf-8"))'),
    ),
    wrong(
        "code_points",
        "begins with characters instead of bytes",
        (
            _ENCODE,
            "return [i for chunk in split(text) for i in self.encode_chunk([ord(c) for c in chunk])]",
        ),
    ),
    wrong(
        "drops_unseen",
        "drops the bytes that are in no merge",
        (
            _ENCODE,
            f"known = {{i for pair in self.merges for i in pair}}\n        {_ENCODE[:-1]} if i > 255 or i in known]",
        ),
    ),
    wrong(
        "decode_each",
        "reads each token by itself, and so no character that two of them share",
        (_WHOLE, 'whole = "".join(self.vocab[i].decode("utf-8", errors="replace") for i in ids)'),
        (_DECODE, "return whole"),
    ),
    wrong("strict", "fails at half a character", (_DECODE, 'return whole.decode("utf-8")')),
    wrong(
        "unknown_is_nothing",
        "leaves out an id that it does not know",
        (_WHOLE, 'whole = b"".join(self.vocab.get(i, b"") for i in ids)'),
    ),
    wrong(
        "key_error",
        "lets a KeyError out when it does not know an id",
        ('raise ValueError(f"there is no token {error}") from error', "raise"),
    ),
    wrong(
        "chars_per_token",
        "counts characters, not bytes",
        (_RATIO, "return len(text) / tokens if tokens else 0.0"),
    ),
    wrong(
        "tokens_per_byte",
        "divides the tokens by the bytes",
        (_RATIO, 'return tokens / len(text.encode("utf-8")) if tokens else 0.0'),
    ),
    wrong(
        "divides_by_zero",
        "divides by the tokens of a text that has none",
        (_RATIO, 'return len(text.encode("utf-8")) / tokens'),
    ),
]
