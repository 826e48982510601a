"""CloudEvents 1.0, made from the feed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from google.protobuf.message import Message

from dealgate.model.feed import FeedEvent
from dealgate.model.messages import watched

DECISION, RESULT = "dealgate.v1.decision.recorded", "dealgate.v1.result.recorded"
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """One event. `id` is unique below `source`, and the same whenever the event is sent.

    `time` is RFC 3339. `extensions` have names of lower-case letters and digits. Events of one
    `partition` must arrive in order.
    """

    id: str
    source: str
    type: str
    subject: str
    time: str
    extensions: Mapping[str, str]
    data: Message

    @property
    def partition(self) -> str:
        """What must stay in order: all about one entity of a tenant."""
        return f"{self.source}/{self.subject}"


def cloud_event(event: FeedEvent, *, whole: bool) -> CloudEvent:
    """Return the event as it leaves; `whole`: with the exact facts and answer."""
    decision, result = event.decision, event.result
    told = {"tenant": decision.tenant, "kind": decision.kind, "outcome": decision.outcome}
    subject = str(decision.entity)
    return CloudEvent(
        id=decision.id if result is None else f"{decision.id}.{result.revision}",
        source=f"/dealgate/{decision.tenant}",
        type=DECISION if result is None else RESULT,
        subject=subject,
        time=_instant(decision.decided_at if result is None else result.recorded_at),
        extensions={name: value for name, value in told.items() if value},
        data=watched(event, whole=whole),
    )


def _instant(nanoseconds: int) -> str:
    """Return an instant to the microsecond, as Python and most others read it."""
    instant = EPOCH + dt.timedelta(microseconds=nanoseconds // 1000)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
