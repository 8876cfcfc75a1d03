"""Every attack again, in the sandbox that a teacher uses: one warm server survives them all."""

from __future__ import annotations

from dataclasses import replace

import psutil
import pytest
from hardening.attacks import ATTACKS, ON_THE_SERVER
from hardening.labs import HANGS, LIMIT, Lab

from nanolab.runner import job_for, sandbox
from nanolab.verify import confined

pytestmark = [
    pytest.mark.hardening,
    pytest.mark.skipif(bool(sandbox.why_not()), reason=sandbox.why_not()),
]
ALL = {**ATTACKS, **ON_THE_SERVER}
# What succeeds with the learner's rights, and cannot here: the file is not to be written.
REFUSED = {"removes its own file"}


@pytest.fixture(scope="module")
def boxed(tmp_path_factory):
    """A workspace, and a runner in a sandbox."""
    lab = Lab(tmp_path_factory.mktemp("boxed"))
    judge = confined(lab.course, lab.workspace)()
    yield lab, judge
    judge.close()
    left = [one for one in psutil.Process().children(recursive=True) if one.is_running()]
    assert not left


@pytest.mark.parametrize("name", ALL)
def test_in_the_sandbox_the_verdict_is_the_same(boxed, tally, name):
    lab, judge = boxed
    attack = ALL[name]
    tally.add("attacks in a sandbox", tried=1, contained=0)
    file = lab.file(attack.name)
    file.write_bytes(attack.source.encode())

    verdict = judge.run(job_for(lab.course, lab.course.find(attack.name), file))

    if name in REFUSED:
        attack = replace(attack, outcome="broken", says="Read-only file system")
        assert file.exists()
    failure = verdict.first_failure
    said = f"{verdict.reason} {failure.message if failure else ''}"
    assert verdict.outcome.value == attack.outcome, said
    assert attack.says in said
    assert verdict.seconds < LIMIT + HANGS
    tally.add("attacks in a sandbox", contained=1)
