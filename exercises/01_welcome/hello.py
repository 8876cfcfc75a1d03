"""Say hello: the first save.

Every exercise works like this one. Read the docstring, replace the line below the TODO, save.
The verdict comes by itself, and it always shows the first thing to mend.

Lesson: README.md, "The loop".
"""


def greet(name: str = "nanochat") -> str:
    """Greet somebody.

    Args:
        name: Whom to greet. Spaces around it do not count; a name of nothing but spaces is no
            name, and then nanochat is greeted.

    Returns:
        "hello", one space and the name: `hello Ada`. Nothing is printed here.
    """
    # TODO: return the greeting; first for any name, then for one with spaces. (1 or 2 lines)
    raise NotImplementedError


def main() -> None:
    """Print one greeting. `python hello.py` runs this."""
    print(greet())


if __name__ == "__main__":
    main()
