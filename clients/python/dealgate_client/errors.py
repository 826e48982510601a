"""What a call can fail with, as one tree. No exception of gRPC's own leaves this package.

    DealgateError
    ├── InvalidQuestion       the request is wrong: `violations` names every field
    ├── PositionLost          a resume token leads nowhere in the server's journal
    ├── NotFound
    │   ├── DecisionNotFound  no decision has this id
    │   └── RuleSetNotFound   no such kind or version, or no release at that instant
    ├── PreconditionFailed    the rule set exists but cannot decide this
    ├── KeyReused             the idempotency key was used before, with another body
    ├── ResultExists          the decision has another result already
    ├── Conflict              another decision came first: read again, then ask again
    ├── Denied                who calls is unknown, or may not do this
    ├── TooLarge              the message is over a limit: sending it again cannot help
    ├── Overloaded            the server sheds load; `retry_after` says for how long
    ├── Unavailable           no server answered, or it is shutting down
    ├── DeadlineExceeded      no answer came in time: the decision may have been taken
    ├── Unsupported           this server is too old for the call
    ├── ServerFault           a bug in the server; `trace_id` helps those who look for it
    └── ClientClosed          the client was closed before the call or during it

`__cause__` is gRPC's error, for those who want to look.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a request: the path of the field, and what to do about it."""

    field: str
    description: str


class DealgateError(Exception):
    """The root.

    `code` is the gRPC status by name ("INVALID_ARGUMENT"), `message` the server's own words.
    `decision_id` and `trace_id` are those of the failed call; empty if the server gave none.
    """

    # Every argument has a default, so that an error survives pickling between processes.
    def __init__(
        self, message: str, code: str = "", decision_id: str = "", trace_id: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.decision_id = decision_id
        self.trace_id = trace_id
        self.violations: Sequence[Violation] = ()
        self.retry_after: float | None = None

    def __str__(self) -> str:
        """The message, and below it one line for each violation."""
        lines = [f"  {violation.field}: {violation.description}" for violation in self.violations]
        return "\n".join([self.message, *lines])


class InvalidQuestion(DealgateError):
    """The request is wrong in every field of `violations`."""


class PositionLost(DealgateError):
    """The resume token is of another journal, or of one restored to a time before it."""


class NotFound(DealgateError):
    """What the request names does not exist."""


class DecisionNotFound(NotFound):
    """No decision has this id."""


class RuleSetNotFound(NotFound):
    """There is no rule set to decide with."""


class PreconditionFailed(DealgateError):
    """The rule set exists but cannot decide this: a draft, or rules that went wrong."""


class KeyReused(DealgateError):
    """The idempotency key was used before, with another body."""


class ResultExists(DealgateError):
    """The decision has another result already; to correct it, name its revision and say why."""


class Conflict(DealgateError):
    """The decision or correction was to be the next of a series, and came too late."""


class Denied(DealgateError):
    """The caller is unknown to the server, or may not do this."""


class TooLarge(DealgateError):
    """The message is over a limit of the server's or of this client's."""


class Overloaded(DealgateError):
    """The server sheds load; try again after `retry_after` seconds."""


class Unavailable(DealgateError):
    """No server answered, or it is shutting down."""


class DeadlineExceeded(DealgateError):
    """No answer came in time. Ask again with the same idempotency key to learn the decision."""


class Unsupported(DealgateError):
    """The server does not know this call."""


class ServerFault(DealgateError):
    """The server went wrong."""


class ClientClosed(DealgateError):
    """The client is closed."""
