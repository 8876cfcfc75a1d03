"""Wrong answers to 02_tokenizer/split."""

from nanolab.wrongs import wrong

_CONTRACTION = """r"'(?i:[sdmt]|ll|ve|re)\""""
_NUMBER = 'r"\\p{N}{1,2}"'
_WORD = 'r"[^\\r\\n\\p{L}\\p{N}]?+\\p{L}+"'
_GPT_2 = r'''r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"'''
_FIND = "return regex.findall(split_pattern(), text)"

WRONGS = [
    wrong("three_digits", "takes three digits, as GPT-4 does", (_NUMBER, 'r"\\p{N}{1,3}"')),
    wrong("one_digit", "takes digits one by one", (_NUMBER, 'r"\\p{N}"')),
    wrong("whole_numbers", "takes a number whole, however long it is", (_NUMBER, 'r"\\p{N}+"')),
    wrong("ascii_digits", "knows only the digits 0 to 9", (_NUMBER, 'r"[0-9]{1,2}"')),
    wrong(
        "digits_take_a_space",
        "lets a number take the space before it",
        (_NUMBER, 'r" ?\\p{N}{1,2}"'),
    ),
    wrong(
        "lower_case",
        "finds contractions in lower case only",
        (_CONTRACTION, """r"'(?:[sdmt]|ll|ve|re)\""""),
    ),
    wrong(
        "contraction_groups",
        "captures a group, and findall then gives the group",
        (_CONTRACTION, """r"'((?i:[sdmt]|ll|ve|re))\""""),
    ),
    wrong("no_contractions", "splits no contraction off", (_CONTRACTION, 'r"(?!)"')),
    wrong(
        "some_contractions",
        "forgets the contractions of more than one letter",
        (_CONTRACTION, """r"'(?i:[sdmt])\""""),
    ),
    wrong(
        "any_letters",
        "takes any one or two letters behind an apostrophe for a contraction",
        (_CONTRACTION, """r"'\\p{L}{1,2}\""""),
    ),
    wrong("no_optional", "lets no sign or space open a word", (_WORD, 'r"\\p{L}+"')),
    wrong(
        "white_space",
        "cuts at white space, and loses it",
        (_FIND, "return text.split()"),
    ),
    wrong(
        "drops_white_space",
        "drops the chunks that are white space only",
        (_FIND, "return [one for one in regex.findall(split_pattern(), text) if one.strip()]"),
    ),
    wrong(
        "gpt_2",
        "uses the pattern of GPT-2",
        (
            _FIND,
            _FIND.replace("split_pattern()", _GPT_2),
        ),
    ),
    wrong(
        "str_of_everything",
        "makes text of whatever it is given",
        (_FIND, "return regex.findall(split_pattern(), str(text))"),
    ),
]
