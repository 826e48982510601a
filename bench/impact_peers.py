"""An impact beside other ways to decide the same table twice: zen-engine in a loop, and pandas.

A rule set of four conditions, which pandas can express, in two versions. All sides must come to
the same matrix of transitions; CPU µs a decision, two of them a record. What is not installed is
left out, by name. `python -m bench.impact_peers [RECORDS]`, some seconds.
"""

import importlib
import importlib.util
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from dealgate.desk.reading import read_rules
from dealgate.foresight.assessing import Assessor, Clock
from dealgate.journal.port import Recorded
from dealgate.kinds import KINDS
from dealgate.model.decision import Decision, Entity
from dealgate.model.instants import DAY
from dealgate.v1 import qualify_pb2 as pb

KIND, AS_OF = "qualify", 1_785_000_000 * 10**9
LIMITS = ((50, 1000), (80, 800))  # too small, and large, of each version
HOME = ("DE", "FR", "NL")
RULES = """\
ruleset: qualify
version: {version}
owner: the bench
because: Compared.
parameters:
  {{currency: EUR, min_completeness: 0, recycle: {{}}, recycle_days: 90, nurture_days: 90}}
rules:
  - id: denied
    when: relationship.is_export_denied
    then: {{disposition: ineligible, code: INEL-01}}
    because: Denied.
  - id: too-small
    when: lead.company.employees < {small}
    then: {{disposition: disqualified, code: FIT-01}}
    because: Too small.
  - id: large-at-home
    when: lead.company.employees >= {large} && lead.country in ["DE", "FR", "NL"]
    then: {{disposition: mql, code: FIT-02}}
    because: Large, and at home.
  - id: others
    then: {{disposition: nurture, code: FIT-03}}
    because: Others.
"""
Row = dict[str, Any]
Matrix = Counter[tuple[str, str]]
Side = Callable[[Sequence[Row]], Matrix]


def main(records: int) -> None:
    """Compare, and print."""
    rows = list(_rows(records))
    sides: dict[str, Side] = {"impact": _impact()}
    others: tuple[tuple[str, str, Side], ...] = (
        ("zen-engine in a loop", "zen", _zen),
        ("pandas", "pandas", _pandas),
    )
    for name, needed, side in others:
        if importlib.util.find_spec(needed) is None:
            print(f"{name} is left out: {needed} is not installed")
        else:
            sides[name] = side
    wanted = sides["impact"](rows[:200])
    costs = {}
    for name, side in sides.items():
        if side(rows[:200]) != wanted:
            raise RuntimeError(f"{name} comes to another matrix")
        before = time.process_time()
        side(rows)
        costs[name] = (time.process_time() - before) / records / 2
    for name, cost in costs.items():
        ratio = cost / costs["impact"]
        print(
            f"{name}: {1e6 * cost:.2f} µs a decision, {1 / cost:,.0f}/s a core, {ratio:.2f} times"
        )


def _rows(records: int) -> Iterator[Row]:
    drawn = Random(1)
    for number in range(records):
        yield {
            "id": f"L{number}",
            "employees": int(drawn.lognormvariate(5, 1.5)),
            "country": drawn.choice(("DE", "FR", "NL", "US", "IN")),
            "denied": drawn.random() < 0.02,
        }


def _impact() -> Side:
    """Return the impact's kernel, with causes, segments and money: all that an impact tells."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, KIND)
        home.mkdir()
        for version, (small, large) in enumerate(LIMITS, 1):
            text = RULES.format(version=version, small=small, large=large)
            (home / f"v{version}.yaml").write_text(text)
        catalog = read_rules(Path(folder), KIND)
    old, new = catalog.version(KIND, 1), catalog.version(KIND, 2)
    assessor = Assessor(KINDS[KIND], old, new, Clock(AS_OF, 90 * DAY))

    def assess(rows: Sequence[Row]) -> Matrix:
        matrix = assessor.assess(map(_record, rows)).matrix
        return Counter({(pair.old, pair.new): one.decisions for pair, one in matrix.items()})

    return assess


def _record(row: Row) -> Recorded:
    facts = pb.QualifyFacts()
    facts.lead.id, facts.lead.country = row["id"], row["country"]
    facts.lead.company.employees = row["employees"]
    facts.relationship.is_export_denied = row["denied"]
    entity, data = Entity("lead", row["id"]), facts.SerializeToString()
    taken = (AS_OF, AS_OF, "", data, b"", "", (), None, b"")
    return Decision(row["id"], "default", KIND, entity, 1, "", "", *taken), None


def _zen(rows: Sequence[Row]) -> Matrix:
    """Ask GoRules' engine about each row, by each version's table."""
    zen: Any = importlib.import_module("zen")
    old, new = (zen.ZenEngine().create_decision(json.dumps(_table(*limits))) for limits in LIMITS)
    return Counter(
        (old.evaluate(row)["result"]["word"], new.evaluate(row)["result"]["word"]) for row in rows
    )


def _table(small: int, large: int) -> dict[str, Any]:
    conditions = (
        ("denied", "INELIGIBLE"),
        (f"employees < {small}", "DISQUALIFIED"),
        (f"employees >= {large} and country in ['DE', 'FR', 'NL']", "MQL"),
        ("true", "NURTURE"),
    )
    content = {
        "hitPolicy": "first",
        "inputs": [{"id": "in", "name": "condition", "type": "expression"}],
        "outputs": [{"id": "out", "name": "word", "field": "word", "type": "expression"}],
        "rules": [
            {"_id": str(n), "in": text, "out": json.dumps(word)}
            for n, (text, word) in enumerate(conditions)
        ],
    }
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "t", "name": "t", "type": "decisionTableNode", "content": content},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    edges = [
        {"id": "1", "type": "edge", "sourceId": "in", "targetId": "t"},
        {"id": "2", "type": "edge", "sourceId": "t", "targetId": "out"},
    ]
    return {"nodes": nodes, "edges": edges}


def _pandas(rows: Sequence[Row]) -> Matrix:
    """Write the table by hand, on whole columns; from rows, as the others get them."""
    pandas: Any = importlib.import_module("pandas")
    numpy: Any = importlib.import_module("numpy")
    frame = pandas.DataFrame.from_records(rows)
    words = [
        numpy.select(
            [
                frame.denied,
                frame.employees < small,
                (frame.employees >= large) & frame.country.isin(HOME),
            ],
            ["INELIGIBLE", "DISQUALIFIED", "MQL"],
            "NURTURE",
        )
        for small, large in LIMITS
    ]
    counts = pandas.DataFrame({"old": words[0], "new": words[1]}).value_counts()
    return Counter({pair: int(count) for pair, count in counts.items()})


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 20_000)
