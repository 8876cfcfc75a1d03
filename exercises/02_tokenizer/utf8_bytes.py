"""Text as bytes: 256 numbers are enough to write everything.

The alphabet that the tokenizer starts from. No text in the world needs an "unknown" token.

Lesson: README.md, "Bytes". Source: the UTF-8 standard, RFC 3629.
"""

from collections.abc import Iterable


def to_ids(text: str) -> list[int]:
    """Write a text as the numbers of its UTF-8 bytes: `to_ids("hé")` is `[104, 195, 169]`.

    Returns:
        One number from 0 to 255 for each byte.

    Raises:
        UnicodeEncodeError: If the text holds half of a surrogate pair, which is no character.
    """
    # TODO: give the bytes of the text, as a list of numbers. (1 line)
    raise NotImplementedError


def from_ids(ids: Iterable[int]) -> str:
    """Read the numbers of UTF-8 bytes as text.

    A model may stop in the middle of a character. That is no error: what is no valid UTF-8 becomes
    U+FFFD, the replacement character.

    Raises:
        ValueError: If a number is not one of 0 to 255.
    """
    # TODO: make bytes of the numbers and read them as text, forgivingly. (1 line)
    raise NotImplementedError


def char_vs_byte(text: str) -> tuple[int, int]:
    """Count the characters (code points) of a text, and its bytes in UTF-8."""
    # TODO: count both. (1 line)
    raise NotImplementedError


def main() -> None:
    """Measure some words. `python utf8_bytes.py` runs this."""
    for word in ("hello", "héllo", "Привет", "你好", "👍🏽"):
        characters, size = char_vs_byte(word)
        print(f"{characters} characters, {size:2} bytes  {word}  {to_ids(word)}")


if __name__ == "__main__":
    main()
