"""How to decide by the catalog in use: the walk, with lookups and telemetry around it."""

from collections.abc import Callable
from dataclasses import dataclass

from dealgate.assemble.provenance import made_with
from dealgate.challenge import challenged
from dealgate.decide import DecideAll, Decider, Journal, Judge
from dealgate.judge import Engine
from dealgate.kinds import KINDS
from dealgate.lookup.around import Lookups
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.live import LiveCatalog
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.described import Describer
from dealgate.telemetry.events import DecisionEvents
from dealgate.telemetry.setup import Telemetry


@dataclass(frozen=True, slots=True)
class Rooms:
    """What every decider works with; `around` may have questions judged elsewhere."""

    engine: Engine
    journal: Journal
    around: Callable[[Judge], Judge]


class Deciders:
    """Makes each catalog its own decider, which ends what it began when the catalog is replaced."""

    def __init__(
        self,
        live: LiveCatalog,
        rooms: Rooms,
        telemetry: Telemetry,
        lookups: Lookups,
        *,
        slow: float = float("inf"),
        pseudonym_key: bytes = b"",
    ) -> None:
        """Decide by the catalog in use; `slow`: seconds from which on a decision is logged."""
        self._key = pseudonym_key
        put = telemetry.put_log
        self._tell = None if put is None and slow == float("inf") else DecisionEvents(put, slow)
        self._lookups = lookups
        self._live = live
        self._rooms = rooms
        self._telemetry = telemetry
        self._made = self._make()

    def current(self) -> DecideAll:
        """Return how to decide by the catalog that is in use now."""
        if self._made[0] is not self._live.edition.catalog:
            self._made = self._make()
        return self._made[1]

    def _make(self) -> tuple[Catalog, DecideAll]:
        catalog = self._live.edition.catalog
        rooms = self._rooms

        def around(judge: Judge) -> Judge:
            return challenged(rooms.around(judge), catalog)

        decider = Decider(KINDS, catalog, rooms.engine, rooms.journal, around, made_with)
        telemetry = self._telemetry
        decide = self._lookups.around(decider.decide_all, catalog, catalog.rates)
        describer = Describer(KINDS, catalog.digest, self._key)
        return catalog, traced(decide, describer, telemetry, self._tell)
