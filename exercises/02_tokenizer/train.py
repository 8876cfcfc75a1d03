"""Train a byte-pair encoder: merge the most frequent pair, again and again.

Slow and obvious. Everything faster, here and in Rust, is judged by giving the same merges.

Lesson: README.md, "Training". Source: Sennrich et al. 2016; nanochat, `rustbpe/src/lib.rs`.
"""

from collections import Counter
from collections.abc import Iterable

from nanochat.tokenizer.pairs import Pair, count_pairs, merge
from nanochat.tokenizer.utf8_bytes import to_ids


def train(chunks: Iterable[str], num_merges: int) -> dict[Pair, int]:
    """Learn merges from chunks of text.

    Each step merges the pair that occurs most often, all chunks counted; among equals, the smallest
    pair, `(97, 98)` before `(98, 97)`. No pair reaches from one chunk into the next.

    Args:
        chunks: What `split` gave; the same chunk may come many times.
        num_merges: How many merges to learn. If no pair is left before that, it ends there.

    Returns:
        For each merged pair its new id, 256 for the first, 257 for the second; in that order.

    Raises:
        ValueError: If `num_merges` is negative.
    """
    if num_merges < 0:
        raise ValueError(f"the number of merges cannot be negative: {num_merges}")
    # TODO: list each distinct chunk once, as ids, with its number of occurrences. (1 line)
    # TODO: then merge: count the pairs, choose one, give it an id, replace it. (9 lines)
    raise NotImplementedError


def main() -> None:
    """Watch a training of eight merges. `python train.py` runs this."""
    tokens = {i: bytes([i]) for i in range(256)}
    for (left, right), new_id in train(["aaabdaaabac"], 8).items():
        tokens[new_id] = tokens[left] + tokens[right]
        print(f"{left:3} + {right:3} -> {new_id}  {tokens[new_id].decode()}")


if __name__ == "__main__":
    main()
