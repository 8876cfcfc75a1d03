"""Check of 04_dataloader/loader."""

import tempfile
from itertools import islice
from pathlib import Path

from kit.corpus import documents, write_shards
from kit.fuse import fuse
from kit.refusals import refuses, words
from nanochat.dataloader.loader import follow, loader, plan_for, visits
from nanochat.tokenizer.tokenizer import RustBPETokenizer

from nanolab.expect import equal

TOKENIZER = RustBPETokenizer({})  # no merges: a byte is an id, and bos is 256
BOS = TOKENIZER.get_bos_token_id()
SPINS = "it goes round and round, and no batch comes: how does the second epoch begin?"


def shards(*files, group=1):
    """Files of documents, a row group for each so many; a string gives documents of a letter."""
    return write_shards(Path(tempfile.mkdtemp()), [list(docs) for docs in files], group)


def letters(batches, many=99):
    """One-letter documents, read with B = T = 1: each batch is bos and a letter."""
    with fuse(SPINS):
        return "".join(chr(y.item()) for _, y, *_ in islice(batches, many))


def rivers(batches):
    """All ids of some batches, in order: the inputs, and the last target of each."""
    with fuse(SPINS):
        return [
            one
            for x, y, _ in islice(batches, 99)
            for one in [*x.flatten().tolist(), y[-1, -1].item()]
        ]


def stream_of(docs):
    """The ids of documents, each with bos in front."""
    return [one for doc in docs for one in [BOS, *doc.encode()]]


def test_an_epoch_reads_all_files_in_order():
    """One rank, one epoch: every document, file by file.

    Kills for_ever, one_epoch_more, swapped, first_file_counts, shortest_counts and
    first_document.
    """
    paths = shards("abc", "de")
    found = letters(loader(paths, TOKENIZER, 1, 1, epochs=1))
    equal(found, "abcde", "two files, a to c and d to e, read for one epoch by one rank")
    equal(plan_for(paths, 0, 1), [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1)], "the plan of that epoch")
    paths = shards("abcdef", group=3)
    message = "row groups of three documents: all of them are read"
    equal(letters(loader(paths, TOKENIZER, 1, 1, epochs=1)), "abcdef", message)


def test_the_end_of_the_data_is_not_the_end():
    """A new epoch begins at the first file again, and again; `epochs` ends it.

    Kills stays_at_the_end, one_epoch, up_to_epochs, epochs_from_0 and same_epoch.
    """
    paths = shards("abc", "de")
    found = letters(loader(paths, TOKENIZER, 1, 1), many=12)
    equal(found, "abcdeabcdeab", "after the last file comes the first again, for ever")
    message = "three epochs were asked for, and that is all"
    equal(letters(loader(paths, TOKENIZER, 1, 1, epochs=3), many=99), "abcde" * 3, message)
    with fuse(SPINS):
        found = [*islice(visits([(0, 1), (2, 3)], first=4), 4)]
    message = "two visits in an epoch, and the first epoch is called 4"
    equal(found, [(4, 0, 1), (4, 2, 3), (5, 0, 1), (5, 2, 3)], message)
    with fuse(SPINS):
        found = [*islice(visits([(0, 1)], epochs=2, first=3), 9)]
    equal(found, [(3, 0, 1), (4, 0, 1)], "2 epochs, from the one called 3 on")


def test_the_state_says_where_we_are():
    """Each batch comes with the epoch, file and row group that it ended in.

    Kills everybody_is_0, alone, shared_state, state_of_the_start, state_too_early and no_world.
    """
    paths = shards("abc", "de")
    with fuse(SPINS):
        states = [state for *_, state in islice(loader(paths, TOKENIZER, 1, 1, epochs=2), 99)]
    names = ("epoch", "pq_idx", "rg_idx", "world_size")
    assert isinstance(states[0], dict), "a state is a dictionary"
    equal(sorted(states[0]), sorted(names), "a state has these four entries")
    found = [tuple(state[name] for name in names) for state in states]
    expected = [(1, 0, 0, 1), (1, 0, 1, 1), (1, 0, 2, 1), (1, 1, 0, 1), (1, 1, 1, 1)]
    expected += [(2, *rest) for _, *rest in expected]
    equal(
        found, expected, f"{names} of each batch, epochs counted from 1: documents a b c d e, twice"
    )
    with fuse(SPINS):
        rank = [one for *_, one in islice(loader(paths, TOKENIZER, 1, 1, 1, 2, epochs=1), 99)]
    message = "rank 1 of 2 read group 1 of file 0, then group 1 of file 1, in a world of 2"
    found = [tuple(state[name] for name in names) for state in rank]
    equal(found, [(1, 0, 1, 2), (1, 1, 1, 2)], message)


def test_eight_ranks_share_the_documents():
    """In worlds of 1, 2, 3, 8 and 16, every document reaches exactly one rank.

    Kills everybody_is_0, alone and first_file_counts.
    """
    paths = shards("abcdefghij", "klmnopqr", "stuvwxyz")
    for world_size in (1, 2, 3, 16, 8):
        read = [
            letters(loader(paths, TOKENIZER, 1, 1, rank, world_size, epochs=1))
            for rank in range(min(world_size, 10))  # the other ranks have nothing to read
        ]
        message = f"{world_size} ranks: together they read each letter exactly once"
        equal("".join(sorted("".join(read))), "abcdefghijklmnopqrstuvwxyz", message)
    equal(read[1], "bjlt", "rank 1 of 8 reads groups 1 and 9 of file 0, and group 1 of the others")
    first, second = (loader(paths, TOKENIZER, 1, 1, rank, 2) for rank in (0, 1))
    turns = "".join(letters(one, many=1) for _ in range(3) for one in (first, second))
    equal(turns, "abcdef", "two loaders in one process, asked in turns, do not disturb each other")


def test_an_epoch_wastes_nothing():
    """Tokens left at the end of an epoch flow into the next; at the very end, few are left.

    Kills drops_the_rest, user_start and batches_per_group.
    """
    paths = shards("ab", "c")
    with fuse(SPINS):
        found = rivers(islice(loader(paths, TOKENIZER, 2, 2), 5))
    message = "3 documents, 6 ids an epoch, 5 in a batch: the sixth begins the next epoch's batch"
    equal(found, (stream_of("abc") * 5)[:25], message)
    docs = [text[:40] for text in documents(40)]
    paths = shards(docs[:25], docs[25:], group=4)
    emitted, written = 0, len(stream_of(docs))
    for rank in range(3):
        with fuse(SPINS):
            emitted += len(rivers(loader(paths, TOKENIZER, 2, 8, rank, 3, epochs=1)))
    message = (
        f"40 documents have {written} ids; 3 ranks may lose up to 16 each at the end of the epoch"
    )
    equal(written - 3 * 16 <= emitted <= written, True, f"{message}, but gave {emitted}")


def test_eight_ranks_do_what_one_does_in_eight_rounds():
    """Where a row group is just one batch, 8 batches of 1 rank are the first batch of 8 ranks.

    Kills everybody_is_0 and alone.
    """
    docs = [f"{number:08}" for number in range(16)]  # with bos, 9 ids: B*T + 1 for B = 2, T = 4
    paths = shards(docs, docs[::-1])
    with fuse(SPINS):
        alone = [x.tolist() for x, *_ in islice(loader(paths, TOKENIZER, 2, 4), 32)]
        for step in range(4):
            ranks = [loader(paths, TOKENIZER, 2, 4, rank, 8) for rank in range(8)]
            found = [next(islice(one, step, None))[0].tolist() for one in ranks]
            message = (
                f"batch {step} of ranks 0 to 7, against batches {8 * step} to {8 * step + 7} of one"
            )
            equal(found, alone[8 * step : 8 * step + 8], message)


def test_documents_are_encoded_in_groups():
    """follow hands batch_size and the world's size on, and reads no further than it must.

    Kills reads_ahead and forgets_batch_size.
    """
    calls = []

    class Counting(RustBPETokenizer):
        def encode(self, text, *args, **kwargs):
            calls.append(len(text))
            return super().encode(text, *args, **kwargs)

    paths = [*shards("abcdefg", group=7), Path("nowhere.parquet")]
    tokenizer = Counting({})
    with fuse(SPINS):
        batches = follow([(1, 0, 0), (1, 1, 0)], paths, tokenizer, 1, 1, 4, batch_size=3)
        states = [state for *_, state in islice(batches, 7)]
    equal(calls, [3, 3, 1], "a row group of 7, at most 3 documents in a call of the encoder")
    equal({state["world_size"] for state in states}, {4}, "the state carries the world_size")
    message = "7 batches are in the first file; the second, which is not there, was opened already"
    equal(len(states), 7, message)
    del calls[:]
    with fuse(SPINS):
        *_, state = next(follow([(1, 0, 0)], shards(["a"] * 130, group=130), tokenizer, 1, 1))
    equal(
        (calls, state["world_size"]), ([128], 1), "128 documents and 1 rank, unless said otherwise"
    )
    states[0]["rg_idx"] = -1
    equal(states[1]["rg_idx"], 0, "two batches share one state: give each a dictionary of its own")


def test_nothing_to_read_is_an_error():
    """With nothing for a rank, an error names the numbers, and nobody looks for ever.

    Kills empty_plan, no_error and no_numbers.
    """
    paths = shards("abc", "abcde")
    message = "rank 6 of 8, files with 3 and 5 row groups: a RuntimeError names 6, 8 and [3, 5]"
    first = lambda *args: next(loader(*args))  # noqa: E731
    with fuse("with nothing to read it goes round for ever, and never says so"):
        refuses(
            first,
            paths,
            TOKENIZER,
            1,
            1,
            6,
            8,
            error=RuntimeError,
            naming=(6, 8, "[3, 5]"),
            message=message,
        )
        message = "no files at all: a RuntimeError that says 0 files"
        refuses(first, [], TOKENIZER, 1, 1, 0, 1, error=RuntimeError, naming=(0,), message=message)
        message = "visits of an empty plan would turn round for ever: a ValueError instead"
        refuses(lambda: next(visits([])), message=message)
        empty = shards([None], [None, None])
        message = (
            "row groups there are, but no document in them: a RuntimeError, not an endless search"
        )
        refuses(first, empty, TOKENIZER, 1, 1, 0, 1, error=RuntimeError, message=message)
    equal(
        letters(loader(paths, TOKENIZER, 1, 1, 4, 8, epochs=2)), "ee", "rank 4 of 8 has one group"
    )
    some = shards([None, "a"], [None])
    message = "two row groups without a document and one with: that is enough to go on"
    equal(letters(loader(some, TOKENIZER, 1, 1), many=3), "aaa", message)
    paths = shards("abc", "de")
    whole = paths[1].read_bytes()
    paths[1].write_bytes(whole[: len(whole) // 2])
    message = f"{paths[1].name} is cut off: a ValueError names it, and no batch comes before"
    refuses(lambda: next(loader(paths, TOKENIZER, 1, 1)), naming=(paths[1].name,), message=message)
    for numbers in ((2, 2), (-1, 2), (0, 0)):
        message = f"there is no rank {numbers[0]} in a world of {numbers[1]}"
        refuses(plan_for, paths[:1], *numbers, message=message)
    message = "B is 0: no such batch"
    refuses(lambda: next(loader(paths[:1], TOKENIZER, 0, 1)), naming=(0,), message=message)


_FILES = []


def probe(module):
    """Visits, what several ranks read, with their states, and errors."""
    if not _FILES:
        _FILES.extend([shards("abc", "d"), shards("abc", "abcde"), shards("abcdefg", group=7)])
        _FILES.append(shards([None], [None]))
    paths, small, groups, empty = _FILES

    def read(files, *args, epochs=None, many=6):
        with fuse("spins", 0.05):
            found = islice(module.loader(files, TOKENIZER, *args, epochs=epochs), many)
            return [(x.tolist(), y.tolist(), sorted(state.items())) for x, y, state in found]

    looks = [
        lambda: _visited(module, [(0, 1)], None, 3),
        lambda: _visited(module, [], None, 1),
        lambda: _visited(module, [(0, 1)], 2, 3),
        lambda: read(paths, 1, 1, epochs=1),
        lambda: read(paths, 1, 1, 1, 2, epochs=2),
        lambda: read(paths, 2, 2, many=3),
        lambda: read(small, 1, 1, 6, 8),
        lambda: read([], 1, 1),
        lambda: read(empty, 1, 1),
        lambda: _turns(module, paths),
        lambda: _calls(module, groups),
    ]
    seen = []
    for look in looks:
        found = words(look)
        # of an error its kind, and which numbers are in its words
        if isinstance(found, tuple) and found[0] == "raises":
            numbers = [one for one in ("6", "8", "[3, 5]", "0 files") if one in found[2]]
            found = (found[1], numbers)
        seen.append(found)
        if "SpinningError" in found:
            break  # whatever follows would spin too, and each takes its time
    return seen


def _visited(module, *args):
    with fuse("spins", 0.05):
        return [*islice(module.visits(*args), 4)]


def _turns(module, paths):
    """Two loaders in turns; and a state that is kept."""
    with fuse("spins", 0.05):
        ranks = [module.loader(paths, TOKENIZER, 1, 1, rank, 2) for rank in (0, 1)]
        found = [next(one) for _ in range(3) for one in ranks]
    return [(y.tolist(), sorted(state.items())) for _, y, state in found]


def _calls(module, paths):
    """How many documents come in a call, when the second file is not there."""
    calls = []

    class Counting(RustBPETokenizer):
        def encode(self, text, *args, **kwargs):
            calls.append(len(text))
            return super().encode(text, *args, **kwargs)

    files = [*paths, Path("nowhere.parquet")]
    with fuse("spins", 0.05):
        _, _, state = next(module.follow([(1, 0, 0), (1, 1, 0)], files, Counting({}), 1, 1, 4, 3))
    return calls, sorted(state.items())
