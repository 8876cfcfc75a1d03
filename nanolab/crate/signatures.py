"""Which functions of a Rust file Python can call, and the Rust code that lets it.

Those are the `pub fn`s at the left margin whose types can travel (`wire.rs`), names given to such
types by a `pub type` included.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_FUNCTION = re.compile(r"^((?:///.*\n)*)pub fn (\w+)\s*\(", re.M)
_ALIAS = re.compile(r"^pub type (\w+)\s*=\s*([^;]+);", re.M)
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)
_RETURNS = re.compile(r"\s*->\s*([^{;]+?)\s*(?:\bwhere\b|\{)")
_CLOSING = {"(": ")", "[": "]", "<": ">"}
_KNOWN = {
    "BTreeMap", "HashMap", "Option", "Result", "String", "Vec", "bool", "collections", "f64", "i8",
    "i16", "i32", "i64", "isize", "mut", "std", "str", "u8", "u16", "u32", "u64", "usize",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: `ids: &mut Vec<u32>`."""

    name: str
    type: str

    @property
    def changes(self) -> bool:
        """Whether the function may change it, so that Python's must be changed too."""
        return bool(re.match(r"&\s*mut\b", self.type))

    @property
    def owned(self) -> str:
        """The type of the value that the argument is, or refers to."""
        plain = re.sub(r"^&\s*(mut\s+)?", "", self.type)
        if plain.startswith("["):
            return f"Vec<{plain[1:-1]}>"
        return "String" if plain == "str" else plain


@dataclass(frozen=True, slots=True)
class Signature:
    """A function that Python can call.

    Attributes:
        name: As in both languages.
        arguments: In order.
        returns: Its type, `()` if it returns nothing.
        doc: What its `///` comment says.
    """

    name: str
    arguments: tuple[Argument, ...]
    returns: str
    doc: str = ""


def aliases(source: str) -> dict[str, str]:
    """What each `pub type` of a Rust file stands for."""
    return {found.group(1): found.group(2).strip() for found in _ALIAS.finditer(source)}


def signatures(source: str, names: Mapping[str, str]) -> tuple[Signature, ...]:
    """The functions of a Rust file that Python can call, in order.

    Args:
        source: Of the file.
        names: What the names of types that it may have imported stand for.
    """
    names = {**names, **aliases(source)}
    found = [_signature(source, match, names) for match in _FUNCTION.finditer(source)]
    return tuple(one for one in found if one is not None and _travels(one))


def _signature(source: str, match: re.Match[str], names: Mapping[str, str]) -> Signature | None:
    inside, rest = _balanced(source, match.end() - 1)
    pieces = _split(_COMMENT.sub("", inside))
    arguments = [tuple(part.strip() for part in piece.split(":", 1)) for piece in pieces]
    if any(len(one) != 2 for one in arguments):
        return None  # still being typed: rustc will say so
    returned = _RETURNS.match(rest)
    return Signature(
        match.group(2),
        tuple(
            Argument(name.removeprefix("mut "), plain(type_, names)) for name, type_ in arguments
        ),
        plain(returned.group(1), names) if returned else "()",
        "\n".join(line.removeprefix("///").strip() for line in match.group(1).splitlines()),
    )


def plain(text: str, names: Mapping[str, str]) -> str:
    """A type without the names that a `pub type` gave to parts of it."""
    for _ in range(8):  # one name may stand for another; a circle is rustc's to complain about
        text = re.sub(r"\b\w+\b", lambda word: names.get(word[0], word[0]), text)
    return text


def _balanced(source: str, start: int) -> tuple[str, str]:
    """What stands between the bracket at `start` and its partner, and what comes after."""
    depth = 0
    for at in range(start, len(source)):
        depth += (source[at] == "(") - (source[at] == ")")
        if depth == 0:
            return source[start + 1 : at], source[at + 1 :]
    return source[start + 1 :], ""


def _split(text: str) -> list[str]:
    """The text split at the commas that stand in no brackets."""
    pieces, depth = [""], 0
    for character in text:
        depth += (character in _CLOSING) - (character in _CLOSING.values())
        if character == "," and depth == 0:
            pieces.append("")
        else:
            pieces[-1] += character
    return [piece for piece in pieces if piece.strip()]


def _travels(signature: Signature) -> bool:
    types = [signature.returns, *(one.type for one in signature.arguments)]
    words = {word for text in types for word in re.findall(r"'?\w+", text)}
    return words <= _KNOWN and "&" not in signature.returns


def entrance(sources: Mapping[str, str], bound: Mapping[str, tuple[Signature, ...]]) -> str:
    """The end of the crate's `lib.rs`: its modules, and a way to each of their functions.

    Args:
        sources: Each module's name and source.
        bound: The functions that Python shall be able to call, by module.
    """
    arms = [_arm(module, one) for module, found in bound.items() for one in found]
    modules = "".join(f"mod {name};\n" for name in sources)
    return (
        f"\n{modules}\n"
        "fn enter(name: &str, input: &mut &[u8], output: &mut Vec<u8>) -> Result<(), Fault> {\n"
        "    use std::collections::*;\n    match name {\n"
        + "".join(arms)
        + '        _ => unreachable!("no such function"),\n    }\n    Ok(())\n}\n'
    )


def _arm(module: str, one: Signature) -> str:
    """Take the arguments, call, and give back the result and the arguments it may have changed."""
    lines = []
    for at, argument in enumerate(one.arguments):
        lines.append(f'let mut a{at}: {argument.owned} = argument("{argument.name}", input)?;')
    passed = ", ".join(
        f"{'&mut ' if argument.changes else '&' * argument.type.startswith('&')}a{at}"
        for at, argument in enumerate(one.arguments)
    )
    lines.append(f"let result: {one.returns} = {module}::{one.name}({passed});")
    changed = [at for at, argument in enumerate(one.arguments) if argument.changes]
    lines += ["result.give(output);", *(f"a{at}.give(output);" for at in changed)]
    body = "".join(f"            {line}\n" for line in lines)
    return f'        "{module}::{one.name}" => {{\n{body}        }}\n'
