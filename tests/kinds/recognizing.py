"""Contracts to recognise, by hand and by text."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from google.protobuf import text_format
from google.type.date_pb2 import Date
from google.type.decimal_pb2 import Decimal

from dealgate.kinds.recognize import RECOGNIZE
from dealgate.model.decision import AnyEvidence, Evidence, Fired
from dealgate.model.money import from_minor, to_minor
from dealgate.model.rules import AnyRule, AnyRuleSet
from dealgate.v1 import recognize_pb2 as pb
from tests.kinds import build

# Midday of 2030-01-01, UTC: long after everything that is said to have happened.
AS_OF = int(dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC).timestamp()) * 10**9


def day(text: str) -> Date:
    """Return an ISO day as a message."""
    at = dt.date.fromisoformat(text)
    return Date(year=at.year, month=at.month, day=at.day)


def number(text: str) -> Decimal:
    """Return an exact number."""
    return Decimal(value=text)


def months(first: str, count: int) -> list[pb.FinancePeriod]:
    """Return so many calendar months as finance periods, called "2026-01" and so on."""
    found, start = [], dt.date.fromisoformat(first)
    for _ in range(count):
        after = (start.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        last = after - dt.timedelta(days=1)
        found.append(
            pb.FinancePeriod(id=f"{start:%Y-%m}", start=day(str(start)), end=day(str(last)))
        )
        start = after
    return found


def years(first: int, count: int) -> list[pb.FinancePeriod]:
    """Return so many calendar years as finance periods, called "2026" and so on."""
    return [
        pb.FinancePeriod(id=str(year), start=day(f"{year}-01-01"), end=day(f"{year}-12-31"))
        for year in range(first, first + count)
    ]


def facts(lines: str, periods: Sequence[pb.FinancePeriod], **more: Any) -> pb.RecognizeFacts:
    """Return a contract whose lines are given as protobuf text."""
    question = pb.RecognizeFacts(periods=periods, **more)
    question.contract.id = "K-1"
    text_format.Merge(lines, question)
    return question


def rule(name: str, over: str = "lines", **effect: object) -> AnyRule:
    """Return a rule that claims `effect` about each element of the list, or "" the contract."""
    return build.rule(RECOGNIZE, name, effect, over)


def claims(*hits: tuple[AnyRule, int]) -> AnyEvidence:
    """Return evidence of rules that fired, each on one element."""
    return Evidence(fired=[Fired(one, (element,)) for one, element in hits])


def ruleset(**parameters: object) -> AnyRuleSet:
    """Return a rule set with these parameters."""
    return build.ruleset(RECOGNIZE, [], parameters)


def recognized(
    question: pb.RecognizeFacts, evidence: AnyEvidence | None = None, **parameters: object
) -> pb.RecognizeOutcome:
    """Check the facts, conclude, and return the outcome."""
    rules = ruleset(**parameters)
    assert RECOGNIZE.check(question, rules.parameters, AS_OF) == []
    outcome = RECOGNIZE.conclude(question, rules, evidence or Evidence(), AS_OF).outcome
    assert isinstance(outcome, pb.RecognizeOutcome)
    return outcome


def schedule(obligation: pb.PerformanceObligation) -> dict[str, int]:
    """Return what each period earns, in minor units."""
    return {part.period_id: to_minor(part.amount) for part in obligation.schedule}


def allocated(outcome: pb.RecognizeOutcome) -> list[int]:
    """Return each obligation's part of the price, in minor units."""
    return [to_minor(one.allocated) for one in outcome.obligations]


def usd(cents: int) -> str:
    """Return an amount as protobuf text."""
    return "{ " + text_format.MessageToString(from_minor(cents, "USD"), as_one_line=True) + " }"


def text_day(text: str) -> str:
    """Return an ISO day as protobuf text."""
    return "{ " + text_format.MessageToString(day(text), as_one_line=True) + " }"
