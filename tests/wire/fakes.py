"""A decider, a journal and a catalog of nothing but memory, for a real server around them."""

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message
from pydantic import BaseModel

from dealgate.model.answer import answered
from dealgate.model.decision import (
    Conclusion,
    Decision,
    DecisionFilter,
    Entity,
    Evidence,
    Fired,
    Page,
    Question,
)
from dealgate.model.errors import BadQuestion, UnknownDecision, UnknownRuleSet, Violation
from dealgate.model.kind import AnyKind, Kind
from dealgate.model.rules import Each, Expression, Place, Release, Rule, RuleSet
from dealgate.v1 import qualify_pb2, score_pb2
from dealgate.v1.decision_pb2 import DecisionOptions
from dealgate.wire.arrival import Arrival, uuid7

NOON = 1_780_315_200_000_000_000  # 2026-06-01T12:00:00Z
HERE = Place("rules/score/v1.yaml", 7, 3)


class Claim(BaseModel):
    """What a rule of these tests may claim."""

    points: int


def lead_kind(
    name: str, request: Any, response: Any, facts: Any, outcome: type[Message]
) -> AnyKind:
    """Return a kind that wants a lead's id and concludes the same of every lead."""

    def check(given: Any, _parameters: Claim, _as_of: int) -> Sequence[Violation]:
        return [] if given.lead.id else [Violation("lead.id", "is required; give your id")]

    return Kind(
        name=name,
        request=request,
        response=response,
        facts=facts,
        effect=Claim,
        parameters=Claim,
        entity=lambda given: Entity("lead", given.lead.id),
        check=check,
        conclude=lambda *_: Conclusion(outcome(), "WARM"),
    )


SCORE = lead_kind(
    "score",
    score_pb2.ScoreLeadRequest,
    score_pb2.ScoreLeadResponse,
    score_pb2.ScoreFacts,
    score_pb2.ScoreOutcome,
)
QUALIFY = lead_kind(
    "qualify",
    qualify_pb2.QualifyLeadRequest,
    qualify_pb2.QualifyLeadResponse,
    qualify_pb2.QualifyFacts,
    qualify_pb2.QualifyOutcome,
)
KINDS = {"score": SCORE, "qualify": QUALIFY}


def cel(source: str) -> Expression:
    """Return an expression nobody compiles."""
    return Expression(source, "bool", b"", HERE)


WARM = Rule("warm", cel("lead.id != ''"), Claim(points=5), "A lead is a lead.", HERE)
TOUCHED = Rule(
    "touched", None, Claim(points=1), "Each counts.", HERE, each=Each("a", cel("activities"))
)


def ruleset(kind: str = "score", version: int = 1) -> RuleSet:
    """Return a rule set of two rules."""
    because = f"{kind} as it was in version {version}"
    return RuleSet(
        kind=kind,
        version=version,
        owner="revenue-operations",
        because=because,
        digest=f"{version:064x}",
        constants={},
        facts={},
        rules=[WARM, TOUCHED],
        parameters=Claim(points=0),
        place=HERE,
    )


class SteppingClock:
    """Gives every arrival its own microsecond, from noon on."""

    def __init__(self) -> None:
        """Start at noon."""
        self._steps = itertools.count()

    def __call__(self) -> Arrival:
        """Return the next arrival."""
        at = NOON + 1_000 * next(self._steps)
        return Arrival(uuid7(at), at)


class MemoryRecords:
    """Keeps decisions; newest first, as the journal does."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Decision] = []
        self.asked: list[DecisionFilter] = []

    async def get(self, tenant: str, decision_id: str) -> Decision:
        """Return the tenant's decision."""
        for decision in self.kept:
            if (decision.tenant, decision.id) == (tenant, decision_id):
                return decision
        raise UnknownDecision(f"there is no decision {decision_id}")

    async def find(self, wanted: DecisionFilter) -> Page:
        """Return a page of the tenant's decisions of the kind."""
        self.asked.append(wanted)
        found = [
            one
            for one in sorted(self.kept, key=lambda one: one.id, reverse=True)
            if one.tenant == wanted.tenant
            if wanted.kind in {None, one.kind}
            if wanted.before is None or one.id < wanted.before
        ]
        page = found[: wanted.limit]
        return Page(page, page[-1].id if len(found) > len(page) else None)


@dataclass
class ScriptedDecider:
    """Decides every lead alike, but fails, repeats or waits for those it is told to."""

    records: MemoryRecords

    def __post_init__(self) -> None:
        """Start with no orders."""
        self.questions: list[Question] = []
        self.errors: dict[str, Exception] = {}
        self.waits: set[str] = set()
        self.waiting = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, question: Question) -> Decision:
        """Decide, and keep the decision unless it is a dry run."""
        self.questions.append(question)
        facts: Any = question.facts
        await self._wait(facts.lead.id)
        kind = KINDS[question.kind]
        violations = [*question.violations, *kind.check(facts, Claim(points=0), question.as_of)]
        if violations:
            raise BadQuestion(violations)
        if facts.lead.id in self.errors:
            raise self.errors[facts.lead.id]
        return self._first(question) or self._kept(self._judged(question))

    async def _wait(self, lead: str) -> None:
        if lead not in self.waits:
            return
        self.waiting.set()
        try:
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    def _first(self, question: Question) -> Decision | None:
        if question.key is None:
            return None
        return next((one for one in self.records.kept if one.key == question.key), None)

    def _judged(self, question: Question) -> Decision:
        kind = KINDS[question.kind]
        evidence = Evidence(fired=[Fired(WARM)], missing=("lead.email",))
        conclusion = kind.conclude(question.facts, ruleset(kind.name), evidence, question.as_of)
        return answered(question, kind, ruleset(kind.name), evidence, conclusion, "fake/1")

    def _kept(self, decision: Decision) -> Decision:
        self.records.kept.append(decision)
        return decision


def score(lead: str = "L1", **options: Any) -> score_pb2.ScoreLeadRequest:
    """Return a request to score the lead."""
    request = score_pb2.ScoreLeadRequest(options=DecisionOptions(**options))
    request.facts.lead.id = lead
    return request


def qualify(lead: str = "L1", **options: Any) -> qualify_pb2.QualifyLeadRequest:
    """Return a request to qualify the lead."""
    request = qualify_pb2.QualifyLeadRequest(options=DecisionOptions(**options))
    request.facts.lead.id = lead
    return request


class MemoryCatalog:
    """score@1 and score@2 decide one after the other, score@3 is a draft, qualify@1 is to come."""

    def __init__(self) -> None:
        """Fill the catalog; nothing changes it."""
        self._released = {
            "score": [_release(2, NOON - 10), _release(1, NOON - 20)],
            "qualify": [_release(1, 2 * NOON)],
        }

    def all(self) -> Sequence[RuleSet]:
        """Return all, in no good order."""
        return [ruleset("score", 2), ruleset("qualify"), ruleset("score", 3), ruleset("score")]

    def releases(self, kind: str) -> Sequence[Release]:
        """Return the releases, newest first."""
        return self._released.get(kind, [])

    def version(self, kind: str, version: int) -> RuleSet:
        """Return the version."""
        for one in self.all():
            if (one.kind, one.version) == (kind, version):
                return one
        raise UnknownRuleSet(f"there is no {kind}@{version}")

    def at(self, kind: str, as_of: int) -> RuleSet:
        """Return what decides then."""
        for release in self.releases(kind):
            if release.effective_from <= as_of:
                return self.version(kind, release.version)
        raise UnknownRuleSet(f"no version of {kind} decides at that instant")


def _release(version: int, effective_from: int) -> Release:
    return Release(version, effective_from, f"{version:064x}", "ann@example.com", "It is time.")
