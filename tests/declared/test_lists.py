"""Lists of values: as facts, of every type and in every use, and as what an outcome says."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from dealgate.engine.native import compile_ruleset
from dealgate.judge import judged
from tests.declared.folder import held, read, written_kind

# Of each type two values as they are sent, in order, and the first as CEL writes it.
TYPES: Mapping[str, tuple[Any, str]] = {
    "int": ([1, 2], "1"),
    "bool": ([False, True], "false"),
    "text": (["a", "b"], '"a"'),
    "decimal": (["1.5", "2.50"], 'decimal("1.5")'),
    "date": (["2026-01-01", "2026-02-01"], 'date("2026-01-01")'),
    "instant": (
        ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"],
        'timestamp("2026-01-01T00:00:00Z")',
    ),
    "duration": (["24h", "48h"], 'duration("24h")'),
    "money": (["EUR 1.00", "EUR 2.00"], 'money("EUR", "1")'),
}
# Each is true of such a list, where its type has it at all.
USES = (
    "r.x[0] == ONE",
    "r.x[0] <= ONE && r.x[1] > ONE",
    "ONE in r.x",
    "size(r.x) == 2",
    "r.x.max() > ONE",
    "r.x.min() <= ONE",
    "math.greatest(r.x) > ONE",
    "r.x.sum() > ONE",
    "r.x.avg() > ONE",
    "r.x.sort()[1] > ONE",
    "r.x.sortBy(e, e)[1] > ONE",
    "r.x.reverse()[0] > ONE",
    "r.x.slice(1, 2)[0] > ONE",
    "(r.x + [ONE]).max() > ONE",
    "(size(r.x) > 5 ? [ONE] : r.x).max() > ONE",
    "r.x.filter(e, e > ONE).max() > ONE",
    "r.x.map(e, e).min() <= ONE",
    "r.x.exists(e, e > ONE)",
    "cel.bind(y, r.x, y.max() > ONE)",
    "size(r.x.distinct()) == 2",
    "sets.contains(r.x, [ONE])",
    "sets.intersects([ONE], r.x)",
    "r.x == r.x",
)
MOST_REFUSED = 13  # bools are not ordered
KIND = """\
kind: listed
because: What do lists hold?
entity: {type: r, id: r.id}
facts:
  r:
    id: {type: text, required: true, because: The id.}
    x: {type: list(TYPE), because: Values.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [done], fold: gravest, because: Done.}
"""


def _written(folder: Path, type_: str, uses: dict[str, str]) -> Path:
    kind = KIND.replace("TYPE", type_) + "".join(
        f"    {name}: {{type: bool, fold: fact, because: A use.}}\n" for name in uses
    )
    facts = "".join(f"  {name}: '{use}'\n" for name, use in uses.items())
    rules = "".join(
        f"  - {{id: {name.replace('_', '-')}, when: {name}, then: {{verdict: done}}, "
        "because: So it is.}\n"
        for name in uses
    )
    head = "ruleset: listed\nversion: 1\nowner: tests\nbecause: First.\n"
    files = {
        "kind.yaml": f"{kind}unknown: open\nnothing: open\n",
        "v1.yaml": f"{head}facts:\n{facts}rules:\n{rules}",
        "v1.cases.yaml": "cases:\n  - {case: one, as_of: 2026-06-01T00:00:00Z, "
        "facts: {r: {id: a}}, fired: []}\n",
    }
    return written_kind(folder, "listed", files)


@pytest.mark.parametrize("type_", TYPES)
def test_a_list_of_any_type_is_read_by_its_values(tmp_path: Path, type_: str) -> None:
    """By index, membership, order, sum: compiled rules and what the outcome says agree."""
    sent, one = TYPES[type_]
    uses = {f"use_{n}": use.replace("ONE", one) for n, use in enumerate(USES)}
    faults = read(_written(tmp_path / "all", type_, uses)).faults.all
    refused = {name for fault in faults for name in re.findall(r"use_\d+", fault.message)}
    uses = {name: use for name, use in uses.items() if name not in refused}
    assert len(refused) <= MOST_REFUSED

    (file,) = read(_written(tmp_path / "some", type_, uses)).needing_all().files
    facts = Struct()
    facts.update({"r": {"id": "1", "x": sent}})
    found = judged(file.kind, compile_ruleset(file.ruleset), facts, 0)
    answer = found.answer.outcome
    assert {n: use for n, use in uses.items() if getattr(answer, n) is not True} == {}
    assert {hit.rule.id.replace("-", "_") for hit in found.evidence.fired} == {*uses}


TOLD = """\
kind: kept
because: Which goods are kept back?
entity: {type: order, id: order.id}
facts:
  order:
    id: {type: text, required: true, because: The id.}
    express: {type: bool, because: Asked for.}
    lines:
      list_of:
        sku: {type: text, because: The article.}
        price: {type: decimal, because: Of one.}
        count: {type: int, because: How many.}
outcome:
  word: verdict
  fields:
    verdict: {type: enum, values: [done], fold: gravest, because: Done.}
    dear: {type: list(int), fold: fact, because: How many of what is dear.}
    prices: {type: list(decimal), fold: fact, because: Of each line.}
    counts: {type: list(int), fold: fact, because: Of each line.}
    many: {type: list(bool), fold: fact, because: More than one of it.}
    steps: {type: list(text), fold: fact, because: What is done.}
unknown: open
nothing: open
"""
TOLD_RULES = """\
ruleset: kept
version: 1
owner: tests
because: First.
facts:
  dear: order.lines.filter(l, l.price > decimal("10")).map(l, l.count)
  prices: order.lines.map(l, l.price * decimal("2"))
  counts: order.lines.map(l, l.count)
  many: order.lines.map(l, l.count > 1)
tables:
  - {id: steps, hit: first, gives: steps}
rules:
  - {id: done, then: {verdict: done}, because: Done.}
"""
STEPS = 'order.express,gives\ntrue,"[""call"", ""pack""]"\nelse,"[""pack""]"\n'
TOLD_CASES = """\
cases:
  - case: lists of each type are answered in their order
    as_of: 2026-06-01T00:00:00Z
    facts:
      order:
        id: O1
        express: true
        lines: [{sku: b, price: "12.50", count: 2}, {sku: a, price: "3", count: 1}]
    fired: [done]
    outcome:
      dear: [2]
      prices: ["25.00", "6"]
      counts: [2, 1]
      many: [true, false]
      steps: [call, pack]
  - case: what lacks a fact is open
    as_of: 2026-06-01T00:00:00Z
    facts: {order: {id: O1, lines: [{sku: a, price: "3"}]}}
    fired: [done]
    outcome: {prices: ["6"], open: [counts, many, steps]}
"""


def test_an_outcome_says_lists(tmp_path: Path) -> None:
    """A named fact, or a table that tells one, may be a list of values."""
    files = {
        "kind.yaml": TOLD,
        "v1.yaml": TOLD_RULES,
        "v1.steps.csv": STEPS,
        "v1.cases.yaml": TOLD_CASES,
    }
    (file,) = read(written_kind(tmp_path, "kept", files)).needing_all().files
    held(file)


def test_a_list_is_what_rules_tell_and_do_not_claim(tmp_path: Path) -> None:
    """Folds of claims take no lists; the fault says what does."""
    kind = TOLD.replace("dear: {type: list(int), fold: fact", "dear: {type: list(int), fold: sum")
    files = {"kind.yaml": kind, "v1.yaml": TOLD_RULES, "v1.cases.yaml": TOLD_CASES}
    (fault, *_) = read(written_kind(tmp_path, "kept", files)).faults.all
    assert "sum folds int or decimal" in fault.message
    assert fault.hint == "list(int) is folded by fact"


OWN = """\
lead:
  counts: {type: list(int), because: Of something.}
  visits: {type: list(date), because: From the app.}
activity:
  marks: {type: list(text), because: Free labels.}
"""
OWN_RULES = """\
ruleset: qualify
version: 1
owner: tests
because: First.
parameters: {currency: EUR, min_completeness: 0, recycle: {}, recycle_days: 90, nurture_days: 30}
rules:
  - id: counted
    when: size(lead.properties.counts) == 2 && lead.properties.counts.sum() == 3
    then: {disposition: mql, code: OWN-01}
    because: As they are.
  - id: visited
    when: lead.properties.visits[1] == date("2026-02-01") && size(lead.properties.visits) == 2
    then: {disposition: mql, code: OWN-01}
    because: As they are.
  - id: marked
    each: {a: activities}
    when: size(a.properties.marks) == 1
    then: {disposition: mql, code: OWN-01}
    because: As they are.
"""
OWN_CASES = """\
cases:
  - case: lists hold what they hold
    as_of: 2026-06-01T00:00:00Z
    facts:
      lead: {id: L1, properties: {counts: [1, 2], visits: [2026-01-01, 2026-02-01]}}
      activities: [{id: a1, at: 2026-05-30T00:00:00Z, properties: {marks: [x]}}]
    fired: [counted, visited, marked]
"""


def test_lists_of_own_facts_are_no_longer_in_cases_than_in_questions(tmp_path: Path) -> None:
    """What a case gives in its types is read once."""
    files = {"v1.yaml": OWN_RULES, "v1.cases.yaml": OWN_CASES}
    rules = written_kind(tmp_path, "qualify", files)
    (rules / "properties.yaml").write_text(OWN)
    (file,) = read(rules).needing_all().files
    held(file)
