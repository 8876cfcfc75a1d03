"""`python -m nanolab`, and the command `nanolab`."""

import sys


def main() -> None:
    """Carry out the command line and exit with its code."""
    from nanolab.cli.edge import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
