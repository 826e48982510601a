"""Opens the sink of an address."""

from dealgate.streams.addresses import Address
from dealgate.streams.formats import FORMATS
from dealgate.streams.port import Sink, SinkUnusable

# ruff: noqa: PLC0415 - whoever publishes nowhere loads no client of a broker


def open_sink(address: Address, secret: str) -> Sink:
    """Make the sink of an address, which connects when it is first used; raise SinkUnusable.

    `secret` signs what is sent to webhooks.
    """
    media_type, _ = FORMATS[address.format]
    scheme = address.url.scheme
    if scheme == "jsonl":
        from dealgate.streams.jsonl import JsonLines

        return JsonLines(address)
    if scheme in {"http", "https"}:
        from dealgate.streams.webhook import Webhook

        return Webhook(address, media_type, secret)
    try:
        if scheme == "kafka":
            from dealgate.streams.kafka import Kafka

            return Kafka(address, media_type)
        from dealgate.streams.jetstream import JetStream
    except ImportError as error:
        extra = "kafka" if scheme == "kafka" else "nats"
        raise SinkUnusable(
            f"{address.name}: a sink of {scheme} needs: pip install 'dealgate[{extra}]'"
        ) from error
    return JetStream(address, media_type)
