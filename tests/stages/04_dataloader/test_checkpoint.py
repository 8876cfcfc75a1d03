"""Check of 04_dataloader/checkpoint."""

import tempfile
from collections import Counter
from pathlib import Path

from kit.corpus import documents as made_up
from kit.corpus import write_shards
from kit.fuse import fuse
from kit.ranks import run_ranks
from nanochat.dataloader.checkpoint import audit, documents, river
from nanochat.tokenizer.tokenizer import RustBPETokenizer

from nanolab.expect import attempt, equal

BYTES = RustBPETokenizer({})  # no merges: a byte is an id, and bos is 256
BOS = BYTES.get_bos_token_id()
SPINS = "it never comes to the end: one epoch was asked for"
LAST = "This document only ends a rank's epoch, so that the one before it is whole."


def shards(files, group=1):
    """Shards in a folder of their own."""
    return write_shards(Path(tempfile.mkdtemp()), files, group)


def corpus(world_size, files=2, group=2):
    """Short documents, all different; and each rank's last row group of all ends with LAST."""
    docs = [f"{number}: {text[:60]}" for number, text in enumerate(made_up(24 * files))]
    parts = [docs[24 * one : 24 * (one + 1)] for one in range(files)]
    ends = [LAST] * (group * world_size)
    return docs, shards([*parts, ends], group)


def test_a_river_flows_back_together():
    """The batches of an epoch, joined, are the stream that they were cut from.

    Kills inputs_only, targets_only, both, first_row, row_by_row, rank_0, all_alone and
    two_epochs.
    """
    paths = shards([["ab", "c"], ["de"]])
    stream = [BOS, 97, 98, BOS, 99, BOS, 100, 101]
    with fuse(SPINS):
        message = "batches of 1*1 + 1 ids: inputs bos b c d, targets a bos bos e; that makes 8 ids"
        equal(attempt(river, paths, BYTES, 1, 1, 0, 1), stream, message)
        message = "one batch of 2*2 + 1 ids, and 3 ids are too few for another"
        equal(attempt(river, paths, BYTES, 2, 2, 0, 1), stream[:5], message)
        message = "rank 1 of 2 reads the second row group of the first file: bos c"
        equal(attempt(river, paths, BYTES, 1, 1, 1, 2), [BOS, 99], message)


def test_documents_are_cut_at_bos():
    """A document lies between one bos and the next; what has no end is left out.

    Kills with_the_rest, without_the_first, without_empty, bos_inside, id_by_id and grows.
    """

    def cut(*ids):
        return attempt(lambda: list(documents([*ids], BYTES)))

    message = "ab and c are between two bos; the rest may be cut off, and is left out"
    equal(cut(BOS, 97, 98, BOS, 99, BOS, 100), ["ab", "c"], message)
    equal(cut(BOS, BOS, 97, BOS), ["", "a"], "an empty document is one too")
    equal(cut(BOS, 0xEC, 0x95, 0x88, BOS), ["안"], "three ids may be one character")
    equal(cut(BOS, 97), [], "the only document has no end")
    equal(cut(), [], "no ids, no documents")


def test_eight_ranks_see_each_document_once():
    """With a trained tokenizer and ragged documents, worlds of 1 and 8 cover the corpus.

    Kills one_rank_less, same_rank, only_whether, last_rank_wins and one_river.
    """
    for world_size in (1, 8):
        docs, paths = corpus(world_size)
        tokenizer = RustBPETokenizer.train_from_iterator(docs, 300)
        with fuse(SPINS, 2.0):
            seen = audit(paths, tokenizer, 2, 3, world_size)
        equal(type(seen).__name__, "Counter", "the audit counts")
        missing = [doc for doc in docs if not seen[doc]]
        equal(missing[:2], [], f"{world_size} ranks: no rank saw these; {len(missing)} are missing")
        wrong = {doc: n for doc, n in seen.items() if n != 1 and doc != LAST}
        equal(dict([*wrong.items()][:2]), {}, f"{world_size} ranks: these were seen more than once")
        strangers = [doc for doc in seen if doc not in docs and doc != LAST]
        equal(strangers[:2], [], f"{world_size} ranks: the corpus has no such documents")
    twice = shards([["ab", "c", "ab", "d"], ["e", "f"]])
    with fuse(SPINS):
        seen = audit(twice, BYTES, 1, 1, 1)
    message = "ab stands in the corpus twice, and one rank reads both: it was seen twice"
    equal(seen, Counter({"ab": 2, "c": 1, "d": 1, "e": 1}), message)


def test_eight_real_processes_cover_the_corpus():
    """Eight processes, each with its own loader, do the same; none sees what another saw.

    Kills all_alone, same_rank and grows.
    """
    docs, paths = corpus(8, files=1)
    with fuse(SPINS, 2.0):
        counted = audit(paths, BYTES, 2, 3, 8)
    del counted[LAST]
    message = "all that eight ranks saw, one after the other: each document of the corpus, once"
    equal(counted, Counter(docs), message)
    found = run_ranks(real_rank, 8, paths, timeout=8.0)
    seen = Counter(doc for one in found for doc in one if doc != LAST)
    equal(seen, Counter(docs), "all that eight processes saw: each document of the corpus, once")


def real_rank(rank, world_size, paths):
    """The documents that one process sees."""
    with fuse(SPINS):
        return [*documents(river(paths, BYTES, 2, 3, rank, world_size), BYTES)]


_PATHS = []


def probe(module):
    """Rivers, documents, and an audit."""
    if not _PATHS:
        _PATHS.extend(
            [shards([["ab", "c"], ["de"]]), shards([["ab", "c", "ab"], ["de", "f", "g"]])]
        )
    paths, more = _PATHS
    cases = [(1, 1, 0, 1), (2, 2, 0, 1), (1, 1, 1, 2), (1, 2, 0, 1)]
    with fuse("spins", 0.1):
        rivers = [attempt(_few, module.river, paths, BYTES, *case) for case in cases]
        streams = [
            [BOS, 97, 98, BOS, 99, BOS, 100],
            [BOS, BOS, 97, BOS],
            [BOS, 0xEC, 0x95, 0x88, BOS],
        ]
        found = [
            attempt(lambda ids: [*module.documents(ids, BYTES)], ids) for ids in [*streams, []]
        ]
        seen = [attempt(module.audit, more, BYTES, 1, 1, world) for world in (1, 2)]
    return rivers, found, [sorted(one.items()) if isinstance(one, dict) else one for one in seen]


def _few(function, *args):
    return function(*args)[:50]
