"""Events that tell facts: of an entity, or what somebody did."""

from typing import Any

import pytest

from dealgate.inbox.asking import InboxQuestion, key_of
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.keeping import kept
from dealgate.inbox.port import Delivery
from dealgate.inbox.reader import read_question
from dealgate.streams.event import CloudEvent
from dealgate.streams.formats import as_protobuf
from dealgate.v1.activity_pb2 import Activity
from dealgate.v1.fact_service_pb2 import (
    AppendActivitiesRequest,
    EntityActivity,
    EntityFacts,
    KeptActivity,
    KeptFacts,
    PutFactsRequest,
)
from dealgate.v1.lead_pb2 import Lead
from dealgate_client.errors import DealgateError
from tests.inbox.events import delivery, event

KEY = key_of(Incoming("e1", "/crm", "t"))
PROTOBUF = "application/cloudevents+protobuf"
LEAD = Lead(id="L1", title="VP")
VISIT = Activity(id="a1", url="/pricing")


def read(came: Delivery) -> InboxQuestion:
    """Return what a delivery tells."""
    reading = read_question(came)
    assert reading.rejection is None
    (asked,) = reading.asked
    return asked


def packed(data: Any) -> Delivery:
    """Return an event of protobuf."""
    told = CloudEvent("e1", "/crm", "t", "lead/L1", "", {}, data)
    return Delivery(PROTOBUF, {}, as_protobuf(told))


@pytest.mark.parametrize(
    "came",
    [
        delivery(event(1, data={"lead": {"id": "L1", "title": "VP"}})),
        packed(LEAD),
        packed(EntityFacts(lead=LEAD)),
    ],
    ids=["json", "lead", "facts"],
)
def test_an_entity_in_every_format(came: Delivery) -> None:
    """It is put under the key of the event, so that a repeat undoes nothing."""
    facts = EntityFacts(lead=LEAD, idempotency_key=KEY)
    assert read(came).request == PutFactsRequest(entities=[facts])


@pytest.mark.parametrize(
    "came",
    [
        delivery(event(1, data={"activity": {"id": "a1", "url": "/pricing"}})),
        delivery(
            event(
                1,
                subject="of another source",
                data={"entity": "lead/L1", "activity": {"id": "a1", "url": "/pricing"}},
            )
        ),
        delivery(
            event(1, type="dealgate.v1.activity.recorded", data={"id": "a1", "url": "/pricing"})
        ),
        packed(VISIT),
        packed(EntityActivity(entity="lead/L1", activity=VISIT)),
    ],
    ids=["json", "named", "bare", "activity", "named-protobuf"],
)
def test_an_activity_in_every_format(came: Delivery) -> None:
    """It is of the entity that the event is about, unless it names one itself."""
    done = EntityActivity(entity="lead/L1", activity=VISIT)
    assert read(came).request == AppendActivitiesRequest(activities=[done])


def test_an_activity_is_named_and_dated_by_its_event() -> None:
    """Where it brings no id and no instant of its own."""
    told = event(
        1,
        type="dealgate.v1.activity.recorded",
        time="2026-06-01T12:00:00Z",
        data={"url": "/pricing"},
    )
    request: Any = read(delivery(told)).request
    (done,) = request.activities
    assert (done.entity, done.activity.id) == ("lead/L1", KEY)
    assert done.activity.at.ToJsonString() == "2026-06-01T12:00:00Z"


def test_what_an_entity_forgets_can_be_told() -> None:
    """The data are an EntityFacts, with all that it may say but a revision."""
    told = {"lead": {"id": "L1"}, "cleared": ["phone"], "replaces": True}
    request: Any = read(delivery(event(1, data=told))).request
    assert (list(request.entities[0].cleared), request.entities[0].replaces) == (["phone"], True)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"lead": {"id": "L1", "shoe_size": 44}}, "NO_FACTS"),
        ({"lead": {"id": "L1"}, "customer": {"id": "C1"}}, "NO_FACTS"),
        ({"lead": {"id": "L1"}, "expectedRevision": 3}, "NO_FACTS"),
        ({"activity": {"id": 1.5}}, "NO_FACTS"),
        ({"deal": {"id": "L1"}}, "NO_QUESTION"),
    ],
)
def test_what_is_wrong_is_rejected_with_the_reason(data: Any, reason: str) -> None:
    """And names no fact that was not sent."""
    rejection = read_question(delivery(event(1, data=data))).rejection
    assert rejection is not None
    assert rejection.reason == reason


class Keeper:
    """A client whose server refuses one lead, and whatever comes with it."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    async def put_facts(self, *facts: EntityFacts, **_: Any) -> Any:
        """Keep all, or none."""
        self.calls.append(len(facts))
        if any(put.lead.id == "bad" for put in facts):
            raise DealgateError("no", "INVALID_ARGUMENT")
        return [KeptFacts(entity=f"lead/{put.lead.id}") for put in facts]

    async def append_activities(self, *activities: EntityActivity, **_: Any) -> Any:
        """Keep all."""
        self.calls.append(len(activities))
        return [KeptActivity(activity_id=done.activity.id) for done in activities]


async def test_one_that_is_wrong_is_refused_alone() -> None:
    """The others of its call are kept, and all in their order."""
    keeper: Any = Keeper()
    puts = [
        PutFactsRequest(entities=[EntityFacts(lead=Lead(id=id_))]) for id_ in ("a", "b", "bad", "c")
    ]
    done = AppendActivitiesRequest(activities=[EntityActivity(entity="lead/a", activity=VISIT)])
    outcomes: Any = await kept(keeper, [*puts, done])
    assert [getattr(outcome, "entity", "") for outcome in outcomes[:2]] == ["lead/a", "lead/b"]
    assert isinstance(outcomes[2], DealgateError)
    assert (outcomes[3].entity, outcomes[4].activity_id) == ("lead/c", "a1")
    assert keeper.calls == [4, 2, 2, 1, 1, 1]
