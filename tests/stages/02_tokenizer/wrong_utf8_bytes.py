"""Wrong answers to 02_tokenizer/utf8_bytes."""

from nanolab.wrongs import wrong

_TO = 'return list(text.encode("utf-8"))'
_FROM = 'return bytes(ids).decode("utf-8", errors="replace")'
_COUNT = "return len(text), len(to_ids(text))"

WRONGS = [
    wrong(
        "code_points",
        "gives the numbers of characters, and some of them are larger than 255",
        (_TO, "return [ord(character) for character in text]"),
    ),
    wrong(
        "latin_1",
        "writes Latin-1, which has no sign for most of the world's letters",
        (_TO, 'return list(text.encode("latin-1", errors="replace"))'),
    ),
    wrong("utf_16", "writes UTF-16, not UTF-8", (_TO, 'return list(text.encode("utf-16-le"))')),
    wrong(
        "lone_surrogate",
        "writes half of a surrogate pair, in bytes that are no UTF-8",
        (_TO, 'return list(text.encode("utf-8", errors="surrogatepass"))'),
    ),
    wrong(
        "one_by_one",
        "reads each byte by itself, and so no character of several bytes",
        (_FROM, 'return "".join(bytes([i]).decode("utf-8", errors="replace") for i in ids)'),
    ),
    wrong(
        "reads_latin_1",
        "reads each byte as a character of Latin-1",
        (_FROM, 'return bytes(ids).decode("latin-1")'),
    ),
    wrong("strict", "fails at half a character", (_FROM, 'return bytes(ids).decode("utf-8")')),
    wrong(
        "drops_the_rest",
        "drops what it cannot read, as if it had not been there",
        (_FROM, 'return bytes(ids).decode("utf-8", errors="ignore")'),
    ),
    wrong(
        "modulo",
        "makes a byte of any number by starting over at 256",
        (_FROM, 'return bytes(i % 256 for i in ids).decode("utf-8", errors="replace")'),
    ),
    wrong(
        "clips",
        "makes a byte of any number by cutting it off at 0 and 255",
        (_FROM, 'return bytes(min(max(i, 0), 255) for i in ids).decode("utf-8", errors="replace")'),
    ),
    wrong(
        "bytes_twice",
        "counts bytes, and then bytes again",
        (_COUNT, "return (len(to_ids(text)),) * 2"),
    ),
    wrong("swapped", "gives the bytes first", (_COUNT, "return len(to_ids(text)), len(text)")),
]
