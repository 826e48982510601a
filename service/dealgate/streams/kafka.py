"""Events to a topic of Kafka: the key keeps those about one entity in one partition, in order."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from dealgate.aside.threads import in_thread
from dealgate.streams.addresses import Address
from dealgate.streams.port import Outgoing, SinkFailed

SECONDS = 15.0  # until a record is acknowledged, all of librdkafka's own tries together


class Kafka:
    """Produces idempotently: what librdkafka itself sends again is neither doubled nor turned."""

    def __init__(self, address: Address, media_type: str) -> None:
        """The host of the URL, with commas, are the brokers; its path is the topic."""
        self._topic = address.url.path.strip("/")
        self._headers = {"content-type": media_type}
        self._settings: dict[str, Any] = {
            "bootstrap.servers": address.url.netloc,
            "client.id": "dealgate-outbox",
            "enable.idempotence": True,
            "acks": "all",
            "delivery.timeout.ms": int(SECONDS * 1000),
            "log_level": 0,  # publishing fails, and that is reported once
            **{name: value for name, value in address.options.items() if "." in name},
        }
        self._producer: Producer | None = None

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Produce all, and wait until each is acknowledged; raises SinkFailed."""
        await in_thread(self._produce, events)

    async def close(self) -> None:
        """Let go of the producer; nothing waits in it."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()

    def _produce(self, events: Sequence[Outgoing]) -> None:
        delivered: list[str] = []
        failures: list[str] = []
        producer = self._producer = self._producer or Producer(self._settings)
        try:
            for event in events:
                producer.produce(
                    self._topic,
                    event.body,
                    event.partition,
                    headers={**self._headers, "ce-id": event.id},
                    on_delivery=partial(_told, event.id, delivered, failures),
                )
            producer.flush(SECONDS)
        except (BufferError, KafkaException) as error:
            failures.append(type(error).__name__)
        if len(delivered) < len(events):
            # What still waits in it could arrive after what is sent again.
            self._producer = None
            producer.purge()
            why = failures[0] if failures else "no acknowledgement"
            raise SinkFailed(f"Kafka: {why}")


def _told(
    event_id: str,
    delivered: list[str],
    failures: list[str],
    error: KafkaError | None,
    _: Message,
) -> None:
    if error is None:
        delivered.append(event_id)
    else:
        failures.append(error.name())
