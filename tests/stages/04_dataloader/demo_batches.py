"""The river of tokens, cut into batches: which token is an input, which is only a target."""

from itertools import islice

from rich.console import Group
from rich.text import Text

DOCUMENTS = (
    "the hen laid an egg and went to sleep",
    "no",
    "a letter came from the sea but nobody could read it so it went back home",
    "rain again",
)
B, T = 2, 6
COLOURS = ("black on cyan", "black on yellow", "black on green", "black on magenta")
BOS = "<bos>"
RIVER = [word for text in DOCUMENTS for word in (BOS, *text.split())]


def show(module, reference):
    """The river in the learner's batches, their rows, and whether the solution cuts it so too."""
    yours, theirs = _cut(module), _cut(reference)
    size = B * T + 1
    return Group(
        Text(
            f"The river: {len(RIVER)} tokens, {size} of them make a batch of {B} rows of {T}.",
            "bold",
        ),
        Text(
            "A colour is a batch; underlined tokens are targets only; dim ones are in no batch.",
            "dim",
        ),
        _river(yours),
        *(line for number, batch in enumerate(yours) for line in _rows(number, batch)),
        Text(),
        _comparison(yours, theirs),
    )


def _cut(module):
    """The batches, as lists; the ids are places in the river, so that each can be found again."""
    found = islice(module.batches(iter(range(len(RIVER))), B, T), len(COLOURS))
    return [tuple(_places(one) for one in pair) for pair in found]


def _places(tensor):
    """Rows of whole numbers, whatever kind of tensor it was."""
    return [[int(place) for place in row] for row in tensor.tolist()]


def _river(batches):
    """All tokens, each in the colour of the first batch that holds it."""
    line = Text()
    for place, token in enumerate(RIVER):
        style = "dim"
        for number, (x, y) in enumerate(batches):
            if any(place in row for row in (*x, *y)):
                only_target = not any(place in row for row in x)
                style = COLOURS[number] + (" underline" if only_target else "")
                break
        line.append(token, style).append(" ")
    return line


def _rows(number, batch):
    """The rows of x and y, one below the other, so that the shift can be seen."""
    width = max(map(len, RIVER)) + 1
    for name, rows in zip("xy", batch, strict=True):
        for at, row in enumerate(rows):
            line = Text(f"{name if at == 0 else ' '}  ", "bold")
            if name == "x" and at == 0:
                yield Text()
                yield Text(f"batch {number + 1}", COLOURS[number])
            for place in row:
                token = RIVER[place] if 0 <= place < len(RIVER) else "?"
                line.append(f"{token:{width}}", "cyan" if name == "x" else "")
            yield line


def _comparison(yours, theirs):
    """What the solution does, in a sentence."""
    if yours == theirs:
        return Text(f"All {len(theirs)} batches are the same as the solution's.", "green")
    pairs = zip(yours, theirs, strict=False)
    same = next((at for at, (ours, other) in enumerate(pairs) if ours != other), None)
    if same is None:
        return Text(f"You cut {len(yours)} batches, the solution {len(theirs)}.", "red")
    return Text(f"Batch {same + 1} is not the solution's.", "red")
