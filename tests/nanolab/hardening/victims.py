"""What is attacked: a run, and a watch that has to survive one attack after the other."""

from __future__ import annotations

import time

from hardening.attacks import RIGHT
from hardening.labs import Lab

from nanolab.verdict import Outcome
from nanolab.views.verdict import _SENTENCES

SHOWN = {**_SENTENCES, Outcome.FAILED: "checks passed; "}  # of a failure, the check's own words


def meets_run(lab, attack):
    """Require `nanolab run` to come to the right verdict; the seconds that it took."""
    lab.file(attack.name).write_text(attack.source)
    answer = lab.run(attack.name)
    verdict = answer.verdict
    said = " ".join(one["message"] or "" for one in (verdict, *verdict["tests"]))
    wanted, came = (attack.outcome, attack.outcome != "passed"), (verdict["outcome"], answer.code)
    assert came == wanted, f"{came} instead of {wanted}: {said}"
    assert attack.says in said, said
    assert "Traceback" not in answer.err
    lab.assert_only(0)
    return verdict["seconds"]


class Survivor:
    """A watch that meets one attack after the other."""

    def __init__(self, folder, **variables):
        self.lab = Lab(folder, **variables)
        self.terminal = self.lab.watch()
        self.terminal.until("any key begin")
        self.terminal.press("q")
        self.terminal.until("Not finished")
        # Itself, its server, one worker that waits.
        self.at_rest = 2 if variables.get("NANOLAB_RUNNER") == "spawn" else 3
        self.lab.assert_only(self.at_rest)

    def meets(self, name, attack):
        """Save a right answer, then the attack; the seconds until its verdict stands there."""
        calm = f"calm before {name}"
        self.lab.file("double").write_text(f"print({calm!r})\n{RIGHT}")
        self.terminal.wait(lambda: calm in self.text and "Passed" in self.text, calm)
        begun = time.monotonic()
        self.lab.file(attack.name).write_text(attack.source)
        sentence = SHOWN[Outcome(attack.outcome)]
        self.terminal.wait(
            lambda: sentence in self.text and attack.says in self.text and calm not in self.text,
            f"{sentence} {attack.says}",
        )
        return time.monotonic() - begun

    def is_well(self):
        """The keys are alive, the key line is whole, no process is left over."""
        self.terminal.press("?")
        self.terminal.until("Save the file: nanolab judges it by itself.")
        self.terminal.press("q")
        shut = "the verdict again, over a whole line of keys"
        self.terminal.wait(lambda: "Save the file" not in self.text and "q quit" in self.text, shut)
        self.lab.assert_only(self.at_rest)

    @property
    def text(self):
        return self.terminal.text
