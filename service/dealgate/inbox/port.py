"""What a source is: where events come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dealgate.model.errors import Defect, OperatorError


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came. `attributes` are those of binary mode, in lower case, without "ce-".

    `receipt` is the source's own; `body` is all else that there is.
    """

    media_type: str
    attributes: Mapping[str, str]
    body: bytes
    receipt: Any = None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an event will never be decided: a word for programs, a sentence for people."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class SettledDelivery:
    """A delivery that is done with: decided, or rejected for good."""

    delivery: Delivery
    rejection: Rejection | None = None


class Source(Protocol):
    """Hands events out, again and again until they are acknowledged. It may repeat and reorder."""

    async def fetch(self, most: int) -> Sequence[Delivery]:
        """Wait for events, and return up to `most`; none: there will be no more.

        Raises SourceFailed.
        """

    async def acknowledge(self, settled: Sequence[SettledDelivery]) -> None:
        """Never hand these out again. All that one fetch returned come together, in order.

        Raises SourceFailed: they may come again.
        """

    async def close(self) -> None:
        """Release what is open; what was not acknowledged is delivered again."""


class Rejected(Exception):
    """An event that nothing can be made of."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(reason, message)
        self.rejection = Rejection(reason, message)


class SourceFailed(Defect):
    """A source cannot be read just now; says why."""

    reason = "SOURCE_FAILED"


class SourceUnusable(OperatorError):
    """An address of a source, or what is consumed with it, is wrong; says what is, and the cure."""

    reason = "SOURCE_UNUSABLE"
