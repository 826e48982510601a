"""Events as HTTP requests, signed as Standard Webhooks says (standardwebhooks.com)."""

import asyncio
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

from dealgate.aside.threads import in_thread
from dealgate.model.waiting import retry_after
from dealgate.streams.addresses import Address
from dealgate.streams.port import Outgoing, SinkFailed
from dealgate.streams.signing import key_of_secret, signature

REQUESTS = 8  # at a time
SECONDS = 15.0  # for one of them
LONGEST_DELAY = 600.0  # of a Retry-After that is heeded
ANSWER_BYTES = 2**16  # an answer that is longer is not read to its end
SUCCESS = range(200, 300)


class Webhook:
    """Sends each event in a request of its own. Whatever is answered but 2xx is tried again."""

    def __init__(self, address: Address, media_type: str, secret: str) -> None:
        """`secret` is written whsec_ and base64, or empty: then nothing is signed."""
        self._url = address.url
        self._media_type = media_type
        self._key = key_of_secret(secret)
        self._room = asyncio.Semaphore(REQUESTS)
        self._idle: list[HTTPConnection] = []

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Send all; raises SinkFailed if one was not taken."""
        sent = (self._publish(event) for event in events)
        for failure in await asyncio.gather(*sent, return_exceptions=True):
            if failure is not None:
                raise failure

    async def close(self) -> None:
        """Close connections; an answer that is outstanding is not waited for."""
        while self._idle:
            self._idle.pop().close()

    async def _publish(self, event: Outgoing) -> None:
        async with self._room:
            await in_thread(self._send, event)

    def _send(self, event: Outgoing) -> None:
        headers = self._headers(event, str(int(time.time())))
        try:
            answer = self._answer(event.body, headers)
        except (OSError, HTTPException) as error:
            raise SinkFailed(f"the webhook cannot be reached: {type(error).__name__}") from error
        if answer.status not in SUCCESS:
            delay = retry_after(answer.headers.get("Retry-After", ""), time.time())
            why = f"the webhook answered {answer.status}"
            raise SinkFailed(why, min(delay, LONGEST_DELAY))

    def _answer(self, body: bytes, headers: dict[str, str]) -> HTTPResponse:
        """Ask on a connection that is open, and anew if it turns out that it no longer is."""
        while self._idle:
            try:
                return self._asked(self._idle.pop(), body, headers)
            except (OSError, HTTPException, IndexError):
                continue
        kind = HTTPSConnection if self._url.scheme == "https" else HTTPConnection
        new = kind(self._url.hostname or "", self._url.port, timeout=SECONDS)
        return self._asked(new, body, headers)

    def _asked(
        self, connection: HTTPConnection, body: bytes, headers: dict[str, str]
    ) -> HTTPResponse:
        try:
            connection.request("POST", self._url.path, body, headers)
            answer = connection.getresponse()
            answer.read(ANSWER_BYTES)
        except BaseException:
            connection.close()
            raise
        if answer.isclosed() and not answer.will_close:
            self._idle.append(connection)
        else:
            connection.close()
        return answer

    def _headers(self, event: Outgoing, now: str) -> dict[str, str]:
        headers = {
            "Content-Type": self._media_type,
            "webhook-id": event.id,
            "webhook-timestamp": now,
        }
        if self._key:
            headers["webhook-signature"] = signature(self._key, event.id, now, event.body)
        return headers
