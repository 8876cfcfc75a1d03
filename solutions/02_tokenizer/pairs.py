"""The two verbs of byte-pair encoding: count the pairs, merge one of them.

Lesson: README.md, "Two verbs". Source: Gage 1994, "A New Algorithm for Data Compression".
"""

from collections.abc import Sequence
from itertools import pairwise

Pair = tuple[int, int]


def count_pairs(
    ids: Sequence[int], counts: dict[Pair, int] | None = None, weight: int = 1
) -> dict[Pair, int]:
    """Count each pair of neighbouring ids. Overlapping ones all count: 7 7 7 holds (7, 7) twice.

    Args:
        ids: The tokens of one word.
        counts: Counts so far, to which these are added; None begins anew.
        weight: How often the word occurs, and so how much each of its pairs counts.

    Returns:
        The number of occurrences of each pair. If `counts` was given, it is that dictionary.
    """
    # "is None", since an empty dictionary is a real one: the caller wants it filled
    counts = {} if counts is None else counts
    # pairwise of fewer than two ids is empty, so a short word needs no special case
    for pair in pairwise(ids):
        counts[pair] = counts.get(pair, 0) + weight
    return counts


def merge(ids: Sequence[int], pair: Pair, new_id: int) -> list[int]:
    """Replace each occurrence of a pair by one new id, from left to right.

    Args:
        ids: The tokens of one word. They stay as they are.
        pair: Two ids; after a replacement, the search goes on behind it.
        new_id: What stands for the pair from now on.

    Returns:
        A new list: `merge([7, 7, 7], (7, 7), 9)` is `[9, 7]`.
    """
    merged: list[int] = []
    i = 0
    while i < len(ids):
        # the last id has no neighbour, and ids[i + 1] would look beyond the end
        if i + 1 < len(ids) and (ids[i], ids[i + 1]) == pair:
            merged.append(new_id)
            i += 2  # both are used up
        else:
            merged.append(ids[i])
            i += 1
    return merged


def main() -> None:
    """Merge the most frequent pair of a word. `python pairs.py` runs this."""
    ids = list(b"banana")
    counts = count_pairs(ids)
    pair = max(counts, key=lambda pair: counts[pair])
    print(f"{ids}\nthe pair {pair} occurs {counts[pair]} times\n{merge(ids, pair, 256)}")


if __name__ == "__main__":
    main()
