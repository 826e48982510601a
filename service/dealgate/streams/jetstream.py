"""Events to NATS JetStream, which drops repeats by their id for as long as its stream says."""

import asyncio
import contextlib
from collections.abc import Sequence
from urllib.parse import urlunsplit

import nats
from nats.aio.client import Client
from nats.errors import Error
from nats.js.client import JetStreamContext

from dealgate.streams.addresses import Address
from dealgate.streams.port import Outgoing, SinkFailed

SECONDS = 5.0  # to connect, and for an acknowledgement


class JetStream:
    """Publishes below one subject: `subject.decision.qualify`, `subject.result.qualify`.

    The first word is that of the event's type, dealgate.v1.decision.recorded.

    A stream has to listen there: without one, nothing is acknowledged.
    """

    def __init__(self, address: Address, media_type: str) -> None:
        """The path of the URL is the subject."""
        self._server = urlunsplit((address.url.scheme, address.url.netloc, "", "", ""))
        self._subject = address.url.path.strip("/").replace("/", ".")
        self._headers = {"content-type": media_type}
        self._client: Client | None = None
        self._stream: JetStreamContext | None = None

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish all, and wait until each is acknowledged; raises SinkFailed."""
        stream = await self._connected()
        sent = (self._send(stream, event) for event in events)
        for failure in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(failure, Exception):
                raise SinkFailed(f"NATS: {type(failure).__name__}: {failure}") from failure
            if failure is not None:
                raise failure

    async def close(self) -> None:
        """Leave the broker."""
        client, self._client, self._stream = self._client, None, None
        if client is not None:
            with contextlib.suppress(Error, OSError, TimeoutError):
                await client.close()

    async def _send(self, stream: JetStreamContext, event: Outgoing) -> None:
        word = event.type.split(".")[-2]
        subject = f"{self._subject}.{word}.{event.kind}"
        headers = {**self._headers, "Nats-Msg-Id": event.id}
        await stream.publish(subject, event.body, timeout=SECONDS, headers=headers)

    async def _connected(self) -> JetStreamContext:
        if self._client is None or self._client.is_closed or self._stream is None:
            await self.close()
            try:
                # Without reconnecting by itself: whoever publishes tries again, and says so.
                self._client = await nats.connect(
                    self._server,
                    connect_timeout=int(SECONDS),
                    allow_reconnect=False,
                    name="dealgate-outbox",
                    error_cb=_unsaid,
                )
            except (Error, OSError, TimeoutError) as error:
                raise SinkFailed(f"NATS cannot be reached: {type(error).__name__}") from error
            self._stream = self._client.jetstream()
        return self._stream


async def _unsaid(_: Exception) -> None:
    """Say nothing: publishing fails, and that is reported once."""
