"""Rules that are written to harm: refused in time, in a process with limits."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dealgate.aside.processes import CHILD
from dealgate.v1 import rule_service_pb2 as rules
from tests.chaos.test_beside import CHECK
from tests.chaos.test_floods import unharmed
from tests.chaos.victim import Caller, Victim, bystander
from tests.serving.conftest import ROOT

MEGABYTES = 250
FAULTS = 501  # beyond five hundred, that there are more
DRAFT = (ROOT / "tests/rules/score/v2.yaml").read_text().replace("version: 2", "version: 3", 1)
HOSTILE = {
    "eight thousand faults in one line": DRAFT + f"\nzz: [{', '.join(['&a b'] * 8_000)}]\n",
    "three loops in one another": DRAFT.replace(
        "when: lead.country == home",
        "when: activities.exists(a, activities.exists(b, activities.exists(c, a.at < b.at && "
        "b.at < c.at)))",
    ),
    "a thousand alternatives": DRAFT.replace(
        "when: lead.country == home",
        "when: " + " || ".join(f'lead.country == "{number}"' for number in range(1_000)),
    ),
    "five thousand brackets": DRAFT.replace(
        "when: lead.country == home", f"when: {'(' * 5_000}true{')' * 5_000}"
    ),
    "a text that doubles": DRAFT.replace(
        'home: "DE"', "home: " + '"x"' + "".join(".replace(r'x', 'xx')" for _ in range(40))
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_rules(victim: Victim, name: str, *, thorough: bool) -> None:
    """Bars: refused with at most 501 faults, 250 MB in their own process, nobody else notices."""
    if not thorough:
        pytest.skip("checks five drafts: make chaos")
    asking = Caller(victim.local)
    request = rules.CheckRuleSetRequest(files={"score/v3.yaml": HOSTILE[name]})
    with bystander(victim.local) as other, peak_of_children(victim) as megabytes:
        told = asking.ask(CHECK, request.SerializeToString(), timeout=90)
    assert set(asking.codes) <= {"OK", "DEADLINE_EXCEEDED"}, asking.codes
    assert told is not None
    faults = rules.CheckRuleSetResponse.FromString(told).faults
    assert 0 < len(faults) <= FAULTS
    assert 0 < megabytes[0] <= MEGABYTES
    assert unharmed(other)


@contextmanager
def peak_of_children(victim: Victim) -> Iterator[list[int]]:
    """Look at what the processes beside a server hold, in megabytes, until the block ends."""
    peak, over = [0], threading.Event()
    before = set(victim.children)  # kept for the next piece of work, whatever the last one took

    def watch() -> None:
        while not over.wait(0.02):
            for pid in set(victim.children) - before:
                peak[0] = max(peak[0], _resident(Path(f"/proc/{pid}")))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield peak
    finally:
        over.set()
        watching.join()


def _resident(process: Path) -> int:
    """Return the most that a process has held; 0: it has ended, or is still a copy of its parent.

    Between its fork and its program it shows the memory of the server, which is not its own.
    """
    try:
        if CHILD.name not in (process / "cmdline").read_text():
            return 0
        lines = (process / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) // 1024
