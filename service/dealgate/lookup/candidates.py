"""Leads verified before that may be the same person, found in the journal by their marks."""

from collections.abc import Sequence
from typing import Any, Protocol

from dealgate.decide import Catalog, Decide
from dealgate.kinds.verify import marks
from dealgate.kinds.verify.violations import CANDIDATES_MAX
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import UnknownRuleSet
from dealgate.v1 import verify_pb2 as pb
from dealgate.v1.lead_pb2 import Lead

# Of each mark: a switchboard's number is shared by hundreds, and the newest will do.
NEWEST = 50


class Marked(Protocol):
    """A journal that finds decisions by their marks."""

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""


def with_candidates(decide: Decide, catalog: Catalog, journal: Marked) -> Decide:
    """Return `decide` for verify questions, which looks for candidates if they ask for it."""

    async def looked_up(question: Question) -> Decision:
        facts: Any = question.facts
        if not facts.find_candidates:
            return await decide(question)
        try:
            found = await _candidates(question, facts, catalog, journal)
        except UnknownRuleSet:
            # The walk refuses it too, and for all its reasons at once.
            return await decide(question)
        known = pb.VerifyFacts()
        known.CopyFrom(facts)
        room = max(CANDIDATES_MAX - len(known.candidates), 0)
        known.candidates.extend(found[:room])
        return await decide(added(question, known))

    return looked_up


async def _candidates(
    question: Question, facts: pb.VerifyFacts, catalog: Catalog, journal: Marked
) -> list[Lead]:
    """Return what was known at `as_of`: the newest verified form of each lead."""
    version, kind = question.version, question.kind
    at = catalog.at(kind, question.as_of) if version is None else catalog.version(kind, version)
    known = {facts.lead.id, *(one.id for one in facts.candidates)}
    found: dict[str, tuple[str, Lead]] = {}
    for mark in marks(facts, at.parameters):
        for decision in await journal.marked(question.tenant, mark, NEWEST):
            newest, _ = found.get(decision.entity.id, ("", None))
            if decision.decided_at <= question.as_of and decision.id > newest:
                found[decision.entity.id] = (decision.id, _verified(decision))
    newest_first = sorted(found.values(), key=lambda one: one[0], reverse=True)
    return [lead for _, lead in newest_first if lead.id not in known]


def _verified(decision: Decision) -> Lead:
    return pb.VerifyLeadResponse.FromString(decision.answer).outcome.lead
