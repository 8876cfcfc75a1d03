"""The course's Markdown as calm text: headings flush left, code without a background, no boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.markdown import CodeBlock, Heading, Markdown
from rich.padding import Padding
from rich.segment import Segment
from rich.syntax import Syntax

from nanolab.views.look import ASCII
from nanolab.views.prose import WIDEST
from nanolab.views.text import to_ascii
from nanolab.views.theme import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.markdown import MarkdownElement

    from nanolab.views.look import Look


def lesson_view(markdown: str, look: Look) -> RenderableType:
    """Markdown in the terminal's own colours, at most 88 columns wide."""
    return _Lesson(markdown, look)


class _Lesson:
    def __init__(self, markdown: str, look: Look) -> None:
        self._markdown = _Markdown(markdown, hyperlinks=look.links)
        self._look = look

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(min(options.max_width, self._look.width, WIDEST), 1)
        segments = console.render(self._markdown, options.update(width=width))
        if self._look.glyphs == ASCII:
            segments = map(_in_ascii, segments)
        for line in Segment.split_lines(segments):
            yield from _unpadded(line)
            yield Segment.line()


def _unpadded(line: list[Segment]) -> Iterator[Segment]:
    """A line without the spaces at its end, which would go into a file or a copy."""
    while line and not line[-1].control and not line[-1].text.rstrip():
        line.pop()
    yield from line[:-1]
    for last in line[-1:]:
        yield last if last.control else Segment(last.text.rstrip(), last.style)


def _in_ascii(segment: Segment) -> Segment:
    return Segment(to_ascii(segment.text), segment.style, segment.control)


class _Heading(Heading):
    LEVEL_ALIGN: ClassVar = {}  # every level flush left


class _Code(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        del console, options
        code = str(self.text).rstrip()
        yield Padding(Syntax(code, self.lexer_name, theme=CODE, word_wrap=True), (0, 0, 0, 2))


class _Markdown(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "code_block": _Code,
    }
