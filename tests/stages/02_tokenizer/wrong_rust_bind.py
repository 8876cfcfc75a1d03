"""Wrong answers to rust_bind."""

from nanolab.wrongs import wrong

NEGATIVE = """usize::try_from(num_merges)
        .map_err(|_| PyValueError::new_err("the number of merges cannot be negative"))?"""

WRONGS = [
    wrong(
        "ids_from_zero", "numbers the merges from 0, where the bytes are", ("256u32..", "0u32..")
    ),
    wrong(
        "the_wrong_way_round",
        "gives a dict from ids to pairs",
        ("merges.set_item(pair, new_id)", "merges.set_item(new_id, pair)"),
    ),
    wrong(
        "drops_the_first",
        "loses the first merge on the way",
        ("pairs.into_iter().zip(256u32..)", "pairs.into_iter().skip(1).zip(257u32..)"),
    ),
    wrong(
        "counts_once",
        "lets a chunk that comes nine times weigh as much as one that comes once",
        ("train(words, weights, num_merges)", "train(words, vec![1; weights.len()], num_merges)"),
    ),
    wrong(
        "wraps_around",
        "turns a negative number into a huge one",
        (NEGATIVE, "num_merges as usize"),
    ),
    wrong(
        "panics",
        "panics at a negative number, which no `except Exception` catches",
        (NEGATIVE, "usize::try_from(num_merges).unwrap()"),
    ),
    wrong(
        "type_error",
        "says that a negative number is of the wrong type",
        (NEGATIVE, NEGATIVE.replace("PyValueError", "pyo3::exceptions::PyTypeError")),
    ),
    wrong(
        "forgets_its_merges",
        "encodes without the merges that it was given",
        ("encode_chunk(chunk, &self.merges)", "encode_chunk(chunk, &HashMap::new())"),
    ),
]
