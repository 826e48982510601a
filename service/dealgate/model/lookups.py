"""What a kind may have looked up before a decision: it declares what, and `lookup/` does it.

A kind says what facts want, and what they are once something was found; it knows no journal and
no name server. Each `with_…` returns new facts and leaves its argument as it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import Message

from dealgate.model.decision import Decision
from dealgate.v1.verify_pb2 import MailExchange

Facts = TypeVar("Facts", bound=Message)
Parameters = TypeVar("Parameters")


@dataclass(frozen=True, slots=True)
class MailLookup(Generic[Facts]):
    """Whether a domain accepts mail, for facts that do not say.

    `asked_by` is the fact that asks for it, `told_by` the one that says it; `domain` is in ASCII,
    empty if there is none.
    """

    asked_by: str
    told_by: str
    domain: Callable[[Facts], str]
    with_answer: Callable[[Facts, MailExchange], Facts]


@dataclass(frozen=True, slots=True)
class MarkLookup(Generic[Facts, Parameters]):
    """The newest decision about each entity that bears one of the `marks`, newest first.

    `asked_by` are the facts of which any asks for it.
    """

    asked_by: Sequence[str]
    marks: Callable[[Facts, Parameters], Sequence[str]]
    with_decisions: Callable[[Facts, Sequence[Decision]], Facts]


@dataclass(frozen=True, slots=True)
class TurnLookup(Generic[Facts]):
    """The decision that took the last turn of a series, None if none did.

    `series` is None if the facts contain its position.
    """

    series: Callable[[Facts], str | None]
    with_last: Callable[[Facts, Decision | None], Facts]


@dataclass(frozen=True, slots=True)
class KindLookups(Generic[Facts, Parameters]):
    """All that a kind may have looked up."""

    mail: MailLookup[Facts] | None = None
    marked: MarkLookup[Facts, Parameters] | None = None
    turn: TurnLookup[Facts] | None = None
