"""Check of 01_welcome/hello."""

import contextlib
import io

from nanochat.welcome.hello import greet, main

from nanolab.expect import attempt, equal


def test_greet_returns_a_greeting():
    """greet() returns a greeting for nanochat.

    Kills prints.
    """
    message = "greet() returns hello, a space and the name (print would only show it)"
    equal(greet(), "hello nanochat", message)


def test_greet_uses_the_name():
    """greet("Ada") greets Ada.

    Kills hard_coded and no_f.
    """
    equal(greet("Ada"), "hello Ada", "another name gives another greeting")


def test_main_prints_one_line(capsys):
    """main() prints the greeting once.

    Kills prints_too.
    """
    main()
    printed = capsys.readouterr().out
    equal(printed, "hello nanochat\n", "main prints the greeting, and greet prints nothing itself")
    print(printed)  # for the learner's eyes


def test_spaces_around_the_name_do_not_count():
    """greet("  Ada ") still greets Ada.

    Kills as_typed, keeps_spaces and splits_the_name.
    """
    equal(greet("  Ada "), "hello Ada", "spaces around the name are no part of it")
    equal(greet("Ada King"), "hello Ada King", "spaces inside the name are a part of it")


def test_a_blank_name_is_no_name():
    """greet("  ") greets nanochat.

    Kills greets_nobody.
    """
    equal(greet("  "), "hello nanochat", "a name of nothing but spaces is no name")
    equal(greet(""), "hello nanochat", "an empty name is no name")


def probe(module):
    """What the functions say about five names, and what they print."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names = ["Ada", "  Ada ", "Ada King", "  ", ""]
        greetings = [attempt(module.greet), *(attempt(module.greet, name) for name in names)]
        attempt(module.main)
    return greetings, printed.getvalue()
