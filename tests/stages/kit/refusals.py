"""What a refusal must be: an error of the right kind, whose words name what is wrong."""

from __future__ import annotations

from nanolab.expect import Mismatch


def refuses(function, *args, naming=(), error=ValueError, message, **kwargs):
    """Require a call to raise an error that names the culprits.

    Args:
        function: Called with `args` and `kwargs`.
        naming: What must stand in the error's words; numbers are looked for as text.
        error: The kind of error.
        message: The idea, as a sentence.

    Raises:
        Mismatch: If nothing is raised, something else, or without these names.
    """
    wanted = f"a {error.__name__}" + "".join(f" ... {one}" for one in naming)
    try:
        found = function(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception as raised:
        if isinstance(raised, error) and all(str(one) in str(raised) for one in naming):
            return
        found = f"{type(raised).__name__}: {raised}"
        raise Mismatch(message, wanted, found) from raised
    raise Mismatch(message, wanted, f"no error, but {found!r}")


def words(function, *args, **kwargs):
    """What a call returns, or the kind and the words of its error: for probes."""
    try:
        return function(*args, **kwargs)
    except Exception as error:
        return ("raises", type(error).__name__, str(error))
