"""Whether a learner's file has changed what the checks rely on.

A file that replaces `math.isclose` or `torch.testing.assert_close` may make every check pass. The
guard notes, before the file is imported, what each name in the trusted modules and their classes
stands for, and what code and defaults their functions have; it says afterwards what has changed.
It is a lock against accidents and shortcuts, not against a determined attacker: code in the same
process can reach everything, the guard and the report among it.
"""

from __future__ import annotations

import sys
from operator import attrgetter, is_
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PACKAGES = {"_pytest", "nanolab", "pluggy", "pytest"}
_MODULES = {
    "ast",
    "builtins",
    "cmath",
    "functools",
    "inspect",
    "json",
    "math",
    "operator",
    "os",
    "pathlib",
    "random",
    "sys",
    "traceback",
    "types",
    "unittest",
    "numpy",
    "numpy.testing",
    "torch",
    "torch.nn.functional",
    "torch.testing",
    "torch.testing._comparison",
}
# Of these the classes are many and large; the checks rely on these.
_CLASSES: dict[str, set[str]] = {"torch": {"Tensor"}, "numpy": set()}
# Names that pytest, or the interpreter itself, changes in an honest run.
_RESTLESS = {
    "sys": {
        "argv",
        "path",
        "meta_path",
        "path_hooks",
        "stdin",
        "stdout",
        "stderr",
        "displayhook",
        "excepthook",
        "last_type",
        "last_value",
        "last_traceback",
        "last_exc",
        "modules",
        "dont_write_bytecode",
        "ps1",
        "ps2",
        "path_importer_cache",
        "flags",
        "unraisablehook",
    },
    "os": {"environ", "environb"},
    "inspect": {"getfile"},  # importing torch wraps it
    "builtins": {"_"},
    "_pytest.assertion.util": {"_reprcompare", "_assertion_pass", "_config"},
}
_LAZY = ("__annot", "__abstractmethods__", "_abc_")  # what Python keeps in classes for itself

_code_of = attrgetter("__code__")
_defaults_of = attrgetter("__defaults__")


class Guard:
    """What the trusted names stand for now; made before any code of the learner's runs."""

    def __init__(self) -> None:
        self._spaces: list[_Space] = []
        for name, module in list(sys.modules.items()):
            if name in _MODULES or name.partition(".")[0] in _PACKAGES:
                self.add(name, module)

    def add(self, name: str, module: ModuleType) -> None:
        """Trust one more module, found under that name, and the classes that it defines."""
        names = dict(vars(module))
        self._spaces.append(_Space(name, name, names))
        for one in _CLASSES.get(name, names):
            value = names[one]
            if isinstance(value, type) and value.__module__ == module.__name__:
                label = f"{name}.{value.__name__}"
                self._spaces.append(_Space(label, value, dict(vars(value))))

    def changes(self) -> list[str]:
        """What has changed since, as `module.name`, sorted."""
        return sorted({name for space in self._spaces for name in space.changes()})


class _Space:
    """The names of one module or class.

    Args:
        label: For messages.
        owner: The class, or the name of the module: another may have taken its place.
        names: What its names stand for.
    """

    def __init__(self, label: str, owner: str | type, names: dict[str, object]) -> None:
        self.label, self.owner, self.names = label, owner, names
        self.functions = [value for value in names.values() if isinstance(value, FunctionType)]
        self.codes = list(map(_code_of, self.functions))
        self.defaults = list(map(_defaults_of, self.functions))
        self.keywords = [
            (one, dict(one.__kwdefaults__)) for one in self.functions if one.__kwdefaults__
        ]

    def changes(self) -> Iterator[str]:
        """The names that stand for something else, in this space."""
        now = self._now()
        if not _same(now, self.names):
            yield from (f"{self.label}.{name}" for name in self._renamed(now))
        codes, defaults = map(_code_of, self.functions), map(_defaults_of, self.functions)
        if not all(map(is_, codes, self.codes)) or not all(map(is_, defaults, self.defaults)):
            parts = zip(self.functions, self.codes, self.defaults, strict=True)
            for one, code, default in parts:
                if one.__code__ is not code or one.__defaults__ is not default:
                    yield f"{self.label}.{one.__name__}"
        for one, before in self.keywords:
            if not _same(one.__kwdefaults__ or {}, before):
                yield f"{self.label}.{one.__name__}"

    def _now(self) -> Mapping[str, object]:
        owner = sys.modules.get(self.owner) if isinstance(self.owner, str) else self.owner
        return dict(vars(owner)) if owner is not None else {}

    def _renamed(self, now: Mapping[str, object]) -> Iterator[str]:
        restless = _RESTLESS.get(self.label, set())
        of_module = isinstance(self.owner, str) and self.owner != "builtins"
        nothing = object()
        for name in {*self.names, *now}:
            before, after = self.names.get(name, nothing), now.get(name, nothing)
            own = name.startswith("__" if of_module else _LAZY)
            modules = isinstance(before, ModuleType) or isinstance(after, ModuleType)
            if before is not after and not (own or modules or name in restless):
                yield name


def _same(now: Mapping[str, object], before: Mapping[str, object]) -> bool:
    """Whether two namespaces hold the very same objects; no object is asked whether it is equal."""
    return (
        len(now) == len(before)
        and list(now) == list(before)
        and all(map(is_, now.values(), before.values()))
    )
