"""What the checks of several stages share."""


def value(function, *arguments):
    """What a call returns, or the name of what it raises."""
    try:
        return function(*arguments)
    except Exception as error:
        return ("raises", type(error).__name__)
