"""A member of a Kafka group that the broker shuts out for good."""

from types import SimpleNamespace
from typing import Any

import pytest

from dealgate.inbox import polled
from dealgate.inbox.places import place
from dealgate.inbox.polled import Polled
from dealgate.inbox.port import SourceFailed


def message(value: bytes = b"", error: Any = None) -> Any:
    """Return what librdkafka hands over."""
    return SimpleNamespace(
        error=lambda: error,
        headers=tuple,
        value=lambda: value,
        topic=lambda: "events",
        partition=lambda: 0,
        offset=lambda: 7,
    )


FENCED = message(error=SimpleNamespace(fatal=lambda: True, name=lambda: "FENCED_INSTANCE_ID"))


class Member:
    """A consumer that hands over one message, again and again."""

    def __init__(self, told: Any) -> None:
        self._told = told
        self.is_closed = False

    def subscribe(self, _: list[str]) -> None:
        """Join the group."""

    def poll(self, _: float) -> Any:
        """Hand it over."""
        return self._told

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        """Return the first offset, and the one after the newest."""
        return 0, 8

    def close(self) -> None:
        """Leave the group."""
        self.is_closed = True


async def test_who_is_shut_out_joins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fatal error ends a member, and the next look begins as another: events go on coming."""
    members = [Member(FENCED), Member(message(b"an event"))]
    coming = iter(members)
    monkeypatch.setattr(polled, "Consumer", lambda _: next(coming))
    source = Polled(place("kafka://host/events"))
    with pytest.raises(SourceFailed, match="FENCED_INSTANCE_ID"):
        await source.fetch(1)
    assert members[0].is_closed
    (delivery,) = await source.fetch(1)
    assert delivery.body == b"an event"
    await source.close()
