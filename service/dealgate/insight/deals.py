"""What decisions say about opportunities: stages they were in, worth, birth and end."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from dealgate.insight.traffic import Recorded, Traffic
from dealgate.model.decision import Decision
from dealgate.model.instants import nanoseconds
from dealgate.model.money import fault, to_minor
from dealgate.model.results import Result
from dealgate.v1 import advance_pb2, close_pb2, handoff_pb2
from dealgate.v1.opportunity_pb2 import Opportunity

FACTS: Mapping[str, type[Message]] = {
    "advance": advance_pb2.AdvanceFacts,
    "close": close_pb2.CloseFacts,
    "handoff": handoff_pb2.HandoffFacts,
}


@dataclass(frozen=True, slots=True)
class Sighting:
    """A decision about an opportunity, with the opportunity as it stood and what came of it."""

    decision: Decision
    facts: Any
    opportunity: Opportunity
    result: Result | None

    @property
    def subject(self) -> str:
        """The opportunity's id."""
        return self.decision.entity.id

    @property
    def created(self) -> int | None:
        """When it was created, if that is known."""
        known = self.opportunity.HasField("created_at")
        return nanoseconds(self.opportunity.created_at) if known else None

    @property
    def amount(self) -> tuple[int, str] | None:
        """What it is worth, in minor units of a currency, if that is known."""
        amount = self.opportunity.amount
        if not self.opportunity.HasField("amount") or fault(amount):
            return None
        return to_minor(amount), amount.currency_code


def sightings(traffic: Traffic, *kinds: str) -> Iterator[Sighting]:
    """Yield every decision of these kinds, or of all that are about one opportunity."""
    for recorded in traffic.of(*(kinds or FACTS)):
        yield _sighting(recorded)


def _sighting(recorded: Recorded) -> Sighting:
    decision, result = recorded
    facts: Any = FACTS[decision.kind]()
    facts.ParseFromString(decision.facts)
    return Sighting(decision, facts, facts.opportunity, result)
