"""A tiny corpus, made up on the spot: documents as ragged as those of the web, and the same each time.

No text is shipped and none is fetched. Standard library only; `write_shards` needs pyarrow.
"""

import random
from collections.abc import Sequence
from pathlib import Path

# How a block of sixteen documents is made up, in sentences; each block has them in another order.
# So a mere sixteen hold every kind: an empty one, two of a word or two, and a very long one.
_BLOCK = (0, *("word",) * 2, *(2, 3, 4, 5, 6, 8) * 2, 150)

# For each language: sentences with gaps, and the words that fill them. English is half of it.
_LANGUAGES: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "english": (
        (
            "The {adjective} {noun} {verb} the {noun}.",
            "Every {noun} {verb} a {adjective} {noun}, but no {noun} is {adjective}!",
            "It's {number} o'clock, and the {noun} still {verb} the {noun}.",
            "Is the {noun} {adjective}? In {number}, {number} of them were.",
        ),
        {
            "adjective": "small old bright quiet heavy green slow careful hollow northern",
            "noun": "river lantern teacher engine garden letter storm baker window mountain horse",
            "verb": "follows paints remembers repairs carries finds watches answers",
        },
    ),
    "korean": (
        ("{noun} {verb}.", "{number}년에 {noun} 그리고 {noun} {verb}."),
        {
            "noun": "강은 등불은 선생님은 정원은 편지는 바람은",
            "verb": "걷는다 웃는다 기다린다 노래한다",
        },
    ),
    "chinese": (
        ("{noun}{verb}{noun}。", "{number}年,{noun}和{noun}{verb}。"),
        {"noun": "河流 老师 花园 信 风 山 马", "verb": "看见 记得 修理 寻找"},
    ),
    "russian": (
        ("{noun} {verb} и {verb}.", "Год {number}: {noun} {verb}."),
        {"noun": "Река Учитель Сад Письмо Ветер", "verb": "ждёт поёт помнит ищет"},
    ),
    "arabic": (
        ("{noun} {verb}.", "{noun} {verb} {number}."),
        {"noun": "النهر المعلم البيت الباب", "verb": "ينتظر يكتب يغني"},
    ),
    "hindi": (
        ("{noun} {verb}।", "{number} {noun} {verb}।"),
        {"noun": "नदी शिक्षक बगीचा घोड़ा", "verb": "चलता है, गाता है, देखता है"},
    ),
    "code": (
        (
            "def {noun}(x):\n    return x + {number}  # 👍\n",
            "for {noun} in range({number}):\n\tprint({noun})\n",
        ),
        {"noun": "river lantern total index"},
    ),
}
_OTHERS = tuple(name for name in _LANGUAGES if name != "english")


def documents(count: int, seed: int = 0) -> list[str]:
    """Make up documents: mostly English, some in other scripts, most short, a few very long, some empty.

    The first documents do not depend on how many are asked for, and each sixteen in a row, from the
    first on, hold one that is empty, two of a word or two, and one of several thousand characters.

    Args:
        count: How many, from 0 on.
        seed: Another one gives other documents. The global generator of `random` is not touched.
    """
    rng = random.Random(seed)
    made: list[str] = []
    while len(made) < count:
        made += [_document(rng, size) for size in rng.sample(_BLOCK, len(_BLOCK))]
    return made[:count]


def _document(rng: random.Random, size: int | str) -> str:
    """One document of so many sentences, or of a word."""
    sentences, words = _LANGUAGES["english" if rng.random() < 0.5 else rng.choice(_OTHERS)]
    if size == "word":
        return rng.choice(words["noun"].split())
    return " ".join(_sentence(rng, sentences, words) for _ in range(int(size)))


def _sentence(rng: random.Random, sentences: tuple[str, ...], words: dict[str, str]) -> str:
    """One of the sentences; each gap is filled anew."""
    text = rng.choice(sentences)
    for kind, choices in words.items():
        for _ in range(text.count(f"{{{kind}}}")):
            text = text.replace(f"{{{kind}}}", rng.choice(choices.split()), 1)
    for _ in range(text.count("{number}")):
        text = text.replace("{number}", str(rng.randrange(3000)), 1)
    return text


def write_shards(
    directory: Path, shards: Sequence[Sequence[str]], row_group_size: int = 4
) -> list[Path]:
    """Write each list of documents as a shard, `shard_00000.parquet` and so on, in
    the way of nanochat's, but tiny.

    Args:
        directory: Where to; it is made if it is not there.
        shards: The documents of each shard. None stands for a missing text, a null.
        row_group_size: How many documents are in a row group.

    Returns:
        The files, in order.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    directory.mkdir(parents=True, exist_ok=True)
    paths = [directory / f"shard_{i:05d}.parquet" for i in range(len(shards))]
    for path, docs in zip(paths, shards, strict=True):
        table = pa.table({"text": pa.array(docs, pa.string())})
        pq.write_table(
            table,
            path,
            row_group_size=row_group_size,
            compression="zstd",
            use_dictionary=False,
            write_statistics=False,
        )
    return paths
