"""Split text into chunks: words, numbers, signs, white space.

No token will ever reach across the border of a chunk. The pattern decides where the borders are.

Lesson: README.md, "Chunks". Source: nanochat, `tokenizer.py`, SPLIT_PATTERN.
"""

# `re` of the standard library knows no \p{L}, "a letter of any script"; regex does.
import regex


def split_pattern() -> str:
    r"""Join the seven kinds of chunk into one pattern.

    Alternatives are tried from left to right, and the first that matches wins. `\p{L}` is a letter
    and `\p{N}` a digit or other numeral, of any script. `?+` and `++` match like `?` and `+`, but
    never give back what they took, which saves the engine from trying again.

    Returns:
        The pattern. It has no groups that capture, and some alternative fits every character.
    """
    # what an apostrophe splits off, in any case. Without ?: the group would capture, and findall
    # would give the groups instead of the chunks
    contraction = r"'(?i:[sdmt]|ll|ve|re)"
    # at most two digits: every number from 0 to 99 can be a token, longer ones are made of those
    number = r"\p{N}{1,2}"
    return "|".join(
        [
            contraction,
            r"[^\r\n\p{L}\p{N}]?+\p{L}+",  # a word, with at most one space or sign before it
            number,
            r" ?[^\s\p{L}\p{N}]++[\r\n]*",  # signs, with at most one space before them
            r"\s*[\r\n]",  # the end of a line, and blank lines before it
            r"\s+(?!\S)",  # white space, but its last one goes to the word behind it
            r"\s+",  # that last one, where no word takes it
        ]
    )


def split(text: str) -> list[str]:
    """Cut a text into chunks. Nothing is lost: joined, they are the text again.

    Raises:
        TypeError: If `text` is no string.
    """
    # regex keeps compiled patterns, so handing over the text of one each time costs little
    return regex.findall(split_pattern(), text)


def main() -> None:
    """Cut a sentence. `python split.py` runs this."""
    print("|".join(split("I'm sure that IT'S 1,234,567 tokens;  aren't you?\n\n  Yes!")))


if __name__ == "__main__":
    main()
