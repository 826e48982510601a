"""Events of NATS JetStream, from a durable consumer: what is not acknowledged comes again."""

import contextlib
import json
from collections.abc import Sequence
from urllib.parse import urlunsplit

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from dealgate.inbox.places import Place
from dealgate.inbox.port import Delivery, SettledDelivery, SourceFailed

SECONDS = 5.0  # to connect, and for an answer
EXPIRES = 30.0  # seconds after which a request for messages is repeated
ACK_WAIT = 30.0  # seconds until what was not acknowledged comes again
PENDING = 4096  # messages that may be under way to all who consume


class Pulled:
    """Asks for as many messages as it may hold, and takes those that there are."""

    def __init__(self, place: Place) -> None:
        """The path of the URL is the subject; `durable` names the consumer."""
        self._server = urlunsplit((place.url.scheme, place.url.netloc, "", "", ""))
        self._subject = place.path.replace("/", ".")
        self._durable = place.options.get("durable", "dealgate")
        self._ack_wait = float(place.options.get("ack_wait", ACK_WAIT))
        self._client: Client | None = None
        self._inbox: Subscription | None = None
        self.behind: int | None = None
        self._next = ""
        self._due = 0

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Wait for the first, and take what else is here; raises SourceFailed."""
        try:
            while True:
                messages = await self._messages(most)
                self.behind = messages[-1].metadata.num_pending if messages else 0
                if messages:
                    return [_delivery(message) for message in messages]
        except (Error, OSError, TimeoutError) as error:
            await self.close()
            raise SourceFailed(f"NATS: {type(error).__name__}") from error

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Acknowledge each; raises SourceFailed."""
        try:
            for item in settled:
                await item.delivery.receipt.ack()
        except (Error, OSError, TimeoutError) as error:
            raise SourceFailed(f"NATS: {type(error).__name__}") from error

    async def close(self) -> None:
        """Leave the broker, once what was acknowledged is sent."""
        client, self._client, self._inbox = self._client, None, None
        if client is not None and not client.is_closed:
            with contextlib.suppress(Error, OSError, TimeoutError):
                await client.flush(int(SECONDS))
            with contextlib.suppress(Error, OSError, TimeoutError):
                await client.close()

    async def _messages(self, most: int) -> list[Msg]:
        inbox = self._inbox or await self._connected()
        if self._due <= 0:
            await self._request(inbox, most)
        messages: list[Msg] = []
        with contextlib.suppress(TimeoutError):
            messages.append(await inbox.next_msg(EXPIRES + SECONDS))
            while inbox.pending_msgs and len(messages) < most:
                messages.append(await inbox.next_msg(SECONDS))
        if not messages or any(_is_status(message) for message in messages):
            self._due = 0  # the request has ended, one way or another
        taken = [message for message in messages if not _is_status(message)]
        self._due -= len(taken)
        return taken

    async def _request(self, inbox: Subscription, most: int) -> None:
        client = self._client
        if client is None or not client.is_connected:
            raise ConnectionError
        wanted = {"batch": most, "expires": int(EXPIRES * 1e9)}
        await client.publish(self._next, json.dumps(wanted).encode(), inbox.subject)
        self._due = most

    async def _connected(self) -> Subscription:
        client = self._client = await nats.connect(
            self._server,
            connect_timeout=int(SECONDS),
            allow_reconnect=False,  # the fetch is retried, and that is reported
            name="dealgate-consume",
            error_cb=_unsaid,
        )
        stream = await self._consumer(client)
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self._durable}"
        self._inbox = await client.subscribe(client.new_inbox())
        self._due = 0
        return self._inbox

    async def _consumer(self, client: Client) -> str:
        """Make the consumer unless it is there; return the name of its stream."""
        manager = client.jsm()
        stream = await manager.find_stream_name_by_subject(self._subject)
        try:
            await manager.consumer_info(stream, self._durable)
        except NotFoundError:
            wanted = ConsumerConfig(
                durable_name=self._durable,
                filter_subject=self._subject,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=self._ack_wait,
                max_ack_pending=PENDING,
            )
            await manager.add_consumer(stream, wanted)
        return stream


def _is_status(message: Msg) -> bool:
    return "Status" in (message.headers or {})


def _delivery(message: Msg) -> Delivery:
    headers = {name.lower(): value for name, value in (message.headers or {}).items()}
    attributes = {
        name.removeprefix("ce-"): value for name, value in headers.items() if name.startswith("ce-")
    }
    return Delivery(headers.get("content-type", ""), attributes, message.data, message)


async def _unsaid(_: Exception) -> None:
    """Say nothing: the fetch fails, and that is reported once."""
