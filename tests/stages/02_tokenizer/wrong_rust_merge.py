"""Wrong answers to rust_merge."""

from nanolab.wrongs import wrong

RIGHT = """            if let Some(&right) = ids.get(i + 2) {
                changes.push(((pair.1, right), -1));
                changes.push(((new_id, right), 1));
            }
"""
LEFT = """            if let Some(&left) = merged.last() {
                changes.push(((left, pair.0), -1));
                changes.push(((left, new_id), 1));
            }
"""

WRONGS = [
    wrong(
        "old_left_neighbour",
        "looks for the left neighbour in the old word, where a merge may just have changed it",
        ("if let Some(&left) = merged.last()", "if let Some(&left) = ids[..i].last()"),
    ),
    wrong("no_right_side", "forgets the pairs that the right neighbour is part of", (RIGHT, "")),
    wrong(
        "only_the_pair", "notes the merged pair and none of its neighbours", (RIGHT, ""), (LEFT, "")
    ),
    wrong(
        "nothing_arises",
        "takes the old pairs away and never adds the ones that arise",
        ("                changes.push(((left, new_id), 1));\n", ""),
        ("                changes.push(((new_id, right), 1));\n", ""),
    ),
    wrong(
        "no_jump",
        "steps on by one after a merge, so that an id is used twice",
        ("i += 2; // both are used up", "i += 1;"),
    ),
    wrong(
        "beyond_the_end",
        "asks for the right neighbour of the last id",
        ("i + 1 < ids.len() && ", ""),
    ),
    wrong(
        "word_not_handed_back",
        "builds the new word and leaves the old one as it was",
        ("    *ids = merged;\n", "    let _ = merged;\n"),
    ),
    wrong(
        "lowest_first",
        "makes the lowest count the greatest job",
        (".cmp(&other.count)", ".cmp(&other.count)\n            .reverse()"),
    ),
    wrong(
        "largest_pair",
        "prefers the larger of two pairs with equal counts",
        ("other.pair.cmp(&self.pair)", "self.pair.cmp(&other.pair)"),
    ),
    wrong(
        "by_count_alone",
        "leaves it to chance which of two equal counts comes first",
        (
            """
            .cmp(&other.count)
            .then_with(|| other.pair.cmp(&self.pair))""",
            ".cmp(&other.count)",
        ),
    ),
    wrong(
        "two_minds",
        "gives partial_cmp an order of its own, and the heap asks partial_cmp",
        ("Some(self.cmp(other))", "Some(self.pair.cmp(&other.pair))"),
    ),
]
