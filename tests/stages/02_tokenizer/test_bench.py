"""Check of 02_tokenizer/bench."""

import time

from nanochat.tokenizer.bench import Row, bench, compare, crossover, table
from nanochat.tokenizer.split import split
from nanochat.tokenizer.train import train
from nanochat.tokenizer.train_fast import train_fast

from nanolab.expect import attempt, equal

TEXT = "low low low lower lower newest newest widest 你好"


class Clock:
    """A clock that goes on only when work is done: no check depends on a real one."""

    def __init__(self):
        self.now = 1.0
        self.runs = 0

    def __call__(self):
        return self.now

    def work(self, *seconds):
        """Work whose runs take these seconds, one after the other; the last one for ever."""

        def run():
            self.now += seconds[min(self.runs, len(seconds) - 1)]
            self.runs += 1

        return run

    def trainer(self, learn, seconds, seen=None):
        """A trainer that takes so many seconds; it notes in `seen` what it was given."""

        def run(chunks, num_merges):
            self.now += seconds
            if seen is not None:
                seen.append(chunks)
            return learn(chunks, num_merges)

        return run


def broken(chunks, num_merges):
    """A trainer that learns something else: the last of its merges joins two other bytes."""
    merges = train(chunks, num_merges)
    last = list(merges)[-1]
    return {pair if pair != last else (0, 1): new_id for pair, new_id in merges.items()}


def race(compare, clock):
    """A race of four, one of them broken and one not built."""
    trainers = {
        "slow": clock.trainer(train, 4.0),
        "rust": None,
        "broken": clock.trainer(broken, 0.5),
        "fast": clock.trainer(train_fast, 0.25),
    }
    return compare(TEXT, 8, trainers, clock=clock)


def test_the_warm_up_does_not_count():
    """The first run is not measured.

    Kills no_warm_up, fixed_repeat and wall_clock.
    """
    clock = Clock()
    message = "the first run takes 60 seconds, since it warms up; the others take 1"
    equal(bench(clock.work(60, 1), 3, clock), 1.0, message)
    equal(clock.runs, 4, "one run to warm up, and three that count")
    clock = Clock()
    equal(bench(clock.work(60, 1, 2, 3, 4, 5), repeat=5, clock=clock), 3.0, "five runs that count")
    equal(clock.runs, 6, "one run to warm up, and five that count")


def test_one_disturbed_run_does_not_matter(monkeypatch):
    """The median is given, by a clock that cannot jump.

    Kills mean, best, total and last_run.
    """
    clock = Clock()
    message = "runs of 1, 100 and 2 seconds: the one in the middle is 2, whatever disturbed the 100"
    equal(bench(clock.work(0, 1, 100, 2), 3, clock), 2.0, message)
    clock = Clock()
    equal(
        bench(clock.work(0, 3, 5, 4, 6), 4, clock), 4.5, "of four, half-way between the middle two"
    )
    monkeypatch.setattr(time, "time", lambda: 0)
    found = bench(lambda: time.sleep(0.001))
    assert found > 0, "without a clock handed in, time.perf_counter measures, not time.time"


def test_all_trainers_get_the_same_chunks():
    """compare cuts the text once, and hands the same chunks to all.

    Kills raw_text, cut_for_each and an_iterator.
    """
    clock, seen = Clock(), []
    trainers = {name: clock.trainer(train, 1.0, seen) for name in ("one", "two")}
    rows = compare(TEXT, 8, trainers, clock=clock)
    for chunks in seen:
        equal(
            list(chunks),
            split(TEXT),
            "a trainer should be given the chunks of the text, all of them",
        )
    assert len({id(chunks) for chunks in seen}) == 1, "the chunks should be the same list for all"
    equal([row.seconds for row in rows], [1.0, 1.0], "each of them takes one second")


def test_the_rows_say_who_is_right():
    """A row says how long it took, and whether the merges are the first one's.

    Kills always_equal, same_size, previous_trainer, tokens_of_chunks and other_ratio.
    """
    rows = race(compare, Clock())
    equal([row.name for row in rows], ["slow", "rust", "broken", "fast"], "a row each, in order")
    equal([row.seconds for row in rows], [4.0, None, 0.5, 0.25], "the seconds of each")
    message = "fast learns what slow learns; broken learns other merges"
    equal([row.equal for row in rows], [True, None, False, True], message)
    message = "tokens of the text, encoded with the merges of each"
    equal([row.tokens for row in rows], [25, None, 27, 25], message)
    size = len(TEXT.encode())
    equal([row.ratio for row in rows], [size / 25, None, size / 27, size / 25], "bytes per token")


def test_what_is_not_built_does_not_race():
    """A trainer that is None has a row with only its name.

    Kills crashes_without_rust, leaves_rust_out and first_place.
    """
    clock = Clock()
    learn = clock.trainer(train, 1.0)
    rows = attempt(compare, TEXT, 8, {"naive": learn, "rust": None}, clock=clock)
    equal(len(rows), 2, "a row for each trainer, built or not")
    equal(rows[1], Row("rust"), "of a trainer that is not built, only the name is known")
    shown = [Row("slow", 4.25, True, 25, 1.0), Row("rust"), Row("fast", 0.5, False, 10, 2.5)]
    lines = [line.split() for line in table(shown).splitlines()[1:]]
    expected = [["slow", "4.2500", "8.5", "equal", "25", "1.00"], ["rust", "not", "built"]]
    expected += [["fast", "0.5000", "1.0", "DIFFER", "10", "2.50"]]
    equal(lines, expected, "the table shows each row, and says of rust: not built")
    rows = attempt(compare, TEXT, 8, {"rust": None, "naive": learn}, clock=clock)
    message = "the first trainer that is built is the one to compare with, and equals itself"
    equal([row.equal for row in rows], [None, True], message)


def test_a_lucky_win_is_no_crossover():
    """crossover gives the size from which on the fast way stays ahead.

    Kills first_win, draw_is_a_win, never_none and last_win.
    """
    fast = {10: 5.0, 20: 1.0, 40: 6.0, 80: 3.0, 160: 4.0}.__getitem__
    sizes = [10, 20, 40, 80, 160]
    message = "fast wins at 20, by luck, loses at 40, and wins at 80 and 160"
    equal(crossover(sizes, lambda size: size / 10, fast), 80, message)
    equal(crossover(sizes, lambda _: 9.0, fast), 10, "fast wins at all sizes")
    equal(crossover(sizes, lambda _: 4.0, fast), None, "4 against 4 at the largest size is no win")
    equal(crossover([], lambda _: 1.0, lambda _: 0.0), None, "without sizes there is none")


def probe(module):
    """Some measurements by a clock of our own, a race, and some crossovers."""

    def measure(*seconds, **kwargs):
        clock = Clock()
        return module.bench(clock.work(*seconds), clock=clock, **kwargs), clock.runs

    def chunks():
        clock, seen = Clock(), []
        trainers = {name: clock.trainer(train, 1.0, seen) for name in ("one", "two")}
        module.compare(TEXT, 8, trainers, clock=clock)
        return len({id(one) for one in seen}), [list(one) == split(TEXT) for one in seen]

    def rows(*trainers):
        clock = Clock()
        known = {"slow": clock.trainer(train, 4.0), "broken": broken, "rust": None}
        known |= {"few": lambda chunks, _: train(chunks, 3), "again": train}
        found = module.compare(TEXT, 8, {name: known[name] for name in trainers}, clock=clock)
        return [tuple(row) for row in found]

    fast = {10: 5.0, 20: 1.0, 40: 6.0, 80: 3.0, 160: 4.0}.__getitem__
    slow = [lambda size: size / 10, lambda _: 9.0, lambda _: 4.0]
    runs = [(60, 1), (0, 1, 100, 2), (0, 3, 5, 4)]
    return (
        [attempt(measure, *one) for one in runs],
        attempt(measure, 60, 1, 2, 3, 4, 5, repeat=5),
        attempt(chunks),
        attempt(rows, "slow", "broken", "few", "again"),
        attempt(rows, "rust", "slow", "rust"),
        [attempt(module.crossover, [10, 20, 40, 80, 160], one, fast) for one in slow],
    )
