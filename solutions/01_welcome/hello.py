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
    # strip() leaves "" of a blank name; "" counts as false, so `or` goes on to the default
    name = name.strip() or "nanochat"
    # greet gives a value back and leaves the printing to main: values can be checked and reused
    return f"hello {name}"


def main() -> None:
    """Print one greeting. `python hello.py` runs this."""
    print(greet())


if __name__ == "__main__":
    main()
