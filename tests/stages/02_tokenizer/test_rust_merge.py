"""Judges nanochat.tokenizer.rust_merge."""

import random
from collections import Counter

from nanochat.tokenizer.pairs import count_pairs
from nanochat.tokenizer.rust_merge import merge_pair, pop_order

from nanolab.expect import attempt, equal

JOBS = [(2, (5, 6)), (1, (8, 8)), (7, (4, 4)), (2, (5, 1)), (2, (3, 8)), (1, (0, 0))]


def merged(ids, pair, new_id):
    """The word after the merge, and the sum of all changes to each pair, zeros left out."""
    ids = list(ids)
    total = Counter()
    for one, change in merge_pair(ids, pair, new_id):
        total[one] += change
    return ids, {one: change for one, change in total.items() if change}


def recounted(before, after):
    """What has changed between two words, by counting both."""
    total = count_pairs(before, {}, -1)
    count_pairs(after, total)
    return {one: change for one, change in total.items() if change}


def test_the_word_itself_is_rewritten():
    """The word that was lent is the one that changes."""
    ids = [1, 2, 3, 1, 2]
    merge_pair(ids, (1, 2), 9)
    equal(ids, [9, 3, 9], "every 1 2 should be a 9 in the word itself, at the end of it too")


def test_from_left_to_right_without_overlap():
    """Two that overlap: the left one is merged.

    Kills no_jump, and whatever looks beyond the end.
    """
    equal(merged([7, 7, 7], (7, 7), 9)[0], [9, 7], "7 7 7 holds one pair that can be merged")
    equal(merged([1, 1, 1, 1], (1, 1), 1)[0], [1, 1], "what a merge has made is not merged again")
    equal(merged([4], (4, 4), 9)[0], [4], "a word of one id has no pair")
    equal(merged([], (4, 4), 9)[0], [], "neither has an empty word")


def test_a_merge_changes_five_pairs():
    """In 5 1 2 6, merging 1 2 takes three pairs away and makes two.

    Kills only_the_pair, no_right_side.
    """
    _, changes = merged([5, 1, 2, 6], (1, 2), 9)
    expected = {(5, 1): -1, (1, 2): -1, (2, 6): -1, (5, 9): 1, (9, 6): 1}
    equal(dict(sorted(changes.items())), dict(sorted(expected.items())), "count before and after")


def test_two_merges_side_by_side():
    """In 1 2 1 2 the second merge has a 9 at its left, no longer a 2.

    Kills old_left_neighbour.
    """
    _, changes = merged([1, 2, 1, 2], (1, 2), 9)
    expected = {(1, 2): -2, (2, 1): -1, (9, 9): 1}
    equal(dict(sorted(changes.items())), expected, "the sum of all changes, from 1 2 1 2 to 9 9")


def test_the_changes_are_what_a_recount_finds():
    """On 2,000 random words, old counts plus changes are the new counts."""
    dice = random.Random(0)
    for _ in range(2000):
        word = [dice.randrange(2) for _ in range(dice.randrange(9))]
        pair = (dice.randrange(2), dice.randrange(2))
        ids, changes = merged(word, pair, 2)
        equal(changes, recounted(word, ids), f"the changes that merging {pair} makes to {word}")


def test_the_heap_gives_the_highest_count_first():
    """The highest count comes first; of equal ones the smallest pair.

    Kills lowest_first, largest_pair, by_count_alone and two_minds.
    """
    expected = [(7, (4, 4)), (2, (3, 8)), (2, (5, 1)), (2, (5, 6)), (1, (0, 0)), (1, (8, 8))]
    equal(pop_order(JOBS), expected, "highest count first, then the smaller pair")


def probe(module):
    """Values in which every wrong answer differs from the solution and from all others."""
    words = ([5, 1, 2, 6], [1, 2, 1, 2], [1, 1, 1], [1, 1, 1, 1], [3, 1, 2], [1, 2, 3], [2, 1], [1])
    return (
        [_merged(module, word, pair) for word in words for pair in ((1, 2), (1, 1))],
        attempt(module.pop_order, JOBS),
        attempt(module.pop_order, [(1, (7 * n % 10, n)) for n in range(12)]),
    )


def _merged(module, word, pair):
    ids = list(word)
    changes = attempt(module.merge_pair, ids, pair, 9)
    return ids, sorted(changes) if isinstance(changes, list) else changes
