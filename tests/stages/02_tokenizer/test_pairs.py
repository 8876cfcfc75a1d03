"""Check of 02_tokenizer/pairs."""

from nanochat.tokenizer.pairs import count_pairs, merge

from nanolab.expect import attempt, equal


def test_neighbours_are_counted():
    """count_pairs counts each pair of neighbours.

    Kills every_other, goes_round and sorts_pairs.
    """
    message = "in 1 2 3 1 2, the neighbours are 1 2, 2 3, 3 1 and 1 2 again"
    equal(count_pairs([1, 2, 3, 1, 2]), {(1, 2): 2, (2, 3): 1, (3, 1): 1}, message)
    equal(count_pairs([5]), {}, "one id alone has no neighbour")
    equal(count_pairs([]), {}, "no ids, no pairs")


def test_overlapping_pairs_all_count():
    """7 7 7 holds the pair 7 7 twice.

    Kills apart.
    """
    equal(count_pairs([7, 7, 7]), {(7, 7): 2}, "the 7 in the middle has a neighbour on each side")
    equal(count_pairs([7, 7, 7, 7]), {(7, 7): 3}, "four 7s have three gaps between them")


def test_counts_add_up():
    """Weights multiply, and counts are added to the given dictionary.

    Kills no_weight, weight_once, rebinds and empty_is_none.
    """
    equal(count_pairs([1, 2, 1, 2], weight=3), {(1, 2): 6, (2, 1): 3}, "the word occurs 3 times")
    counts = {(1, 2): 10}
    result = count_pairs([1, 2, 3], counts, 2)
    equal(counts, {(1, 2): 12, (2, 3): 2}, "the given counts are the ones to add to")
    assert result is counts, "given a dictionary, count_pairs gives that same dictionary back"
    empty = {}
    count_pairs([1, 2], empty)
    equal(empty, {(1, 2): 1}, "an empty dictionary is one to fill, too")
    equal(count_pairs([3, 4]), {(3, 4): 1}, "without counts, each call begins anew")


def test_a_pair_becomes_one():
    """merge replaces each occurrence of the pair.

    Kills misses_the_end, beyond_the_end, first_only and either_order.
    """
    equal(
        attempt(merge, [1, 2, 3, 1, 2], (1, 2), 4), [4, 3, 4], "both 1 2 become 4, also at the end"
    )
    equal(attempt(merge, [2, 1, 2], (1, 2), 4), [2, 4], "2 1 is not the pair 1 2")
    equal(attempt(merge, [1, 2, 3], (3, 1), 4), [1, 2, 3], "no such pair: all stays as it is")
    equal(attempt(merge, [1, 2, 3, 4], (9, 9), 5), [1, 2, 3, 4], "however long the word is")
    equal(attempt(merge, [1], (1, 1), 4), [1], "one id alone is no pair")
    equal(attempt(merge, [], (1, 1), 4), [], "no ids, no pairs")


def test_merging_goes_from_left_to_right():
    """7 7 7 becomes 9 7, and what is new is not merged again.

    Kills right_to_left, no_jump and merges_again.
    """
    message = "the left two of the three 7s are merged, and then only one is left"
    equal(attempt(merge, [7, 7, 7], (7, 7), 9), [9, 7], message)
    equal(attempt(merge, [7, 7, 7, 7], (7, 7), 9), [9, 9], "two pairs, side by side")
    message = "what this pass has put in, it does not merge again"
    equal(attempt(merge, [1, 1, 1, 1], (1, 1), 1), [1, 1], message)


def test_merge_leaves_its_input_alone():
    """merge makes a new list.

    Kills in_place.
    """
    ids = [1, 2, 3, 1, 2]
    merge(ids, (1, 2), 4)
    equal(ids, [1, 2, 3, 1, 2], "the list that was handed in should stay as it was")
    equal(
        attempt(merge, (1, 2, 3), (1, 2), 4), [4, 3], "any sequence will do; the result is a list"
    )


def probe(module):
    """Some counts and some merges."""
    counts, empty, ids = {(1, 2): 10}, {}, [1, 2, 3, 1, 2]
    counted = [
        attempt(module.count_pairs, one) for one in ([1, 2, 3, 1, 2], [7, 7, 7], [5], [2, 1])
    ]
    counted += [attempt(module.count_pairs, [1, 2, 1, 2], None, 3)]
    counted += [attempt(module.count_pairs, [1, 2, 3], counts, 2), counts]
    counted += [attempt(module.count_pairs, [1, 2], empty), empty]
    words = [ids, [2, 1, 2], [1], [7, 7, 7], [7, 7, 7, 7], [1, 2, 1, 2, 1]]
    merged = [attempt(module.merge, word, (1, 2), 4) for word in words]
    merged += [attempt(module.merge, word, (7, 7), 9) for word in words[3:5]]
    merged += [attempt(module.merge, [1, 1, 1, 1], (1, 1), 1)]
    return counted, merged, ids
