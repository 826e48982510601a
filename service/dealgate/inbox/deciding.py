"""Questions become answers or rejections, however long the server is away.

What the server cannot do now is asked again for ever: an event is not lost because a machine is.
What it will never do is a rejection, and so is what it failed at several times.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from google.protobuf.message import Message

from dealgate.inbox.asking import InboxQuestion
from dealgate.inbox.port import Rejection
from dealgate.inbox.server import Server
from dealgate.streams.waves import consecutive
from dealgate_client import errors
from dealgate_client.errors import DealgateError

BATCH = 256  # questions that a server takes at a time
BATCH_BYTES = 2**20  # a quarter of what a server takes by default
FAILURES = 5  # of the server over one event, until it is given up

Outcome: TypeAlias = Message | Rejection

# What may be different the next time.
LATER = (
    errors.Unavailable,
    errors.Overloaded,
    errors.DeadlineExceeded,
    errors.Conflict,
    errors.ClientClosed,
)
REASONS: Final[dict[type[DealgateError], str]] = {
    errors.InvalidQuestion: "INVALID_QUESTION",
    errors.KeyReused: "EVENT_CHANGED",
    errors.TooLarge: "TOO_LARGE",
    errors.Unsupported: "NOT_SERVED",
    errors.RuleSetNotFound: "UNKNOWN_RULE_SET",
    errors.Denied: "DENIED",
    errors.ServerFault: "SERVER_FAILED",
}

log = logging.getLogger("dealgate")


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds between tries, which double."""

    first: float = 0.1
    longest: float = 10.0


class Decides(Protocol):
    """Has questions decided."""

    async def decide(self, asked: Sequence[InboxQuestion]) -> list[Outcome]:
        """Return what became of each, in order; wait as long as it takes."""


class Deciding:
    """Has questions decided, in batches of which no two are about one subject."""

    def __init__(self, server: Server, pauses: Pauses | None = None) -> None:
        """Ask `server`."""
        self._server = server
        self._pauses = pauses or Pauses()
        self._failing = ""

    async def decide(self, asked: Sequence[InboxQuestion]) -> list[Outcome]:
        """Return what became of each, in order; waits as long as it takes."""
        outcomes: dict[int, Outcome] = {}
        for wave in consecutive(
            enumerate(asked), _partition, BATCH, size=_bytes, most_size=BATCH_BYTES
        ):
            outcomes |= await self._wave(dict(wave))
        return [outcomes[index] for index in range(len(asked))]

    async def _wave(self, asked: dict[int, InboxQuestion]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        failures = dict.fromkeys(asked, 0)
        pause = self._pauses.first
        while asked:
            settled, delay = await self._attempt(asked, failures)
            outcomes |= settled
            asked = {index: asked[index] for index in asked if index not in settled}
            if asked:
                await asyncio.sleep(max(pause, delay))
                pause = self._pauses.first if settled else min(pause * 2, self._pauses.longest)
        return outcomes

    async def _attempt(
        self, asked: dict[int, InboxQuestion], failures: dict[int, int]
    ) -> tuple[dict[int, Outcome], float]:
        """Ask once; return what is settled, and the seconds that the server asks to wait."""
        answers = await self._answers(list(asked.values()))
        settled: dict[int, Outcome] = {}
        delay = 0.0
        for index, answer in zip(asked, answers, strict=True):
            if not isinstance(answer, DealgateError):
                settled[index] = answer
                continue
            failures[index] += isinstance(answer, errors.ServerFault)
            if is_final(answer, failures[index]):
                settled[index] = Rejection(reason_of(answer), str(answer))
            else:
                self._note(type(answer).__name__)
                delay = max(delay, answer.retry_after or 0.0)
        if len(settled) == len(asked):
            self._note("")
        return settled, delay

    async def _answers(self, asked: Sequence[InboxQuestion]) -> Sequence[Message | DealgateError]:
        """Ask all at once; if they are refused as a whole for what they are, in halves."""
        try:
            return await self._server.decide([item.request for item in asked])
        except DealgateError as failure:
            if len(asked) == 1 or not is_final(failure, FAILURES):
                return [failure] * len(asked)
        half = len(asked) // 2
        return [*await self._answers(asked[:half]), *await self._answers(asked[half:])]

    def _note(self, why: str) -> None:
        if why and not self._failing:
            log.warning("the server does not decide: %s; retrying until it does", why)
        elif self._failing and not why:
            log.info("the server decides again")
        self._failing = why


def is_final(failure: DealgateError, failures: int) -> bool:
    """Tell whether asking again is of no use; `failures` of the server came before it."""
    if isinstance(failure, errors.Denied):
        # A token that has expired is renewed; what a known caller may not do stays forbidden.
        return failure.code != "UNAUTHENTICATED"
    if isinstance(failure, errors.ServerFault):
        return failures >= FAILURES
    return not isinstance(failure, LATER)


def reason_of(failure: DealgateError) -> str:
    """Return a rejection's reason."""
    return REASONS.get(type(failure), failure.code or "REFUSED")


def _partition(asked: tuple[int, InboxQuestion]) -> str:
    return asked[1].partition


def _bytes(asked: tuple[int, InboxQuestion]) -> int:
    return asked[1].request.ByteSize()
