"""No kind refuses an amount because of its currency (findings, leads L-06 and L-07)."""

from typing import Any

import pytest
from google.protobuf import json_format

from dealgate.judge import judged
from dealgate.kinds import KINDS
from dealgate.model.kind import AnyKind
from dealgate.v1 import inspect_pb2 as pb
from tests.kinds import build
from tests.shipped import ENGINE, catalog, rulesets

AMOUNT = {"currency_code": "USD", "units": 60_000}
LEAD = {"id": "L1", "company": {"annual_revenue": AMOUNT}}
FACTS: dict[str, dict[str, Any]] = {
    "score": {"lead": LEAD},
    "qualify": {
        "lead": LEAD,
        "annual_contract_value": AMOUNT,
        "bant": {"budget": {"amount": AMOUNT}},
    },
    "route": {"lead": LEAD, "annual_contract_value": AMOUNT},
    "convert": {"lead": LEAD, "deal": {"amount": AMOUNT, "budget": AMOUNT}},
    "advance": {
        "opportunity": {"id": "O1", "stage_name": "Qualification", "amount": AMOUNT},
        "target_stage": "Needs Analysis",
    },
    "inspect": {
        "id": "emea",
        "deals": [{"opportunity": {"id": "O1", "stage_name": "Qualification", "amount": AMOUNT}}],
    },
}
FACTS["close"] = {
    "opportunity": {"id": "O1", "amount": AMOUNT},
    "ending": "DEAL_ENDING_WON",
    "contract": {"total": AMOUNT},
}
FACTS["health"] = {"customer": {"id": "C1", "annual_recurring_revenue": AMOUNT}}
FACTS["forecast"] = {
    "id": "emea",
    "period_start": {"year": 2026, "month": 7, "day": 1},
    "period_end": {"year": 2026, "month": 9, "day": 30},
    "opportunities": [{"id": "O1", "stage_name": "Qualification", "amount": AMOUNT}],
}
RATES = {
    "base_currency_code": "EUR",
    "day": {"year": 2026, "month": 7, "day": 14},
    "rates": [{"currency_code": "USD", "rate": {"value": "1.2"}}],
}
RATED = [
    kind for kind in KINDS.values() if "exchange_rates" in kind.facts.DESCRIPTOR.fields_by_name
]


@pytest.mark.parametrize("kind", RATED, ids=lambda kind: kind.name)
@pytest.mark.parametrize("rates", [None, RATES], ids=["unrated", "rated"])
def test_an_amount_in_another_currency_is_answered(
    kind: AnyKind, rates: dict[str, object] | None
) -> None:
    """Every version answers; with a rate it names it for each amount, without it names none."""
    shared = {} if rates is None else {"exchange_rates": rates}
    facts = json_format.ParseDict({**FACTS[kind.name], **shared}, kind.facts())
    for ruleset in rulesets(kind.name):
        if not getattr(ruleset.parameters, "currency", None):
            continue
        verdict = judged(kind, ENGINE.prepare(ruleset), facts, build.AS_OF)
        outcome = json_format.MessageToDict(verdict.answer.outcome)
        told = outcome.get("conversions", [])
        assert told, ruleset.name
        assert all(("to" in one) == (rates is not None) for one in told), ruleset.name
        assert all(one["rate"]["value"] == "0.833333333333" for one in told if "rate" in one)


def test_no_order_of_deals_changes_the_health_of_a_pipeline() -> None:
    """The same deals in any order, of two currencies: the same answer but for their order."""
    ruleset = catalog().version("inspect", 2)
    program = ENGINE.prepare(ruleset)
    deals = [
        {
            "opportunity": {
                "id": f"O{number}",
                "stage_name": "Qualification",
                "amount": {"currency_code": code, "units": 10_000 * number},
                "close_date": {"year": 2026, "month": month, "day": 1},
            }
        }
        for number, (code, month) in enumerate([("EUR", 12), ("USD", 1), ("USD", 2)], start=1)
    ]
    answers = []
    for ordered in (deals, deals[::-1]):
        facts = json_format.ParseDict({"id": "p", "deals": ordered}, pb.InspectFacts())
        outcome = judged(KINDS["inspect"], program, facts, build.AS_OF).answer.outcome
        assert isinstance(outcome, pb.InspectOutcome)
        answers.append((outcome.health, outcome.by_currency, sorted(outcome.worklist)))
    assert answers[0] == answers[1]
    assert [one.currency_code for one in answers[0][1]] == ["EUR", "USD"]
