"""What an update does, as a value: worked out from what lies where, before anything is touched.

Each step is small enough to be repeated: wherever a crash stops the work, planning again from
what lies there then gives the rest of it, and the base moves on only after its file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    # (yours, base, new), each with LF line ends -> all three in one; None where they collide.
    Merge = Callable[[bytes, bytes, bytes], "bytes | None"]

EXERCISES, BASE, ASIDE = "exercises", ".nanolab/base", "aside"
RECORD = "course.json"


class Kind(Enum):
    """What becomes of one file of the learner's."""

    NEW = "new"
    REPLACED = "replaced"
    MERGED = "merged"
    MOVED = "moved"
    BOTH = "both kept"
    ASIDE = "set aside"
    SETTLED = "settled"  # only the base moves on: the file is already what it shall be


@dataclass(frozen=True, slots=True)
class Change:
    """One file; `path` from the workspace's root, with slashes; None for no file."""

    path: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Step:
    """All that is done for one file of the course.

    Attributes:
        kind: What becomes of the learner's file.
        path: The file, from the root.
        changes: In the order in which they are made; those that change nothing are left out.
        source: Where the learner's file lay until now, if it was elsewhere.
        beside: Where the other version lies, if both are kept.
    """

    kind: Kind
    path: str
    changes: tuple[Change, ...]
    source: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """An update.

    Attributes:
        steps: In course order, what is set aside last.
        origin: The nanolab that made the workspace; empty if that is not known.
    """

    steps: tuple[Step, ...]
    origin: str = ""

    @property
    def told(self) -> tuple[Step, ...]:
        """The steps that the learner notices."""
        return tuple(step for step in self.steps if step.kind is not Kind.SETTLED)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in order."""
        return tuple(change for step in self.steps for change in step.changes)


@dataclass(frozen=True, slots=True)
class _Fate:
    """What becomes of a learner's file: its content, its base, and what is offered beside it."""

    kind: Kind
    content: bytes
    base: bytes | None
    offer: bytes | None = None


def make_plan(
    shipped: Mapping[str, bytes],
    former: Mapping[str, tuple[str, ...]],
    present: Mapping[str, bytes],
    merge: Merge,
) -> tuple[Step, ...]:
    """What there is to do.

    Args:
        shipped: For each stub and lesson of the course, as `05_gpt/rotary.py`, its content.
        former: For each of these that had other names, those.
        present: Every file of `paths_of_interest` that there is, from the workspace's root.
        merge: Three versions into one, where they do not collide.
    """
    steps: list[Step] = []
    taken: set[str] = set()
    for name, stub in shipped.items():
        old = _lies_at(name, former.get(name, ()), stub, present, merge)
        taken.update({name, old})
        steps += _step(name, old, stub, present, merge)
    for name in sorted(bases(present) - taken):
        steps.append(_put_aside(name, present))
    return tuple(step for step in steps if step.changes or step.kind is Kind.BOTH)


def paths_of_interest(
    shipped: Mapping[str, object], former: Mapping[str, tuple[str, ...]], based: set[str]
) -> set[str]:
    """Every path that a plan may depend on, but for those below the base.

    Args:
        shipped: By name, as in `make_plan`.
        former: As in `make_plan`.
        based: Names of everything that has a base.
    """
    names = {*shipped, *based, *(old for olds in former.values() for old in olds)}
    beside = {f"{EXERCISES}/{offer_name(name)}" for name in names}
    return {f"{tree}/{name}" for name in names for tree in (EXERCISES, ASIDE)} | beside


def bases(present: Mapping[str, bytes]) -> set[str]:
    """Names of the files that have a base, offers not counted."""
    names = (path.removeprefix(f"{BASE}/") for path in present if path.startswith(f"{BASE}/"))
    return {name for name in names if name != RECORD and not _is_offer(name)}


def offer_name(name: str) -> str:
    """`05_gpt/rotary.update.py`: what the course has, beside what the learner has."""
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.update.{suffix}"


def same(one: bytes | None, other: bytes | None) -> bool:
    """Whether both are there and equal but for their line ends, which git may translate."""
    return one is not None and other is not None and _unix(one) == _unix(other)


def _is_offer(name: str) -> bool:
    return ".update." in name


def _lies_at(
    name: str, olds: tuple[str, ...], stub: bytes, present: Mapping[str, bytes], merge: Merge
) -> str:
    """Under which name the learner's file and its base lie: an earlier one, or this.

    An earlier one also when a file of this name came with `init`, or with an update that was
    stopped between writing this one and removing that one.
    """
    own = present.get(f"{EXERCISES}/{name}")
    for old in olds:
        if f"{EXERCISES}/{old}" in present:
            moved = _fate(old, stub, present, merge)
            if own is None or same(own, stub) or (moved and own == moved.content):
                return old
    return name


def _step(
    name: str, old: str, stub: bytes, present: Mapping[str, bytes], merge: Merge
) -> Iterator[Step]:
    """What is to be done for one file of the course, if anything."""
    home, offer = f"{EXERCISES}/{name}", f"{EXERCISES}/{offer_name(name)}"
    fate = _fate(old, stub, present, merge)
    wanted: list[tuple[str, bytes | None]] = [(home, fate.content)]
    if fate.offer is not None and not same(present.get(f"{BASE}/{offer_name(old)}"), fate.offer):
        wanted.append((offer, fate.offer))  # once: what the learner makes of it stays
    wanted.append((f"{BASE}/{name}", fate.base))
    wanted.append((f"{BASE}/{offer_name(name)}", fate.offer))
    if old != name:
        gone = (f"{EXERCISES}/{old}", f"{BASE}/{offer_name(old)}", f"{BASE}/{old}")
        wanted += [(path, None) for path in gone]
    changes = _changes(wanted, present)
    kind = fate.kind
    if old != name and kind is not Kind.BOTH:
        kind = Kind.MOVED
    source = f"{EXERCISES}/{old}" if old != name else ""
    yield Step(kind, home, changes, source, offer if fate.offer is not None else "")


def _fate(name: str, stub: bytes, present: Mapping[str, bytes], merge: Merge) -> _Fate:
    yours = present.get(f"{EXERCISES}/{name}")
    base = present.get(f"{BASE}/{name}")
    offered = present.get(f"{BASE}/{offer_name(name)}")
    if yours is None:
        return _Fate(Kind.NEW, stub, stub)
    if same(base, stub):
        return _Fate(Kind.SETTLED, yours, base)
    if same(yours, base):
        return _Fate(Kind.REPLACED, stub, stub)
    # An offer that was made and is gone: the learner has dealt with it.
    dealt_with = same(offered, stub) and f"{EXERCISES}/{offer_name(name)}" not in present
    if same(yours, stub) or dealt_with:
        return _Fate(Kind.SETTLED, yours, stub)
    merged = None if base is None else _merged(name, yours, base, stub, merge)
    if merged is None:
        return _Fate(Kind.BOTH, yours, base, stub)
    return _Fate(Kind.SETTLED if merged == yours else Kind.MERGED, merged, stub)


def _merged(name: str, yours: bytes, base: bytes, stub: bytes, merge: Merge) -> bytes | None:
    """The three in one, with the learner's line ends; None if that would not be safe.

    Safe is what parses if the learner's file did, and what comes out again when the same merge is
    done once more: a crash after it must not make a conflict of it.
    """
    mine, old, new = _unix(yours), _unix(base), _unix(stub)
    merged = merge(mine, old, new)
    if merged is None or merge(merged, old, new) != merged:
        return None
    if name.endswith(".py") and _parses(mine) and not _parses(merged):
        return None
    return merged.replace(b"\n", b"\r\n") if b"\r\n" in yours else merged


def _put_aside(name: str, present: Mapping[str, bytes]) -> Step:
    """What the course no longer has; the learner's file of it moves out of `exercises/`."""
    path, base = f"{EXERCISES}/{name}", f"{BASE}/{name}"
    gone: list[tuple[str, bytes | None]] = [(f"{BASE}/{offer_name(name)}", None), (base, None)]
    yours = present.get(path)
    if yours is None:
        return Step(Kind.SETTLED, path, _changes(gone, present))
    place = f"{ASIDE}/{name}"
    if present.get(place, yours) != yours:
        import hashlib  # `status` imports this module, and is quick

        stem, _, suffix = place.rpartition(".")
        place = f"{stem}-{hashlib.sha256(yours).hexdigest()[:8]}.{suffix}"
    changes = _changes([(place, yours), (path, None), *gone], present)
    return Step(Kind.ASIDE, place, changes, source=path)


def _changes(
    wanted: list[tuple[str, bytes | None]], present: Mapping[str, bytes]
) -> tuple[Change, ...]:
    every = (Change(path, present.get(path), after) for path, after in wanted)
    return tuple(change for change in every if change.before != change.after)


def _unix(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def _parses(source: bytes) -> bool:
    import ast

    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
