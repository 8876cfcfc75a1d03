"""Wrong answers to shout."""

from nanolab.wrongs import wrong

WRONGS = [
    wrong("whispers", "leaves the letters small", ("word.upper()", "word")),
    wrong("single_marks", "does not double the marks", ("double(marks)", "marks")),
    wrong(
        "marks_first",
        "puts the marks before the word",
        ("word.upper() + MARK * double(marks)", "MARK * double(marks) + word.upper()"),
    ),
]
