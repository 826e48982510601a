"""What is in a delivery, as a CloudEvent whose data are a question."""

from collections.abc import Callable, Container

from dealgate.inbox.asking import asked_by
from dealgate.inbox.consumer import Read
from dealgate.inbox.incoming import Incoming, read_event
from dealgate.inbox.port import Delivery, Rejected


def read_question(delivery: Delivery) -> Read:
    """Return the question of an event, or why it is none."""
    read = Read(delivery)
    event: Incoming | None = None
    try:
        event = read_event(delivery)
        read.asked = [asked_by(event)]
    except Rejected as signal:
        read.reject(event, signal.rejection)
    return read


def reader_hearing(types: Container[str]) -> Callable[[Delivery], Read]:
    """Return a reader that leaves events of these types to the witness."""

    def read(delivery: Delivery) -> Read:
        heard = Read(delivery)
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
