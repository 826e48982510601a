"""What is in a delivery, as a CloudEvent whose data are a question."""

from collections.abc import Callable, Container, Sequence

from google.protobuf import json_format

from dealgate.inbox.asking import asked_by
from dealgate.inbox.consumer import DeliveryContents, Reader
from dealgate.inbox.incoming import PROTOBUF, Incoming, read_event
from dealgate.inbox.port import Delivery, Rejected
from dealgate.inbox.telling import RECORDED
from dealgate.v1.fact_service_pb2 import AppendActivitiesRequest, EntityActivity


def read_question(delivery: Delivery) -> DeliveryContents:
    """Return the question of an event, or why it does not contain one."""
    read = DeliveryContents(delivery)
    event: Incoming | None = None
    try:
        event = read_event(delivery)
        read.asked = [asked_by(event)]
    except Rejected as signal:
        read.reject(event, signal.rejection)
    return read


def reading_all(readers: Sequence[Reader]) -> Reader:
    """Return a reader of all that these read in a delivery."""

    def read(delivery: Delivery) -> DeliveryContents:
        whole = DeliveryContents(delivery)
        for reader in readers:
            part = reader(delivery)
            whole.asked = [*whole.asked, *part.asked]
            whole.letters += [sent for sent in part.letters if sent not in whole.letters]
            whole.rejection = whole.rejection or part.rejection
        return whole

    return readers[0] if len(readers) == 1 else read


def leaving_activities(read: Reader) -> Reader:
    """Return a reader that leaves activities to the witness, as events of their own."""

    def heard(delivery: Delivery) -> DeliveryContents:
        reading = read(delivery)
        asked = reading.asked
        reading.asked = [
            item for item in asked if not isinstance(item.request, AppendActivitiesRequest)
        ]
        reading.heard = [
            _recorded(item.event, item.request.activities[0])
            for item in asked
            if isinstance(item.request, AppendActivitiesRequest)
        ]
        return reading

    return heard


def _recorded(event: Incoming, done: EntityActivity) -> Incoming:
    """Return the event that tells an activity."""
    attributes = {**event.attributes, "subject": done.entity}
    try:
        data = json_format.MessageToJson(done.activity).encode()
    except json_format.SerializeToJsonError:
        # JSON has no instant beyond the year 9999, which is for signals to reject.
        data, schema = done.activity.SerializeToString(), done.activity.DESCRIPTOR.full_name
        return Incoming(event.id, event.source, RECORDED, attributes, data, PROTOBUF, schema)
    return Incoming(event.id, event.source, RECORDED, attributes, data)


def reader_hearing(types: Container[str]) -> Callable[[Delivery], DeliveryContents]:
    """Return a reader that leaves events of these types to the witness."""

    def read(delivery: Delivery) -> DeliveryContents:
        heard = DeliveryContents(delivery)
        try:
            event = read_event(delivery)
        except Rejected as signal:
            heard.reject(None, signal.rejection)
            return heard
        if event.type not in types:
            return read_question(delivery)
        heard.heard = [event]
        return heard

    return read
