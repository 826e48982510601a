"""What 20 declared properties cost a decision, beside the same decision without them.

Usage: python -m bench.properties     (part of `make bench`; a quarter of a minute)

Both are asked as a server is, from the bytes of a request to those of the recorded answer, but
without gRPC and a disk, which would hide the difference. In turns within one run, and the best of
each is taken, so that what else the machine does counts least. Take the ratio. Below it stands
what judging alone costs, without what a server does around it.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

from dealgate.decide import Decider
from dealgate.engine.native import NativeEngine
from dealgate.journal.memory import MemoryJournal
from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.language.cel import CelChecker
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.loading import load_catalog
from dealgate.v1 import qualify_pb2 as pb
from dealgate.wire.arrival import arrive
from dealgate.wire.asking import decision_call

ENGINE = NativeEngine()
RULES = Path(__file__).parents[1] / "rules"
NOON = 1_780_315_200 * 10**9
ROUNDS, TIMES = 200, 10
SENT: Mapping[str, tuple[str, Any]] = {
    "tier": ("enum, values: [gold, silver]", "gold"),
    "segment": ("enum, values: [a, b]", "b"),
    "is_vip": ("bool", True),
    "is_partner": ("bool", False),
    "webinars": ("int, at_least: 0", 12),
    "visits": ("int, at_most: 1000", 250),
    "seats": ("int", 40),
    "tickets": ("int", 3),
    "win_rate": ("decimal, at_most: 1", "0.25"),
    "discount": ("decimal", "0.1"),
    "nickname": ("text", "Jo"),
    "region": ("text", "north"),
    "renews_on": ("date", "2026-07-01"),
    "founded_on": ("date", "1999-01-01"),
    "last_seen": ("instant", "2026-05-01T10:00:00Z"),
    "trial_from": ("instant", "2026-05-01T10:00:00Z"),
    "response_time": ("duration", "90m"),
    "cycle": ("duration", "30d"),
    "wallet": ("money", "EUR 1000.50"),
    "owed": ("money", "EUR 0.00"),
}


def main() -> None:
    """Print the costs and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "rules"
        shutil.copytree(RULES / "qualify", rules / "qualify")
        for shared in RULES.glob("pipelines.v*.yaml"):
            shutil.copy(shared, rules)
        plain = load_catalog(rules, KINDS, CelChecker(), only=("qualify",))
        lines = [f"  {name}: {{type: {of}, because: Bench.}}\n" for name, (of, _) in SENT.items()]
        (rules / "properties.yaml").write_text(f"lead:\n{''.join(lines)}")
        declared = load_catalog(rules, KINDS, CelChecker(), only=("qualify",))
    sent = {name: value for name, (_, value) in SENT.items()}
    runs = {
        "nothing declared": _decides(plain, {}),
        "declared, none sent": _decides(declared, {}),
        "declared, 20 sent": _decides(declared, sent),
    }
    _tell("a decision", runs)
    judging = {
        "nothing declared": _judges(plain, {}),
        "declared, none sent": _judges(declared, {}),
        "declared, 20 sent": _judges(declared, sent),
    }
    _tell("judged alone", judging)


def _tell(subject: str, runs: Mapping[str, Callable[[], float]]) -> None:
    costs: dict[str, list[float]] = {name: [] for name in runs}
    names, random = list(runs), Random(1)
    for _ in range(ROUNDS):
        random.shuffle(names)  # what runs after what must not count
        for name in names:
            costs[name].append(runs[name]())
    base = min(costs["nothing declared"])
    for name, found in costs.items():
        cost = min(found)
        print(f"{name:20} {cost * 1e6:7.0f} µs {subject}, {cost / base:.2f} of the first")


class _Caller:
    """A call of somebody who may do everything."""

    tenant = "default"
    decision_id = ""

    def allow(self, kind: str) -> None:
        """Refuse nothing."""


def _decides(catalog: Catalog, sent: Mapping[str, Any]) -> Callable[[], float]:
    """Return what takes decisions as a server does: from bytes, recorded, to bytes."""
    numbers = count()
    called: Any = _Caller()

    async def run() -> float:
        decider = Decider(catalog.kinds, catalog, ENGINE, MemoryJournal())
        call = decision_call(KINDS, "qualify", lambda: decider.decide_all, arrive)
        asked = [_asked(_varied(sent, next(numbers))) for _ in range(TIMES)]
        await call(asked[0], called)
        begun = time.process_time()
        for data in asked:
            await call(data, called)
        return (time.process_time() - begun) / TIMES

    return lambda: asyncio.run(run())


def _judges(catalog: Catalog, sent: Mapping[str, Any]) -> Callable[[], float]:
    """Return what judges facts that were just read from a request, and nothing else."""
    numbers = count()
    kind, ruleset = catalog.kinds["qualify"], catalog.at("qualify", NOON)
    program = ENGINE.prepare(ruleset)

    def run() -> float:
        cost = 0.0
        for data in [_asked(_varied(sent, next(numbers))) for _ in range(TIMES)]:
            facts = pb.QualifyLeadRequest.FromString(data).facts
            begun = time.process_time()
            judged(kind, program, facts, NOON)
            cost += time.process_time() - begun
        return cost / TIMES

    return run


def _varied(sent: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    """Return what no other lead has: nothing may be remembered of it as a whole."""
    days = f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    own = {"nickname": f"Jo {number}", "renews_on": days, "wallet": f"EUR {number}.50"}
    return {**sent, **own} if sent else sent


def _asked(sent: Mapping[str, Any]) -> bytes:
    facts = pb.QualifyFacts()
    facts.lead.id = "L1"
    facts.lead.company.employees = 250
    facts.lead.company.country = "DE"
    facts.scores.fit = 70
    facts.scores.engagement = 40
    for number in range(3):
        activity = facts.activities.add(id=f"a{number}")
        activity.at.seconds = NOON // 10**9 - 86_400 * number
    if sent:
        facts.lead.properties.update(sent)
    return pb.QualifyLeadRequest(facts=facts).SerializeToString()


if __name__ == "__main__":
    main()
