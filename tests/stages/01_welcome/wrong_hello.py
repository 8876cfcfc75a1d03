"""Wrong answers to 01_welcome/hello."""

from nanolab.wrongs import wrong

_RETURN = 'return f"hello {name}"'
_STRIP = 'name = name.strip() or "nanochat"'

WRONGS = [
    wrong(
        "prints",
        "prints the greeting instead of returning it",
        (_RETURN, _RETURN.replace("return f", "print(f") + ")"),
    ),
    wrong(
        "prints_too",
        "prints inside greet, and main prints again",
        (_RETURN, 'print(f"hello {name}")\n    ' + _RETURN),
    ),
    wrong("hard_coded", "greets nanochat, whatever the name", (_RETURN, 'return "hello nanochat"')),
    wrong(
        "no_f",
        "has braces around the name, but nothing fills them in",
        (_RETURN, 'return "hello {name}"'),
    ),
    wrong(
        "as_typed", "takes the name as it was typed, spaces and all", (_STRIP, "name = str(name)")
    ),
    wrong(
        "keeps_spaces",
        "keeps the spaces around the name",
        (_STRIP, 'name = name if name.strip() else "nanochat"'),
    ),
    wrong(
        "greets_nobody",
        "says hello to nobody when the name is blank",
        (_STRIP, "name = name.strip()"),
    ),
    wrong(
        "splits_the_name",
        "loses the spaces inside the name too",
        (_STRIP, 'name = name.replace(" ", "") or "nanochat"'),
    ),
]
