"""Events of a topic of Kafka: offsets are committed once all events before them are done."""

from collections.abc import Sequence
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from dealgate.aside.threads import in_thread
from dealgate.inbox.places import Place
from dealgate.inbox.port import Delivery, SettledDelivery, SourceFailed

POLL = 0.25  # seconds: how long a thread may look for the first message at a time


class Polled:
    """Reads as one of a group, and commits itself."""

    def __init__(self, place: Place) -> None:
        """The host of the URL, with commas, are the brokers; its path is the topic."""
        self._topic = place.path
        self._settings: dict[str, Any] = {
            "group.id": "dealgate",
            "auto.offset.reset": "earliest",
            "client.id": "dealgate-consume",
            "log_level": 0,
            **{name: value for name, value in place.options.items() if "." in name},
            "bootstrap.servers": place.url.netloc,
            "enable.auto.commit": False,
        }
        self._consumer: Consumer | None = None
        self.behind: int | None = None

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Wait for the first, and take what else is here; raises SourceFailed."""
        while True:
            messages = await in_thread(self._poll, most)
            if messages:
                return [_delivery(message) for message in messages]

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Commit; raises SourceFailed, which is what happens when a partition went to another."""
        await in_thread(self._commit, [item.delivery.receipt for item in settled])

    async def close(self) -> None:
        """Leave the group."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await in_thread(consumer.close)

    def _poll(self, most: int) -> list[Message]:
        consumer = self._consumer
        try:
            if consumer is None:
                consumer = self._consumer = Consumer(self._settings)
                consumer.subscribe([self._topic])
            first = consumer.poll(POLL)
            if first is None:
                return []
            messages = [first, *(consumer.consume(most - 1, 0.0) if most > 1 else ())]
        except (KafkaException, RuntimeError) as error:
            raise SourceFailed(f"Kafka: {_name(error)}") from error
        for message in messages:
            error_told = message.error()
            # A topic that is not there yet, or a broker that is away: librdkafka goes on itself.
            if error_told is not None and error_told.fatal():
                # It never recovers; the next fetch joins the group again.
                self._consumer = None
                consumer.close()
                raise SourceFailed(f"Kafka: {error_told.name()}")
        taken = [message for message in messages if message.error() is None]
        self.behind = _behind(consumer, taken)
        return taken

    def _commit(self, messages: Sequence[Message]) -> None:
        offsets: dict[tuple[str, int], int] = {}
        for message in messages:
            partition = (message.topic() or "", message.partition() or 0)
            offsets[partition] = max(offsets.get(partition, 0), (message.offset() or 0) + 1)
        wanted = [TopicPartition(topic, part, next_) for (topic, part), next_ in offsets.items()]
        consumer = self._consumer
        if consumer is None:
            raise SourceFailed("Kafka: it was left")
        try:
            consumer.commit(offsets=wanted, asynchronous=False)
        except (KafkaException, RuntimeError) as error:
            raise SourceFailed(f"Kafka: {_name(error)}") from error


def _behind(consumer: Consumer, taken: Sequence[Message]) -> int | None:
    """Return how many records follow those taken, as far as the broker said."""
    latest = {(m.topic() or "", m.partition() or 0): (m.offset() or 0) + 1 for m in taken}
    behind = 0
    for (topic, partition), next_ in latest.items():
        try:
            newest = consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)[
                1
            ]
        except (KafkaException, RuntimeError):
            return None
        if newest < 0:
            return None
        behind += max(newest - next_, 0)
    return behind


def _name(error: Exception) -> str:
    told = error.args[0] if error.args else None
    return told.name() if isinstance(told, KafkaError) else type(error).__name__


def _delivery(message: Message) -> Delivery:
    pairs = cast("Sequence[tuple[str, str | bytes | None]]", message.headers() or ())
    headers = {name.lower(): _text(value) for name, value in pairs}
    attributes = {
        name.removeprefix("ce_"): value for name, value in headers.items() if name.startswith("ce_")
    }
    return Delivery(headers.get("content-type", ""), attributes, message.value() or b"", message)


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
