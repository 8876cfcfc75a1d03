"""Wrong answers to 02_tokenizer/bench."""

from nanolab.wrongs import wrong

_WARM = "    work()\n    seconds = []\n"
_LOOP = "for _ in range(repeat):"
_APPEND = "seconds.append(clock() - began)"
_MEDIAN = "return statistics.median(seconds)"
_CHUNKS = "    chunks = split(text)\n"
_RUN = "seconds = bench(lambda trainer=trainer: trainer(chunks, num_merges), clock=clock)"
_MERGES = "        merges = trainer(chunks, num_merges)\n"
_JUDGE = "judge = merges if judge is None else judge"
_ROW = "rows.append(Row(name, seconds, merges == judge, len(bpe.encode(text)), bpe.ratio(text)))"
_NOT_BUILT = "rows.append(Row(name))\n            continue"
_REVERSED = "for size in reversed(sizes):"
_LOSS = "if fast(size) >= slow(size):\n            break"

WRONGS = [
    wrong("no_warm_up", "measures the first run too", (_WARM, "    seconds = []\n")),
    wrong("fixed_repeat", "always measures three runs", (_LOOP, "for _ in range(3):")),
    wrong(
        "wall_clock",
        "looks at a clock of its own, not at the one that it is given",
        (_APPEND, "seconds.append(time.time() - began)"),
    ),
    wrong(
        "mean",
        "gives the mean, which one disturbed run can move",
        (_MEDIAN, "return statistics.mean(seconds)"),
    ),
    wrong("best", "gives the best run", (_MEDIAN, "return min(seconds)")),
    wrong("total", "gives the time of all runs together", (_MEDIAN, "return float(sum(seconds))")),
    wrong("last_run", "gives the last run", (_MEDIAN, "return seconds[-1]")),
    wrong("raw_text", "hands out the text instead of its chunks", (_CHUNKS, "    chunks = text\n")),
    wrong(
        "cut_for_each",
        "cuts the text anew for each run, and measures that too",
        (_RUN, _RUN.replace("(chunks,", "(split(text),")),
    ),
    wrong(
        "an_iterator",
        "hands out an iterator, which is empty after the first run",
        (_CHUNKS, "    chunks = iter(split(text))\n"),
    ),
    wrong(
        "always_equal",
        "says that merges are equal without comparing them",
        (_ROW, _ROW.replace("merges == judge", "True")),
    ),
    wrong(
        "same_size",
        "compares how many merges there are, not which",
        (_ROW, _ROW.replace("merges == judge", "len(merges) == len(judge)")),
    ),
    wrong(
        "previous_trainer",
        "compares with the trainer before, not with the first",
        (_ROW, f"{_ROW}\n        judge = merges"),
    ),
    wrong(
        "first_place",
        "compares with the first place, built or not",
        (_JUDGE, "judge = merges if trainer is [*trainers.values()][0] else judge"),
    ),
    wrong(
        "tokens_of_chunks",
        "counts chunks, not tokens",
        (_ROW, _ROW.replace("len(bpe.encode(text))", "len(chunks)")),
    ),
    wrong(
        "other_ratio",
        "gives characters for each token, not bytes",
        (_ROW, _ROW.replace("bpe.ratio(text)", "len(text) / len(bpe.encode(text))")),
    ),
    wrong(
        "crashes_without_rust",
        "lets a trainer race that is not built",
        ("if trainer is None:", "if False:"),
    ),
    wrong(
        "leaves_rust_out", "has no row for a trainer that is not built", (_NOT_BUILT, "continue")
    ),
    wrong(
        "first_win",
        "gives the first size at which fast wins, even by luck",
        (_REVERSED, "for size in sizes:"),
        (_LOSS, "if fast(size) < slow(size):\n            return size\n    for size in ():"),
    ),
    wrong("draw_is_a_win", "takes a draw for a win", (_LOSS, _LOSS.replace(">=", ">"))),
    wrong(
        "never_none",
        "gives the largest size if fast never stays ahead",
        ("    return found\n", "    return sizes[-1] if found is None and sizes else found\n"),
    ),
    wrong(
        "last_win",
        "gives the largest size at which fast wins",
        (_LOSS, "if fast(size) < slow(size):\n            return size\n        continue"),
    ),
]
