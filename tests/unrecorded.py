"""Questions that nobody records, and how to ask them."""

import asyncio
from collections.abc import Sequence
from typing import NoReturn

from dealgate.decide import Decide, DecideAll, Outcomes
from dealgate.model.decision import Decision, Question
from dealgate.model.rules import AnyRuleSet
from dealgate.rulebook.cases import Case

NO_ID = "00000000-0000-7000-8000-000000000000"


class NoJournal:
    """Stands in for the journal of dry runs, which record nothing."""

    async def append_all(self, decisions: Sequence[Decision]) -> Sequence[Decision | Exception]:
        """Refuse."""
        raise RuntimeError(f"{len(decisions)} decisions of dry runs came to the journal")

    async def recall(self, tenant: str, key: str, body_hash: bytes) -> NoReturn:
        """Refuse."""
        del tenant, body_hash
        raise RuntimeError(f"a dry run asked the journal for the key {key!r}")


def question_of(ruleset: AnyRuleSet, case: Case) -> Question:
    """Return what a case asks, as a dry run of its version."""
    return Question(
        id=NO_ID,
        kind=ruleset.kind,
        facts=case.facts,
        as_of=case.as_of,
        asked_at=case.as_of,
        as_of_given=True,
        version=ruleset.version,
        dry_run=True,
    )


def one_by_one(decide: Decide) -> DecideAll:
    """Return how to answer a batch by something that answers single questions."""

    async def decide_all(questions: Sequence[Question]) -> Outcomes:
        outcomes = await asyncio.gather(*map(decide, questions), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, Exception):
                raise outcome
        return [o for o in outcomes if isinstance(o, Decision | Exception)]

    return decide_all
