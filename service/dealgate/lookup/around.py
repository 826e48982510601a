"""All look-ups in one place: what is shared by every catalog that decides, one after another."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Protocol

from dealgate.decide import Catalog, DecideAll, Outcomes, alone
from dealgate.lookup.candidates import Marked, with_candidates
from dealgate.lookup.cursors import Cursors, Series
from dealgate.lookup.mail import Resolver, with_mail_exchange
from dealgate.lookup.rates import rated
from dealgate.model.decision import Decision, Question
from dealgate.model.exchange import RateBook


class Journal(Marked, Series, Protocol):
    """What look-ups ask a journal."""


class Lookups:
    """Looks up what questions ask for, and the operator allows."""

    def __init__(self, journal: Journal, resolver: Resolver | None) -> None:
        """Without a `resolver`, questions that want DNS asked are refused."""
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
        verify = with_candidates(decide, catalog, self._journal)
        look_ups = {
            "verify": with_mail_exchange(verify, self._resolver),
            "route": self._cursors.around(decide),
        }

        async def with_look_ups(asked: Sequence[Question]) -> Outcomes:
            questions = [rated(question, catalog, rates) for question in asked]
            apart = [index for index, question in enumerate(questions) if _wants(question)]
            if not apart:
                return await decide_all(questions)
            together = [index for index in range(len(questions)) if index not in set(apart)]
            batch, others = await asyncio.gather(
                decide_all([questions[index] for index in together]),
                asyncio.gather(*(_told(look_ups[questions[i].kind](questions[i])) for i in apart)),
            )
            outcomes = dict(zip(together, batch, strict=True)) | dict(
                zip(apart, others, strict=True)
            )
            return [outcomes[index] for index in range(len(questions))]

        return with_look_ups


def _wants(question: Question) -> bool:
    """Whether anything has to be looked up before this question can be judged."""
    facts: Any = question.facts
    if question.kind == "verify":
        return bool(facts.find_candidates or facts.look_up_mail_exchange)
    return question.kind == "route" and not facts.cursor.HasField("version")


async def _told(deciding: Awaitable[Decision]) -> Decision | Exception:
    try:
        return await deciding
    except Exception as error:  # noqa: BLE001 - whoever asked is told, and the others go on
        return error
