"""A clock, a decider, a journal and a catalog of nothing but memory."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from google.protobuf.message import Message

from dealgate.decide import Outcomes
from dealgate.kinds.attribute.fitting import fit_serialized
from dealgate.model.answer import Answers
from dealgate.model.changes import Agreed, Judged, Released, Wanted
from dealgate.model.decision import Decision, DecisionFilter, Evidence, Fired, Page, Question
from dealgate.model.editions import Edition, Outcome, Reload
from dealgate.model.erasure import Erased, Erasure
from dealgate.model.errors import (
    BadQuestion,
    DealgateError,
    ResultExists,
    UnknownDecision,
    UnknownRuleSet,
)
from dealgate.model.flips import ExplainedDecision, Flip
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.model.provenance import Change
from dealgate.model.replays import Replayed, ReplayVerdict
from dealgate.model.results import Result
from dealgate.model.rules import AnyRuleSet, Release
from dealgate.v1 import impact_pb2
from dealgate.v1.insight_pb2 import GetVelocityResponse
from dealgate.wire.arrival import Arrival, uuid7
from dealgate.wire.subjects import SubjectPage, SubjectPorts
from tests.unrecorded import one_by_one
from tests.wire.samples import KINDS, NOON, WARM, Claim, ruleset


async def process_nothing(asked: FlowQuestion) -> FlowAnswer:
    """Answer a flow with nothing, by its own id."""
    return FlowAnswer(asked.id, b"", (), "completed")


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
    """Keeps decisions, newest first as the journal does, and what happened to them."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Decision] = []
        self.asked: list[DecisionFilter] = []
        self.told: dict[str, list[Result]] = {}

    async def attach(self, result: Result) -> Result:
        """Keep the result of a decision of the tenant's; who corrects is not checked here."""
        await self.get(result.tenant, result.decision_id)
        if result.revision == 1 and result.decision_id in self.told:
            raise ResultExists("it has another result")
        self.told.setdefault(result.decision_id, []).append(result)
        return result

    async def results(
        self, tenant: str, decision_ids: Sequence[str]
    ) -> Mapping[str, Sequence[Result]]:
        """Return what was told about the tenant's decisions."""
        mine = {one.id for one in self.kept if one.tenant == tenant}
        return {known: self.told[known] for known in decision_ids if known in mine & set(self.told)}

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


async def assess_nothing(
    request: impact_pb2.AssessImpactRequest, tenant: str
) -> AsyncIterator[impact_pb2.AssessImpactResponse]:
    """Say how far it is, and then whose decisions were asked about."""
    yield impact_pb2.AssessImpactResponse(decisions=1)
    impact = impact_pb2.RuleSetImpact(new_rule_set=f"{request.kind} of {tenant}", decisions=2)
    yield impact_pb2.AssessImpactResponse(decisions=2, impact=impact)


async def _export_nothing(*_: object) -> SubjectPage:
    return SubjectPage([], None)


async def _erase_nobody(erasure: Erasure) -> Erased:
    return Erased(f"erased-{erasure.subject.id}")


NO_SUBJECTS = SubjectPorts(_export_nothing, _erase_nobody)


async def replay_nothing(decision: Decision) -> Replayed:
    """Say that it came to something else."""
    changes = (Change("engine", "native/1", "native/2"),)
    verdict = ReplayVerdict.CHANGED
    return Replayed(
        decision.id, "qualify@1", verdict, decision.outcome, "HOT", ("header.engine",), changes
    )


async def explain_nothing(decision: Decision, flips_per_outcome: int) -> ExplainedDecision:
    """Explain a decision by as many flips as were asked for, each of which does nothing."""
    flips = [Flip(decision.outcome, [], []) for _ in range(flips_per_outcome)]
    return ExplainedDecision(decision.outcome, "", [], [], [], flips, len(flips), "")


@dataclass
class ScriptedDecider:
    """Decides every lead alike, but fails, repeats or waits for those it is told to.

    `waiting` is set once every lead in `waits` is under way.
    """

    records: MemoryRecords

    def __post_init__(self) -> None:
        """Start with no orders."""
        self.questions: list[Question] = []
        self.errors: dict[str, Exception] = {}
        self.waits: set[str] = set()
        self._under_way: set[str] = set()
        self.waiting = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, questions: Sequence[Question]) -> Outcomes:
        """Decide them at once."""
        return await one_by_one(self._decide)(questions)

    async def _decide(self, question: Question) -> Decision:
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
        self._under_way.add(lead)
        if self._under_way >= self.waits:
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
        return Answers(kind, ruleset(kind.name), "fake/1").answered(question, evidence, conclusion)

    def _kept(self, decision: Decision) -> Decision:
        self.records.kept.append(decision)
        return decision


class MemoryCatalog:
    """score@1 and score@2 decide one after the other, score@3 is a draft, qualify@1 is to come."""

    def __init__(self) -> None:
        """Fill the catalog; nothing changes it."""
        self._released = {
            "score": [_release(2, NOON - 10), _release(1, NOON - 20)],
            "qualify": [_release(1, 2 * NOON)],
        }

    digest = f"{7:064x}"

    def digest_for(self, tenant: str) -> str:
        """Return the same to all."""
        del tenant
        return self.digest

    def may_know(self, shelf: str, tenant: str) -> bool:
        """Say that it has no scopes."""
        del tenant
        return "/" not in shelf

    def all(self) -> Sequence[AnyRuleSet]:
        """Return all, in no good order."""
        return [ruleset("score", 2), ruleset("qualify"), ruleset("score", 3), ruleset("score")]

    def releases(self, kind: str) -> Sequence[Release]:
        """Return the releases, newest first."""
        return self._released.get(kind, [])

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind, oldest first."""
        return {kind: lines[::-1] for kind, lines in self._released.items()}

    def waiting(self, kind: str) -> Sequence[Release]:
        """Return the line of qualify@1, which waits."""
        return [_release(1, NOON + 10)] if kind == "waiting" else []

    def version(self, kind: str, version: int) -> AnyRuleSet:
        """Return the version."""
        for one in self.all():
            if (one.kind, one.version) == (kind, version):
                return one
        raise UnknownRuleSet(f"there is no {kind}@{version}")

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return what decides then."""
        for release in self.releases(kind):
            if release.effective_from <= as_of:
                return self.version(kind, release.version)
        raise UnknownRuleSet(f"no version of {kind} decides at that instant")


class ScriptedChanges:
    """Judges and releases as it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        """Find nothing wrong, and release from noon on."""
        self.judged = Judged()
        self.released: Released | DealgateError = Released(_release(3, NOON))
        self.asked: list[Any] = []

    async def judge(self, files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
        """Return what is scripted."""
        self.asked.append((files, deleted))
        return self.judged

    async def release(self, wanted: Wanted, *, dry_run: bool) -> Released:
        """Return or raise what is scripted."""
        self.asked.append((wanted, dry_run))
        if isinstance(self.released, DealgateError):
            raise self.released
        return replace(self.released, in_use=not dry_run)

    async def approve(self, agreed: Agreed) -> Released:
        """Return or raise what is scripted."""
        self.asked.append(agreed)
        if isinstance(self.released, DealgateError):
            raise self.released
        return self.released


async def fit_here(request: bytes) -> bytes:
    """Fit here."""
    return fit_serialized(request)


class EchoingInsights:
    """Keeps what it was asked; every answer has its basis as of then."""

    def __init__(self) -> None:
        """Start with no questions."""
        self.asked: list[tuple[str, Message, str]] = []

    async def answer(self, name: str, request: Message, tenant: str, now: int) -> bytes:
        """Answer any insight: each response has a basis in the same place."""
        self.asked.append((name, request, tenant))
        reply = GetVelocityResponse()
        reply.basis.as_of.FromNanoseconds(now)
        return reply.SerializeToString()


class MemoryLive:
    """A catalog that never changes, unless a test says so."""

    def __init__(self) -> None:
        """Take it into use at noon."""
        self.edition = Edition(1, MemoryCatalog(), NOON)
        self.last = Reload(NOON, Outcome.TAKEN)


def _release(version: int, effective_from: int) -> Release:
    return Release(version, effective_from, f"{version:064x}", "ann@example.com", "It is time.")
