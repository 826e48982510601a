"""Earlier decisions about what may be the same, found in the journal by their marks."""

from collections.abc import Sequence
from typing import Any, Protocol

from google.protobuf.message import Message

from dealgate.decide import Catalog, Decide, may_decide
from dealgate.lookup import added
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.lookups import MarkLookup

# Of each mark: a switchboard's number is shared by hundreds, and the newest will do.
NEWEST = 50


class MarkedJournal(Protocol):
    """A journal that finds decisions by their marks."""

    async def marked(self, tenant: str, mark: str, limit: int) -> Sequence[Decision]:
        """Return the newest decisions with this mark, at most `limit`, newest first."""


def wants_candidates(look_up: MarkLookup[Any, Any], facts: Message) -> bool:
    """Whether the caller asks for it."""
    return any(getattr(facts, name) for name in look_up.asked_by)


def with_candidates(
    decide: Decide, look_up: MarkLookup[Any, Any], catalog: Catalog, journal: MarkedJournal
) -> Decide:
    """Return `decide`, which looks for candidates if questions ask for it."""

    async def looked_up(question: Question) -> Decision:
        if not wants_candidates(look_up, question.facts):
            return await decide(question)
        try:
            decisions = await _candidates(question, look_up, catalog, journal)
        except UnknownRuleSet:
            # The walk refuses it too, and for all its reasons at once.
            return await decide(question)
        return await decide(added(question, look_up.with_decisions(question.facts, decisions)))

    return looked_up


async def _candidates(
    question: Question, look_up: MarkLookup[Any, Any], catalog: Catalog, journal: MarkedJournal
) -> list[Decision]:
    """Return what was known at `as_of`: the newest decision about each entity, newest first."""
    newest: dict[str, Decision] = {}
    marks: dict[str, None] = {}
    for rules in may_decide(question, catalog):
        marks |= dict.fromkeys(look_up.marks(question.facts, rules.parameters))
    for mark in marks:
        for decision in await journal.marked(question.tenant, mark, NEWEST):
            known = newest.get(decision.entity.id)
            is_newer = known is None or decision.id > known.id
            if decision.decided_at <= question.as_of and is_newer:
                newest[decision.entity.id] = decision
    return sorted(newest.values(), key=lambda decision: decision.id, reverse=True)
