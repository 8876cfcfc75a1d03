"""The tokenizer X-ray: a text in the learner's tokens and in the solution's."""

from collections import Counter
from itertools import cycle, pairwise, zip_longest

from rich.console import Group
from rich.text import Text

CORPUS = """\
low low low lower lower newest newest widest. The lower the newest, the wider the widest.
She sells sea shells by the sea shore; the shells she sells are sea shells, she's sure.
def lower(text): return text.lower()    # 1234 low 5678 lowest
한국어 토크나이저는 바이트에서 시작한다. 한국어, 한국어!
"""
TEXT = "She's 1234 lower newest shells: 한국어 👋"
MERGES = 120
COLOURS = ("black on cyan", "black on yellow", "black on green", "black on magenta")


def show(module, reference):
    """Both texts in colours, the first merge that differs, bytes per token."""
    yours, theirs = _trained(module), _trained(reference)
    return Group(
        *_coloured("yours", yours),
        Text(),
        *_coloured("solution", theirs),
        Text(),
        _first_difference(yours, theirs, reference),
    )


def _trained(module):
    special = len(module.SPECIAL_TOKENS)
    size = 256 + MERGES + special
    return module.RustBPETokenizer.train_from_iterator([CORPUS], size)


def _coloured(whose, tokenizer):
    """The text, each token in the next colour and between bars; part of a character as a dot."""
    ids = tokenizer.encode(TEXT)
    line = Text()
    for one, colour in zip(ids, cycle(COLOURS), strict=False):
        token = tokenizer.decode([one])
        line.append("·" if "\ufffd" in token else token, colour).append("|", "dim")
    ratio = len(TEXT.encode()) / len(ids) if ids else 0.0
    summary = f"{whose}: {len(ids)} tokens, {ratio:.2f} bytes each (· is part of a character)"
    return Text(summary, "bold"), line


def _first_difference(yours, theirs, reference):
    """The first merge at which the two part, each pair with its number of occurrences then."""
    pairs = list(zip_longest(yours.bpe.merges, theirs.bpe.merges))
    number = next((at for at, (ours, other) in enumerate(pairs) if ours != other), None)
    if number is None:
        return Text(f"All {len(pairs)} merges are the same.", "green")
    known = dict(list(theirs.bpe.merges.items())[:number])
    counts = _counts(reference.BPE(known), reference.split(CORPUS))
    told = [_named(pair, theirs, counts) for pair in pairs[number]]
    sentence = f"Merge {number + 1} is {told[0]} in yours, {told[1]} in the solution."
    return Text(sentence, "red")


def _counts(bpe, chunks):
    """How often each pair of tokens occurs in the chunks."""
    return Counter(pair for one in chunks for pair in pairwise(bpe.encode_chunk(one.encode())))


def _named(pair, tokenizer, counts):
    if pair is None:
        return "missing"
    tokens = tokenizer.bpe.vocab
    left, right = (tokens.get(one, b"?").decode("utf-8", "backslashreplace") for one in pair)
    return f"{left!r} + {right!r} ({counts[pair]} times)"
