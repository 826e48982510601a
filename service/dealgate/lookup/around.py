"""All look-ups in one place: what is shared by every catalog that decides, one after another."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol

from dealgate.decide import Catalog, Decide, DecideAll, Outcomes, alone
from dealgate.lookup.candidates import MarkedJournal, wants_candidates, with_candidates
from dealgate.lookup.cursors import Cursors, Series
from dealgate.lookup.mail import Resolver, wants_mail, with_mail_exchange
from dealgate.lookup.rates import rated
from dealgate.model.decision import Decision, Question
from dealgate.model.kind import AnyKind
from dealgate.model.lookups import KindLookups
from dealgate.model.rates import RateBook


class Journal(MarkedJournal, Series, Protocol):
    """What look-ups ask a journal."""


class Lookups:
    """Looks up what questions ask for, and the operator allows."""

    def __init__(
        self, kinds: Mapping[str, AnyKind], journal: Journal, resolver: Resolver | None
    ) -> None:
        """Look up what `kinds` declare; without a `resolver`, who wants DNS asked is refused."""
        self._kinds = kinds
        self._journal = journal
        self._cursors = Cursors(journal)
        self._resolver = resolver

    def around(
        self, decide_all: DecideAll, catalog: Catalog, rates: RateBook | None = None
    ) -> DecideAll:
        """Return `decide_all`, which decides by `catalog`, with its look-ups before it.

        Questions without look-ups stay one batch; each of the others waits for its own. `rates`
        are added to what needs them.
        """
        decide = alone(decide_all)
        look_ups: dict[str, Decide] = {}

        def looked_up(question: Question) -> Awaitable[Decision]:
            if question.kind not in look_ups:
                look_ups[question.kind] = self._looked_up(decide, question.kind, catalog)
            return look_ups[question.kind](question)

        async def with_look_ups(asked: Sequence[Question]) -> Outcomes:
            questions = [rated(question, catalog, rates) for question in asked]
            apart = [index for index, question in enumerate(questions) if self._wants(question)]
            if not apart:
                return await decide_all(questions)
            together = [index for index in range(len(questions)) if index not in set(apart)]
            batch, others = await asyncio.gather(
                decide_all([questions[index] for index in together]),
                asyncio.gather(*(_told(looked_up(questions[index])) for index in apart)),
            )
            outcomes = dict(zip(together, batch, strict=True)) | dict(
                zip(apart, others, strict=True)
            )
            return [outcomes[index] for index in range(len(questions))]

        return with_look_ups

    def _looked_up(self, decide: Decide, kind: str, catalog: Catalog) -> Decide:
        declared = self._declared(kind)
        if declared is None:
            return decide
        if declared.turn:
            decide = self._cursors.around(decide, declared.turn)
        if declared.marked:
            decide = with_candidates(decide, declared.marked, catalog, self._journal)
        if declared.mail:
            decide = with_mail_exchange(decide, declared.mail, self._resolver)
        return decide

    def _wants(self, question: Question) -> bool:
        """Whether anything has to be looked up before this question can be judged."""
        declared, facts = self._declared(question.kind), question.facts
        if declared is None:
            return False
        return bool(
            (declared.mail and wants_mail(declared.mail, facts))
            or (declared.marked and wants_candidates(declared.marked, facts))
            or (declared.turn and declared.turn.series(facts) is not None)
        )

    def _declared(self, kind: str) -> KindLookups[Any, Any] | None:
        """Return what a kind declares, once somebody asks it: most servers have few kinds."""
        return self._kinds[kind].lookups if kind in self._kinds else None


async def _told(deciding: Awaitable[Decision]) -> Decision | Exception:
    try:
        return await deciding
    except Exception as error:  # noqa: BLE001 - its caller gets the error, the others go on
        return error
