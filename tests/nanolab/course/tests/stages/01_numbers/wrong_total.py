"""Wrong answers to total."""

from nanolab.wrongs import wrong

WRONGS = [
    wrong("keeps_last", "keeps only the last number", ("result += number", "result = number")),
    wrong("starts_at_one", "counts one too many", ("result = 0", "result = 1")),
    wrong("stops_early", "stops after the first number", ("    return", "        return")),
]
