"""What becomes of events that are consumed, and of those that signals process."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from dealgate.telemetry import names
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.otlp import pair
from dealgate.telemetry.propagation import Extract
from dealgate.telemetry.spans import CONSUMER, Tracer

LINKS_MOST = 128  # of one span, which is what OpenTelemetry allows


class Inbox(Protocol):
    """What is measured of a consumer."""

    taken: int
    decided: int
    heard: int
    rejected: int

    def lag(self) -> float:
        """Return how long the oldest event in flight has been so, in seconds."""

    @property
    def behind(self) -> int | None:
        """How many events wait at the source; None: it does not tell."""


class SignalsKept(Protocol):
    """How much is kept of signals."""

    @property
    def watermark(self) -> int:
        """In ns; 0: there is none."""

    @property
    def entities(self) -> int:
        """Entities of which something is kept."""

    @property
    def waiting(self) -> int:
        """Events that wait for their time."""

    @property
    def untold(self) -> int:
        """Firings that are not sent yet."""


class Signals(Protocol):
    """What is measured of signals."""

    @property
    def arrived(self) -> Mapping[str, int]:
        """Events by what became of them."""

    @property
    def fired(self) -> Mapping[str, int]:
        """Firings by signal."""

    @property
    def undecided(self) -> Mapping[str, int]:
        """What was not known, by signal."""

    @property
    def stood(self) -> SignalsKept | None:
        """How much was kept when it was last looked at."""


class Event(Protocol):
    """An event that asks."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """Those beside id, source and type."""


class InboxQuestion(Protocol):
    """A question with its event."""

    @property
    def event(self) -> Any:
        """The event."""


class Deciding(Protocol):
    """Has questions decided."""

    async def decide(self, asked: Sequence[Any]) -> list[Any]:
        """Return what became of each."""


def observe_inbox(meter: Meter, inbox: Inbox) -> None:
    """Measure a consumer."""
    outcomes = ("decided", "heard", "rejected")
    meter.observe(
        names.INBOX_EVENTS, lambda: [(getattr(inbox, name), (name,)) for name in outcomes]
    )
    meter.observe(names.INBOX_TAKEN, lambda: [(inbox.taken, ())])
    meter.observe(names.INBOX_LAG, lambda: [(inbox.lag(), ())])
    meter.observe(names.INBOX_BEHIND, lambda: _known(inbox.behind))


def _known(number: int | None) -> list[tuple[float, tuple[()]]]:
    return [] if number is None else [(number, ())]


def observe_signals(meter: Meter, signals: Signals) -> None:
    """Measure signals."""

    def standing(name: str) -> list[tuple[float, tuple[()]]]:
        stood = signals.stood
        return [] if stood is None else [(getattr(stood, name), ())]

    def counted(counts: Mapping[str, int]) -> list[tuple[float, tuple[str]]]:
        return [(number, (name,)) for name, number in [*counts.items()]]

    meter.observe(names.SIGNAL_EVENTS, lambda: counted(signals.arrived))
    meter.observe(names.SIGNAL_FIRED, lambda: counted(signals.fired))
    meter.observe(names.SIGNAL_UNDECIDED, lambda: counted(signals.undecided))
    meter.observe(names.SIGNAL_ENTITIES, lambda: standing("entities"))
    meter.observe(names.SIGNAL_WAITING, lambda: standing("waiting"))
    meter.observe(names.SIGNAL_UNTOLD, lambda: standing("untold"))
    meter.observe(
        names.SIGNAL_WATERMARK,
        lambda: [(watermark / 1e9, labels) for watermark, labels in standing("watermark")],
    )


class TracedDeciding:
    """Has questions decided in a span that is linked to the traces of those who sent them."""

    def __init__(self, deciding: Deciding, tracer: Tracer, extract: Extract) -> None:
        self._deciding, self._tracer, self._extract = deciding, tracer, extract

    async def decide(self, asked: Sequence[InboxQuestion]) -> list[Any]:
        """Return what became of each."""
        if not asked or not self._tracer.is_on:
            return await self._deciding.decide(asked)
        size = pair(names.INBOX_SIZE, len(asked))
        with self._tracer.start("consume", CONSUMER, [size]) as span:
            sent = (item.event.attributes.items() for item in asked)
            parents = [parent for pairs in sent if (parent := self._extract(pairs)) is not None]
            for parent in dict.fromkeys(parents[:LINKS_MOST]):
                span.add_link(parent)
            return await self._deciding.decide(asked)
