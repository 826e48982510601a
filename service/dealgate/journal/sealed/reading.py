"""Reads a sealed journal in any process: it can be pickled, without any key."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dealgate.journal.chain import Link
from dealgate.journal.evidence import EvidenceSnapshot
from dealgate.journal.port import Reader, Recorded, TenantReader
from dealgate.journal.sealed.keyring import Keyring
from dealgate.journal.sealed.keys_at import KeysAt
from dealgate.journal.sealed.loading import load
from dealgate.journal.sealed.sealer import unsealed
from dealgate.journal.sealed.texts import unsealed_entry, unsealed_result
from dealgate.model.audit import Audited
from dealgate.model.decision import Decision
from dealgate.model.errors import RecordDamaged

BATCH = 256


@dataclass(frozen=True, slots=True)
class SealedReader:
    """Reads a journal with the keys at `keys`."""

    within: Reader
    keys: KeysAt

    def decision(self, tenant: str, decision_id: str) -> Decision:
        """Return the decision; raises JournalUnusable, UnknownDecision and RecordDamaged."""
        decision = self.within.decision(tenant, decision_id)
        with closing(Keyring.open(self.keys)) as ring:
            return unsealed(ring, decision)

    def of_tenant(self, tenant: str) -> "SealedTenantReader":
        """Return what reads the decisions of this tenant."""
        return SealedTenantReader(self.within.of_tenant(tenant), self.keys)

    @contextmanager
    def evidence(self) -> Iterator["SealedEvidence"]:
        """Within the block, read all evidence as of one instant."""
        with self.within.evidence() as kept, closing(Keyring.open(self.keys)) as ring:
            yield SealedEvidence(kept, ring)

    def newest(self) -> Decision | None:
        """Return the newest decision of all, as it is kept."""
        return self.within.newest()


@dataclass(frozen=True, slots=True)
class SealedTenantReader:
    """Reads one tenant's decisions, in any process."""

    within: TenantReader
    keys: KeysAt

    def __call__(
        self, kinds: Sequence[str], since: int | None = None, after: str | None = None
    ) -> Iterator[Recorded | RecordDamaged]:
        """Yield decisions of these kinds as they were recorded, each with its newest result."""
        with closing(Keyring.open(self.keys)) as ring:
            kept = iter(self.within(kinds, since, after))
            while batch := list(islice(kept, BATCH)):
                _load(ring, batch)
                for each in batch:
                    yield each if isinstance(each, RecordDamaged) else _opened(ring, each)


class SealedEvidence:
    """The evidence of a journal as it is kept, and notes as they were noted."""

    def __init__(self, kept: EvidenceSnapshot, ring: Keyring) -> None:
        """See the class."""
        self._kept = kept
        self._ring = ring
        self.heads = kept.heads
        self.rulesets = kept.rulesets
        self.count_decisions = kept.count_decisions
        self.chains = kept.chains
        self.decisions = kept.decisions
        self.result = kept.result
        self.has_decision = kept.has_decision
        self.count_results = kept.count_results
        self.derived_faults = kept.derived_faults

    def links(self, chain: str) -> Iterator[Link]:
        """Return the links of a chain, in order, as they are kept: their digests are of that."""
        return self._kept.links(chain)

    def notes(self) -> Sequence[str]:
        """Return the notes of all links that have one."""
        return [self._opened(note) for note in self._kept.notes()]

    def _opened(self, note: str) -> str:
        try:
            said: Any = json.loads(note)
            entries = [unsealed_entry(self._ring, Audited.read(each)) for each in said["audit"]]
        except (ValueError, TypeError, LookupError, AttributeError):
            return note
        return json.dumps({**said, "audit": [entry.written() for entry in entries]})


def _opened(ring: Keyring, recorded: Recorded) -> Recorded | RecordDamaged:
    decision, result = recorded
    ring.refresh()
    try:
        opened = unsealed(ring, decision)
    except RecordDamaged as damage:
        return damage
    return opened, None if result is None else unsealed_result(ring, result)


def _load(ring: Keyring, batch: Sequence[Recorded | RecordDamaged]) -> None:
    """Have the keys of a batch in memory, by one read of a store that is not near."""
    readable = [each for each in batch if not isinstance(each, RecordDamaged)]
    ring.refresh()
    load(ring, [decision for decision, _ in readable], [told for _, told in readable if told])
