"""The points of score in tables: score@3 answers as score@2, and a sum of rows is one claim."""

import asyncio
from dataclasses import replace
from typing import Any

from dealgate.kinds.score import SCORE
from dealgate.model.rules import AnyRuleSet, HitPolicy
from dealgate.v1.score_pb2 import ScoreFacts, ScoreOutcome
from tests.shipped import ENGINE, cases_of, catalog

AS_OF = 1_788_350_400_000_000_000  # 2026-09-02T12:00:00Z


def outcome(ruleset: AnyRuleSet, facts: Any, as_of: int) -> ScoreOutcome:
    """Return what the rule set decides."""
    evidence = asyncio.run(ENGINE.fire(ruleset, facts, as_of, explain=False))
    found = SCORE.conclude(facts, ruleset, evidence, as_of).outcome
    assert isinstance(found, ScoreOutcome)
    return found


def without_ids(found: ScoreOutcome) -> ScoreOutcome:
    """Return the outcome without what tells rules from rows, such as the order of the file."""
    rows = [(c.rule_id.rsplit("/", 1)[-1], c) for c in found.contributions]
    copied = ScoreOutcome()
    copied.CopyFrom(found)
    del copied.contributions[:]
    for id_, contribution in sorted(rows, key=lambda row: (row[0], row[1].element)):
        added = copied.contributions.add()
        added.CopyFrom(contribution)
        added.rule_id = id_
    return copied


def test_version_3_answers_as_version_2() -> None:
    """On the facts of every case of both, to the last contribution: only ids differ."""
    old, new = catalog().version("score", 2), catalog().version("score", 3)
    files = [cases_of("score", 2), cases_of("score", 3)]
    asked = [case for file in files for case in file.cases if case.error is None]
    assert len(asked) > 300
    for case in asked:
        answers = [without_ids(outcome(one, case.facts, case.as_of)) for one in (old, new)]
        assert answers[0] == answers[1], case.name


def test_a_sum_counts_within_its_dimension() -> None:
    """A scorecard claims its sum once; fit is in proportion to all that its rows could give."""
    whole = catalog().version("score", 3)
    table = replace(whole.tables[0], hit=HitPolicy.SUM, output=("points",), because="Sizes.")
    rows = [replace(row, when=None) for row in table.rows[:3]]
    ruleset = replace(whole, rules=rows, tables=[replace(table, rows=rows)])
    facts = ScoreFacts()
    facts.lead.id = "L1"

    found = outcome(ruleset, facts, AS_OF)

    assert (found.fit_points.value, found.fit_attainable.value, found.fit) == ("30", "30", 100)
    assert [c.rule_id for c in found.contributions] == ["company-size"]
