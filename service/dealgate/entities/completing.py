"""Facts completed: what is not sent is filled in with what was known at the instant judged at."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct

from dealgate.entities.declared import DeclaredGap, declared_gaps
from dealgate.entities.gaps import ACTIVITIES, Gap, gaps
from dealgate.model.entity_state import TYPES, Known, Wanted
from dealgate.model.from_state import FromState
from dealgate.model.kind import AnyKind
from dealgate.model.overlay import Allows, filled, leaves


class State(Protocol):
    """Knows entities."""

    async def known(self, tenant: str, wanted: Sequence[Wanted]) -> Sequence[Known]:
        """Return what was known of each entity at its instant; raises Unavailable."""


@dataclass(slots=True)
class Draft:
    """Facts that are being completed: a copy, and what was filled in, by entity and instant."""

    facts: Message
    as_of: int
    kind: AnyKind | None = None
    paths: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    left_out: dict[tuple[str, int], int] = field(default_factory=dict)

    def gaps(self, *, companies: bool) -> Sequence[Gap | DeclaredGap]:
        """Return where the facts name an entity: companies come last."""
        if isinstance(self.facts, Struct):
            return () if companies else declared_gaps(self.kind, self.facts)
        return gaps(self.facts, companies=companies)

    def tell(self, gap: Gap | DeclaredGap, known: Known, path: str, known_at: int | None) -> None:
        """Note that a fact of an entity was filled in."""
        if known_at is None:  # of a property, which is called otherwise there
            known_at = known.instants.get(f"properties.{path}", known.known_at)
        self.paths[str(gap.entity), known_at].append(f"{gap.path}.{path}")

    @property
    def from_state(self) -> tuple[FromState, ...]:
        """What was filled in; empty: nothing was known that is not sent."""
        return tuple(
            FromState(*source, tuple(sorted(paths)), self.left_out.get(source, 0))
            for source, paths in sorted(self.paths.items())
        )


async def complete(state: State, tenant: str, drafts: Sequence[Draft], allows: Allows) -> None:
    """Fill in what is known, in place, in two reads at most; raises Unavailable."""
    for companies in (False, True):
        open_ = [(draft, gap) for draft in drafts for gap in draft.gaps(companies=companies)]
        if not open_:
            continue
        wanted = [Wanted(gap.entity, draft.as_of, _room(gap)) for draft, gap in open_]
        for (draft, gap), known in zip(open_, await state.known(tenant, wanted), strict=True):
            if isinstance(gap, DeclaredGap):
                _fill_declared(draft, gap, known)
            else:
                _fill(draft, gap, known, allows)


def _room(gap: Gap | DeclaredGap) -> int:
    return gap.activities if isinstance(gap, Gap) else 0


def _fill_declared(draft: Draft, gap: DeclaredGap, known: Known) -> None:
    if known.revision:
        facts = TYPES[gap.entity.type].FromString(known.facts)
        for path in gap.filled(facts, draft.as_of):
            draft.tell(gap, known, path, known.instants.get(path))


def _fill(draft: Draft, gap: Gap, known: Known, allows: Allows) -> None:
    if known.revision:
        sent = dict(leaves(gap.message))
        facts = TYPES[gap.entity.type].FromString(known.facts)
        filled(gap.message, facts, draft.as_of, allows)
        for path, value in leaves(gap.message):
            if path not in sent or sent[path] != value:
                draft.tell(gap, known, path, known.instants.get(path))
    if known.activities:
        _append(draft, gap, known)


def _append(draft: Draft, gap: Gap, known: Known) -> None:
    facts: Any = draft.facts
    for held in known.activities:
        facts.activities.add().ParseFromString(held.data)
    source = str(gap.entity), max(held.known_at for held in known.activities)
    draft.paths[source].append(ACTIVITIES)
    if known.left_out:
        draft.left_out[source] = known.left_out
