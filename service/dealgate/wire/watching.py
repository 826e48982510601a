"""Decisions and results as they are recorded: WatchDecisions."""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic

from dealgate.model.errors import BadQuestion, Forbidden, Overloaded, Unavailable
from dealgate.model.feed import START, Feed, FeedDamage, FeedEvent, FeedItem, Position
from dealgate.model.messages import watched
from dealgate.v1 import decision_service_pb2 as pb
from dealgate.wire.calls import Call, parsed
from dealgate.wire.watch_filters import wanted, watch_violations
from dealgate.wire.watch_tokens import Tokens

# Of one message: small enough that writing it does not hold up others on the event loop.
RESPONSE_EVENTS, RESPONSE_BYTES = 64, 2**18
HEARTBEAT = 15.0  # seconds: proxies drop streams on which nothing happens for a minute
RETRY_AFTER = 5.0
# Watchers are admitted again from time to time: access rules change, and tokens expire.
LONGEST, SOON = 3600.0, 0.1


class Watches:
    """Answers WatchDecisions."""

    def __init__(
        self, kinds: Collection[str], feed: Feed, limit: int, heartbeat: float = HEARTBEAT
    ) -> None:
        """At most `limit` at a time; each is sent something every `heartbeat` seconds."""
        self._kinds = kinds
        self._feed = feed
        self._limit = limit
        self._heartbeat = heartbeat
        self._open = 0

    async def watch(self, messages: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """Answer the one request of the stream, for as long as its caller stays."""
        async for data in messages:
            request = parsed(pb.WatchDecisionsRequest, data)
            violations = [*watch_violations(request, self._kinds)]
            if violations:
                raise BadQuestion(violations)
            self._allow(request.kinds, call)
            with self._place():
                tokens = Tokens(await self._feed.secret(), self._feed.feed_id, call.tenant)
                position = await self._beginning(request, tokens)
                yield _heard_nothing(tokens, position)
                async for reply in self._replies(request, call, tokens, position):
                    yield reply

    def _allow(self, asked: Iterable[str], call: Call) -> None:
        """Raise Forbidden if decisions of kinds that the caller may not see could be sent."""
        shown = [name for name in sorted(self._kinds) if call.allows(name)]
        if call.held is not None and not set(asked or self._kinds) <= set(shown):
            refusal = Forbidden(
                f"the caller may watch decisions of these kinds: {', '.join(shown)}; name them"
            )
            call.held.refused(refusal)
            raise refusal

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._open >= self._limit:
            raise Overloaded("no more may watch this server; ask another, or later", RETRY_AFTER)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _replies(
        self, request: pb.WatchDecisionsRequest, call: Call, tokens: Tokens, position: Position
    ) -> AsyncIterator[bytes]:
        admitted = wanted(request, call.tenant)
        begun = heard = monotonic()
        while monotonic() < begun + LONGEST:
            page = await self._feed.after(position, admitted)
            seen = _seen(page.items, call)
            for batch in _batches(tokens, seen, whole=request.include_records):
                heard = monotonic()
                yield batch.SerializeToString()
            position = page.position
            if monotonic() - heard >= self._heartbeat:
                heard = monotonic()
                yield _heard_nothing(tokens, position)
            if not page.more:
                await self._feed.wait(position)
        raise Unavailable("this watch took an hour; go on with the last resume_token", SOON)

    async def _beginning(self, request: pb.WatchDecisionsRequest, tokens: Tokens) -> Position:
        end = await self._feed.end()
        if request.from_beginning:
            return START
        if not request.resume_token:
            return end
        return tokens.position(request.resume_token, end)


def _heard_nothing(tokens: Tokens, position: Position) -> bytes:
    return pb.WatchDecisionsResponse(resume_token=tokens.token(position)).SerializeToString()


def _batches(
    tokens: Tokens, items: Iterable[FeedItem], *, whole: bool
) -> Iterator[pb.WatchDecisionsResponse]:
    """Yield messages of events, each with the token that goes on after it."""
    batch, size = pb.WatchDecisionsResponse(), 0
    for item in items:
        event = _event(tokens, item, whole=whole)
        size += event.ByteSize()
        full = len(batch.events) == RESPONSE_EVENTS or size > RESPONSE_BYTES
        if full and batch.events:
            yield batch
            batch, size = pb.WatchDecisionsResponse(), event.ByteSize()
        batch.events.append(event)
        batch.resume_token = event.resume_token
    if batch.events:
        yield batch


def _event(tokens: Tokens, item: FeedItem, *, whole: bool) -> pb.WatchedEvent:
    event = pb.WatchedEvent(resume_token=tokens.token(item.position))
    if isinstance(item, FeedDamage):
        event.damaged = True
        event.decision.decision_id = item.decision_id
        return event
    event.MergeFrom(watched(item, whole=whole))
    return event


def _seen(items: Iterable[FeedItem], call: Call) -> Iterator[FeedItem]:
    """Yield what the caller may see, also of kinds that came after it asked; damage has no kind."""
    for item in items:
        if call.held is None or (isinstance(item, FeedEvent) and call.allows(item.decision.kind)):
            yield item
