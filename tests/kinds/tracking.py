"""Quotas to track, by hand: the third quarter of 2026 has 66 business days, 33 by 14 August."""

import datetime as dt
from typing import Any

from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from dealgate.kinds.quota import QUOTA
from dealgate.model.decision import AnyEvidence, Evidence
from dealgate.model.money import from_minor, to_minor
from dealgate.model.rules import AnyRule
from dealgate.v1 import quota_pb2 as pb
from tests.kinds import build
from tests.shipped import ENGINE, catalog

AS_OF = int(dt.datetime(2026, 8, 14, 18, tzinfo=dt.UTC).timestamp()) * 10**9
TIERS: dict[str, Any] = {
    "tiers": [
        {"start": 0, "rate": "0.05"},
        {"start": 1, "rate": "0.06"},
        {"start": "1.25", "rate": "0.07"},
    ]
}


def day(text: str) -> Date:
    """Return an ISO day as a message."""
    at = dt.date.fromisoformat(text)
    return Date(year=at.year, month=at.month, day=at.day)


def seller(
    name: str, quota: int | None = None, manager: str | None = None, **more: Any
) -> pb.Seller:
    """Return a seller with a quota in minor units."""
    one = pb.Seller(id=name, **more)
    if quota is not None:
        one.quota.CopyFrom(from_minor(quota, "USD"))
    if manager is not None:
        one.manager_id = manager
    return one


def credit(name: str, owner: str, cents: int, **more: Any) -> pb.QuotaCredit:
    """Return a credit booked on 10 July."""
    given = {"booked_on": day("2026-07-10"), "amount": from_minor(cents, "USD")} | more
    return pb.QuotaCredit(id=name, owner_id=owner, **given)


def facts(sellers: list[pb.Seller], credits_: list[pb.QuotaCredit], **plan: Any) -> pb.QuotaFacts:
    """Return a question about the first seller."""
    return pb.QuotaFacts(
        plan=pb.QuotaPlan(id="P", start=day("2026-07-01"), end=day("2026-09-30"), **plan),
        owner_id=sellers[0].id,
        sellers=sellers,
        credits=credits_,
    )


def rule(name: str, over: str = "credits", **effect: object) -> AnyRule:
    """Return a rule that claims `effect` about each credit."""
    return build.rule(QUOTA, name, effect, over)


def tracked(
    question: pb.QuotaFacts, evidence: AnyEvidence | None = None, **parameters: object
) -> pb.QuotaOutcome:
    """Check the facts, conclude, and return the outcome."""
    rules = build.ruleset(QUOTA, [], parameters)
    assert QUOTA.check(question, rules.parameters, AS_OF) == []
    outcome = QUOTA.conclude(question, rules, evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.QuotaOutcome)
    return outcome


def number(text: str) -> Decimal:
    """Return an exact number."""
    return Decimal(value=text)


def legs(outcome: pb.QuotaOutcome) -> list[int]:
    """Return what each tier paid, in minor units."""
    return [to_minor(leg.amount) for leg in outcome.commission.legs]


async def decided(question: pb.QuotaFacts, version: int = 2) -> pb.QuotaOutcome:
    """Return the outcome by a shipped version of the rules."""
    rules = catalog().version("quota", version)
    assert QUOTA.check(question, rules.parameters, AS_OF) == []
    evidence = await ENGINE.fire(rules, question, AS_OF, explain=False)
    outcome = QUOTA.conclude(question, rules, evidence, AS_OF).outcome
    assert isinstance(outcome, pb.QuotaOutcome)
    return outcome
