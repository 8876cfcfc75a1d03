"""Wrong answers to rust_train."""

from nanolab.wrongs import wrong

REFRESH = """            heap.push(Job { count: now, pair });
"""
STALE = """        if now != count {
            heap.push(Job { count: now, pair });
            continue;
        }
"""

WRONGS = [
    wrong(
        "unweighted_change",
        "enters each change once, however often the word occurs",
        ("change * self.weights[number]", "change"),
    ),
    wrong(
        "places_not_extended",
        "does not note where a new pair stands, so that later merges pass words by",
        ("                    self.places.entry(changed).or_default().insert(number);\n", ""),
    ),
    wrong("never_refreshes", "trusts a count that was true when the job was pushed", (STALE, "")),
    wrong("drops_stale", "throws a job away because its count has changed", (REFRESH, "")),
    wrong(
        "breaks_at_zero",
        "stops at the first pair that has no occurrence left",
        (
            "            continue;\n        }\n        // some",
            "            break;\n        }\n        // some",
        ),
    ),
    wrong(
        "merges_nothing",
        "learns pairs that no longer occur anywhere",
        (
            """        if now == 0 {
            continue;
        }
""",
            "",
        ),
    ),
    wrong(
        "pushes_nothing",
        "lets no new pair into the heap",
        ("risen.insert(changed);", "let _ = &risen;"),
    ),
    wrong(
        "unchecked_lengths",
        "does not ask whether each word has its weight",
        ("if words.len() != weights.len() {", "if false {"),
    ),
    wrong(
        "ids_from_255",
        "gives the first merge an id that is a byte already",
        ("256 + merges", "255 + merges"),
    ),
    wrong(
        "leftmost_first",
        "merges the first pair it meets, whenever that was learned",
        (".min();", ".next();"),
        (
            ".filter_map(|pair| merges.get(&pair).map(|&new_id| (new_id, pair)))",
            ".filter_map(|pair| merges.get(&pair).map(|&new_id| (new_id, pair)))\n            .into_iter()",
        ),
    ),
    wrong("last_learned_first", "merges the pair that was learned last", (".min();", ".max();")),
]
