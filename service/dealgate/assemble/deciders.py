"""How to decide by the catalog in use: the walk and flows, with lookups and telemetry around."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dealgate.assemble.provenance import made_with
from dealgate.challenge import challenged
from dealgate.decide import Begin, DecideAll, Decider, Journal, Judge
from dealgate.entities.around import Completion
from dealgate.flows import FLOWS, processing
from dealgate.flows.processing import Flows
from dealgate.judge import Engine
from dealgate.lookup.around import Lookups
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.live import LiveCatalog
from dealgate.telemetry.active import may_decide
from dealgate.telemetry.counts import begin
from dealgate.telemetry.decisions import traced
from dealgate.telemetry.described import Describer
from dealgate.telemetry.events import DecisionEvents
from dealgate.telemetry.flows import traced_flow
from dealgate.telemetry.setup import Telemetry
from dealgate.wire.flowing import Process


class Keeper(Journal, processing.Journal, Protocol):
    """The journal, as the walk and flows need it."""


@dataclass(frozen=True, slots=True)
class CatalogDeciders:
    """What decides by one catalog."""

    catalog: Catalog
    decide_all: DecideAll
    process: Process


@dataclass(frozen=True, slots=True)
class Rooms:
    """What every decider works with; `around` may have questions judged elsewhere."""

    engine: Engine
    journal: Keeper
    around: Callable[[Judge], Judge]
    ahead: Callable[[Begin], Begin] | None = None


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
        completion: Completion | None = None,
    ) -> None:
        """Decide by the catalog in use; `slow`: seconds from which on a decision is logged.

        Without `completion`, questions are decided by what is sent.
        """
        self._completion = completion
        self._key = pseudonym_key
        records = None if telemetry.put_log is None else telemetry.later.records
        watches = records is not None or slow < float("inf")
        self._tell = DecisionEvents(records, slow) if watches else None
        self._lookups = lookups
        self._live = live
        self._rooms = rooms
        self._telemetry = telemetry
        self._made = self._make()

    def current(self) -> DecideAll:
        """Return how to decide by the catalog that is in use now."""
        return self._current().decide_all

    def flows(self) -> Process:
        """Return how to take something through a flow by the catalog that is in use now."""
        return self._current().process

    def _current(self) -> CatalogDeciders:
        if self._made.catalog is not self._live.edition.catalog:
            self._made = self._make()
        return self._made

    def _make(self) -> CatalogDeciders:
        catalog = self._live.edition.catalog
        rooms = self._rooms

        def beside(judge: Judge) -> Judge:
            return challenged(rooms.around(judge), catalog)

        engine, journal = rooms.engine, rooms.journal
        decider = Decider(catalog.kinds, catalog, engine, journal, beside, made_with, rooms.ahead)
        describer = Describer(catalog.kinds, catalog.digest, self._key)
        begin(self._telemetry.meter, may_decide(catalog, time.time_ns()))

        telemetry, completion = self._telemetry, self._completion

        def around(decide_all: DecideAll, *, in_flow: bool = False) -> DecideAll:
            decide = self._lookups.around(decide_all, catalog, catalog.rates)
            if completion is not None and not in_flow:
                decide = completion.around(decide, catalog)
            return traced(decide, describer, telemetry, self._tell, in_flow=in_flow)

        judge_all = around(decider.judge_all, in_flow=True)
        flows = Flows(FLOWS, judge_all, rooms.journal, catalog.served)
        process: Process = flows.process
        if completion is not None:
            process = completion.around_flow(process, catalog)
        process = traced_flow(process, telemetry)
        return CatalogDeciders(catalog, around(decider.decide_all), process)
