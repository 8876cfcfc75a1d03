"""Wrong answers to 01_welcome/env_probe."""

from nanolab.wrongs import wrong

_MATCH = r'match = re.match(r"\d+(\.\d+)*", text)'
_NUMBERS = 'tuple(int(number) for number in match[0].split("."))'
_COMPARE = "return ours + (0,) * (width - len(ours)) >= needed + (0,) * (width - len(needed))"
_FOUND = "found = lookup(name)"
_MISSING = "rows.append(Row(name, minimum, None, ok=False))"

WRONGS = [
    wrong("text", "keeps the parts of a version as text", (_NUMBERS, 'tuple(match[0].split("."))')),
    wrong(
        "compares_text",
        "compares versions letter by letter, so that 2.10 comes before 2.9",
        (_COMPARE, "return have >= minimum"),
    ),
    wrong("no_zeros", "takes 2.8 for older than 2.8.0", (_COMPARE, "return ours >= needed")),
    wrong(
        "shortest_decides",
        "compares only the numbers that both versions have",
        (
            _COMPARE,
            "return ours[: min(len(ours), len(needed))] >= needed[: min(len(ours), len(needed))]",
        ),
    ),
    wrong(
        "newer_only", "does not accept exactly the minimum", (_COMPARE, _COMPARE.replace(">=", ">"))
    ),
    wrong(
        "upside_down",
        "asks whether the minimum is at least what is there",
        (_COMPARE, _COMPARE.replace(">=", "<=")),
    ),
    wrong(
        "every_number",
        "reads the numbers after the end of the version too, such as the 128 of +cu128",
        (_MATCH, r'match = re.findall(r"\d+", text)'),
        ("if match is None", "if not match"),
        (_NUMBERS, "tuple(int(number) for number in match)"),
    ),
    wrong("cuts_nothing", "takes every part between dots for a number", (_MATCH, "match = [text]")),
    wrong(
        "cuts_at_plus",
        "knows of +cpu, but not of rc1 or .post2",
        (_MATCH, 'match = [text.split("+")[0]]'),
    ),
    wrong(
        "three_only",
        "makes up zeros until there are three numbers",
        (_NUMBERS, '(tuple(int(number) for number in match[0].split(".")) + (0, 0))[:3]'),
    ),
    wrong(
        "empty_version",
        "takes a text without any number for a version",
        ('raise ValueError(f"not a version: {text!r}")', "return ()"),
    ),
    wrong(
        "crashes_when_missing",
        "stops at the first package that is not installed",
        ("except PackageNotFoundError", "except ZeroDivisionError"),
    ),
    wrong(
        "leaves_missing_out",
        "leaves out the packages that are not installed",
        (_MISSING, "continue"),
    ),
    wrong(
        "imports",
        "imports a package to learn its version",
        (_FOUND, "found = __import__(name).__version__"),
        ("except PackageNotFoundError", "except ImportError"),
    ),
    wrong(
        "old_is_fine",
        "is content with any version that is there",
        ("ok=satisfies(found, minimum)", "ok=True"),
    ),
]
