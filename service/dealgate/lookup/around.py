"""All look-ups in one place: what is shared by every catalog that decides, one after another."""

from typing import Protocol

from dealgate.decide import Catalog
from dealgate.lookup import Decide
from dealgate.lookup.candidates import Marked, with_candidates
from dealgate.lookup.cursors import Cursors, Series
from dealgate.lookup.mail import Resolver, with_mail_exchange
from dealgate.model.decision import Decision, Question


class Journal(Marked, Series, Protocol):
    """What look-ups ask a journal."""


class Lookups:
    """Looks up what questions ask for, and the operator allows."""

    def __init__(self, journal: Journal, resolver: Resolver | None) -> None:
        """Without a `resolver`, questions that want DNS asked are refused."""
        self._journal = journal
        self._cursors = Cursors(journal)
        self._resolver = resolver

    def around(self, decide: Decide, catalog: Catalog) -> Decide:
        """Return `decide`, which decides by `catalog`, with its look-ups before it."""
        verify = with_candidates(decide, catalog, self._journal)
        own = {
            "verify": with_mail_exchange(verify, self._resolver),
            "route": self._cursors.around(decide),
        }

        async def looked_up(question: Question) -> Decision:
            return await own.get(question.kind, decide)(question)

        return looked_up
