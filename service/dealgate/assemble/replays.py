"""Recorded decisions decided again: how a process of the command line, or a server, does it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

from dealgate.aside.queues import WorkQueue
from dealgate.assemble.provenance import made_with
from dealgate.desk.reading import read_rules
from dealgate.foresight.replaying import Replayer
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged
from dealgate.model.replays import Replayed
from dealgate.rulebook.live import LiveCatalog
from dealgate.wire.replaying import Replay

Records: TypeAlias = Sequence[Decision | RecordDamaged]
Replays: TypeAlias = Sequence[Replayed | RecordDamaged]


class Rules(NamedTuple):
    """A folder of rules, and the one kind that is read of it; None: all."""

    folder: str
    only: str | None = None


def replays_of(rules: Rules) -> Callable[[Records], Replays]:
    """Return what decides records again by these rules; raises RulebookFaults."""
    catalog = read_rules(Path(rules.folder), rules.only)
    replay = Replayer(catalog.kinds, catalog, made_with).replay

    def replays(records: Records) -> Replays:
        return [
            record if isinstance(record, RecordDamaged) else replay(record) for record in records
        ]

    return replays


def replay_port(live: LiveCatalog, queue: WorkQueue) -> Replay:
    """Return how a recorded decision is decided again by the catalog in use."""
    made: list[tuple[object, Replayer]] = []

    def replayed(decision: Decision) -> Replayed:
        catalog = live.edition.catalog
        if not made or made[0][0] is not catalog:
            made[:] = [(catalog, Replayer(catalog.kinds, catalog, made_with))]
        return made[0][1].replay(decision)

    async def replay(decision: Decision) -> Replayed:
        return await queue.run(replayed, decision)

    return replay
