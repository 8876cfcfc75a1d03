"""What probes call, so that a slip is named although the next function is still to be written."""

from nanolab.expect import attempt


def tried(right, function, *args, **kwargs):
    """What a call gives, as `attempt`; what is right, if the function is unfinished.

    Without this, a file with one wrong and one unfinished function would be like no wrong answer.
    """
    try:
        return attempt(function, *args, **kwargs)
    except NotImplementedError:
        return right


def refusal(names, function, *args, **kwargs):
    """How a call is refused, in a few words.

    Args:
        names: What the message should hold, separated by blanks: "5 32".
        function: What to call.
        args: With these.
        kwargs: And these.

    Returns:
        `"ValueError"`, the error's type, if its message holds all of `names`; otherwise what is
        missing too. "no error" if there is none.
    """
    try:
        function(*args, **kwargs)
    except NotImplementedError:
        raise
    except Exception as error:
        missing = [one for one in names.split() if one not in str(error)]
        silent = f" that does not say {' or '.join(missing)}: {error}" if missing else ""
        return f"{type(error).__name__}{silent}"
    return "no error"
