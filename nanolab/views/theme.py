"""The styles of `look.py` as a rich theme, and code in the colours of the terminal's own palette."""

from __future__ import annotations

from pygments.token import (  # type: ignore[import-untyped, unused-ignore]  # has no types of its own
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    Token,
)
from rich.style import Style
from rich.syntax import ANSISyntaxTheme
from rich.theme import Theme

from nanolab.views.look import STYLES

# rich's own Markdown colours assume a dark terminal; these do not.
_MARKDOWN = {
    "markdown.code": "cyan",
    "markdown.code_block": "none",
    "markdown.block_quote": "dim",
    "markdown.h1": "bold",
    "markdown.h2": "bold cyan",
    "markdown.h3": "bold",
    "markdown.item.bullet": "cyan",
    "markdown.item.number": "cyan",
    "markdown.link": "underline",
    "markdown.link_url": "underline",
    "markdown.hr": "dim",
}

THEME = Theme({**STYLES, **_MARKDOWN})

# No red or green (a diff needs those), no blue or yellow (unreadable on black, on white).
CODE = ANSISyntaxTheme(
    {
        Token: Style(),
        Comment: Style(dim=True),
        Keyword: Style(color="magenta"),
        Operator.Word: Style(color="magenta"),
        Name.Decorator: Style(color="magenta"),
        Name.Function: Style(bold=True),
        Name.Class: Style(bold=True),
        String: Style(color="cyan"),
        Number: Style(color="cyan"),
    }
)
