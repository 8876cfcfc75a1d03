"""Whether a learner's file has changed what the checks rely on.

A file that replaces `math.isclose` or `torch.testing.assert_close` may make every check pass.
The guard notes, before the file is imported, which object each name of the trusted modules and
classes stands for, and says afterwards which no longer do. It is a lock against accidents and
shortcuts, not against a determined attacker in the same process.
"""

from __future__ import annotations

import sys
from types import ModuleType

_MODULES = (
    "builtins",
    "math",
    "os",
    "sys",
    "json",
    "random",
    "unittest",
    "pytest",
    "_pytest.assertion.util",
    "_pytest.outcomes",
    "_pytest.raises",
    "_pytest.recwarn",
    "_pytest.runner",
    "_pytest.python_api",
    "nanolab.autopsy",
    "nanolab.expect",
    "nanolab.mount",
    "torch",
    "torch.testing",
    "torch.testing._comparison",
)
_CLASSES = (
    ("_pytest.python", "Function"),
    ("_pytest.runner", "CallInfo"),
    ("_pytest.reports", "TestReport"),
    ("nanolab.expect", "Mismatch"),
    ("nanolab.runner.plugin", "Reporter"),
    ("torch", "Tensor"),
)
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
    "builtins": {"_"},
    "_pytest.assertion.util": {"_reprcompare", "_assertion_pass", "_config"},
}

Snapshot = dict[tuple[str, str], int]


def snapshot() -> Snapshot:
    """The identity of every object that the trusted modules and classes name now."""
    seen: Snapshot = {}
    for owner, namespace in _namespaces():
        restless = _RESTLESS.get(owner, set())
        for name, value in list(namespace.items()):
            own = name.startswith("__") and owner != "builtins"
            if name not in restless and not own and not isinstance(value, ModuleType):
                seen[owner, name] = id(value)
    return seen


def changes(before: Snapshot) -> list[str]:
    """Names that stand for another object than in `before`, as `module.name`, sorted."""
    now = snapshot()
    return sorted(
        f"{owner}.{name}" for (owner, name), old in before.items() if now.get((owner, name)) != old
    )


def _namespaces() -> list[tuple[str, dict[str, object]]]:
    found = [(name, vars(sys.modules[name])) for name in _MODULES if name in sys.modules]
    for module, cls in _CLASSES:
        if module in sys.modules:
            owner = getattr(sys.modules[module], cls, None)
            found.append((f"{module}.{cls}", dict(vars(owner)) if owner is not None else {}))
    return found
