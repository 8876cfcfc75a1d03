"""Wrong answers to double."""

from nanolab.wrongs import wrong

WRONGS = [
    wrong("adds_two", "adds two instead of multiplying", ("number * 2", "number + 2")),
    wrong("squares", "squares the number", ("number * 2", "number**2")),
    wrong("hard_coded", "gives the same answer for every number", ("number * 2", "4")),
]
