"""Signals at work: events are kept until their time has come, and firings wait to be sent.

Only counts are held here: whatever dies, the state continues from its last commit.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from dealgate.inbox.asking import Request
from dealgate.inbox.incoming import Incoming
from dealgate.inbox.port import Rejected, Rejection
from dealgate.journal.signals.port import (
    UNASKABLE,
    Advanced,
    Arrived,
    Due,
    Limits,
    SignalsKept,
    State,
    States,
    WaitingEvent,
    WaitingFiring,
)
from dealgate.signals.arriving import arrival_of, happening
from dealgate.signals.contexts import Contexts
from dealgate.signals.declared import Entity, Signal, entity_of, signal_id
from dealgate.signals.patterns import Firing
from dealgate.signals.timeline import advance, wake
from dealgate.v1 import signal_pb2 as pb

AHEAD: Final = 300 * 10**9  # ns that a clock of others may be ahead of ours
AT_ONCE: Final = 500  # entities that are settled in one transaction
REFUSED: Mapping[Arrived, tuple[str, str]] = {
    Arrived.LATE: ("LATE", "it is older than --lateness allows"),
    Arrived.CROWDED: ("TOO_MANY_EVENTS", "too many events about its entity are waiting"),
    Arrived.STRANGER: ("TOO_MANY_ENTITIES", "the maximum number of entities is stored"),
}
FUTURE = Rejection("FUTURE", "its time is more than five minutes from now")


@dataclass(slots=True)
class Counts:
    """What became of events, firings and conditions so far, by their names; what was kept last."""

    arrived: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    stood: SignalsKept | None = None


class Tracker:
    """Follows the signals of a tenant."""

    def __init__(
        self,
        tenant: str,
        signals: Mapping[str, Signal],
        contexts: Contexts,
        state: State,
        limits: Limits,
        now: Callable[[], int] = time.time_ns,
    ) -> None:
        """`now` is the clock, in ns."""
        self._tenant, self._contexts = tenant, contexts
        self._state, self._limits, self.now = state, limits, now
        # A signal whose meaning changed begins anew: its old state has another key.
        self._signals = {f"{name}@{of.digest[:16]}": of for name, of in signals.items()}
        self._keys = {of.name: key for key, of in self._signals.items()}
        self._feeds = {signal.feed for signal in signals.values()}
        self._turn = threading.Lock()
        self.counts = Counts()

    def take(self, events: Sequence[Incoming]) -> list[Rejection | None]:
        """Keep events durably; return why, of each that is not kept. Raises StateFailed."""
        results: list[Rejection | None] = []
        arrivals: dict[int, WaitingEvent] = {}
        for index, event in enumerate(events):
            rejection = None
            try:
                arrival = arrival_of(event, self._contexts)
            except Rejected as signal:
                rejection, arrival = signal.rejection, None
            if arrival is not None and arrival.at > self.now() + AHEAD:
                rejection, arrival = FUTURE, None
            if arrival is not None and arrival.feed in self._feeds:
                arrivals[index] = arrival
            results.append(rejection)
        arrived = self._state.arrive(self._tenant, list(arrivals.values()), self._limits)
        for index, what in zip(arrivals, arrived, strict=True):
            if what in REFUSED:
                results[index] = Rejection(*REFUSED[what])
        with self._turn:
            self.counts.arrived.update(what.value for what in arrived)
            self.counts.arrived["refused"] += sum(
                rejection is not None and index not in arrivals
                for index, rejection in enumerate(results)
            )
        return results

    def pass_time(self, clock: int) -> None:
        """Let a quiet stream's time pass: nothing older than the lateness comes any more."""
        self._state.pass_time(self._tenant, clock - self._limits.lateness)

    def settle(self) -> bool:
        """Judge those whose time has come, until too much waits to be sent; tell if that is so.

        Raises StateFailed.
        """
        stood, before = self.counts.stood or self.standing(), self.counts.fired.total()
        while not (full := self._is_full(stood.untold + self.counts.fired.total() - before)):
            if not self._state.settle(self._tenant, self._advanced, AT_ONCE):
                break
        # Asked before the turn is taken: what has the state waits for the turn (`_advanced`).
        stood = self.standing()
        with self._turn:
            self.counts.stood = stood
        return full

    def _is_full(self, untold: int) -> bool:
        return untold >= self._limits.untold

    @property
    def is_full(self) -> bool:
        """Whether too much waits to be sent, as of the last check."""
        stood = self.counts.stood
        return stood is not None and self._is_full(stood.untold)

    def untold(self, most: int) -> Sequence[WaitingFiring]:
        """Return firings that wait to be sent."""
        return self._state.untold(self._tenant, most)

    def told(self, fired: Sequence[WaitingFiring]) -> None:
        """Forget firings that were sent."""
        self._state.told(self._tenant, fired)
        with self._turn:
            if (stood := self.counts.stood) is not None:
                left = max(stood.untold - len(fired), 0)
                self.counts.stood = replace(stood, untold=left)

    def standing(self) -> SignalsKept:
        """Return how much is kept."""
        return self._state.standing(self._tenant)

    def _advanced(self, due: Due, watermark: int) -> Advanced:
        events = [
            happening(event, self._contexts) for event in due.events if event.feed in self._feeds
        ]
        before: States = {
            self._signals[key].name: state
            for key, state in due.states.items()
            if key in self._signals
        }
        signals = {signal.name: signal for signal in self._signals.values()}
        result = advance(signals, before, events, watermark)
        entity = entity_of(due.entity) or Entity("", due.entity)
        fired = [self._fired(signal, entity, firing) for signal, firing in result.firings]
        with self._turn:
            self.counts.undecided.update(result.undecided)
            self.counts.fired.update(signal.name for signal, _ in result.firings)
        states = {self._keys[name]: state for name, state in result.states.items() if state}
        return Advanced(due.entity, states, wake(signals, result.states), fired)

    def _fired(self, signal: Signal, entity: Entity, firing: Firing) -> WaitingFiring:
        id_ = signal_id(self._tenant, signal, entity, firing)
        told = pb.Signal(
            id=id_,
            name=signal.name,
            entity=str(entity),
            because=signal.because,
            digest=signal.digest,
            causes=firing.causes,
        )
        told.at.FromNanoseconds(firing.at)
        if firing.count:
            told.count = firing.count
        if firing.value is not None:
            told.value.value = f"{firing.value:f}"
        whole = WaitingFiring(id_, str(entity), told.SerializeToString(deterministic=True))
        if signal.ask is None:
            return whole
        context = self._contexts.firing(signal.name, id_, entity, firing)
        try:
            request: Request = signal.ask.asked(context, firing.at)
        except Rejected as refusal:
            why = json.dumps([refusal.rejection.reason, refusal.rejection.message]).encode()
            return replace(whole, request_type=UNASKABLE, request=why)
        name = request.DESCRIPTOR.full_name
        return replace(whole, request_type=name, request=request.SerializeToString())
