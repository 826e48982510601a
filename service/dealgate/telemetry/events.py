"""Things that happened, as log events: by name, with attributes, no more often than is useful."""

import logging
import time
from collections.abc import Callable, Mapping

from dealgate.telemetry import names
from dealgate.telemetry.otlp import LOG_ATTRIBUTE, Value, attributes, log_record
from dealgate.telemetry.shared import Described
from dealgate.telemetry.spans import CURRENT, Span

SLOW_EVERY = 10.0  # seconds between two lines about slow decisions
log = logging.getLogger("dealgate")


def tell(
    event: str, message: str, told: Mapping[str, Value] | None = None, level: int = logging.INFO
) -> None:
    """Log an event."""
    given = {key: value for key, value in (told or {}).items() if value not in ((), [], "")}
    log.log(level, "%s", message, extra={"event": event, "attributes": given})


class Seldom:
    """Lets something through every so many seconds, and counts what it holds back."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._next = float("-inf")
        self.suppressed = 0

    def may(self) -> bool:
        """Tell whether it is time; `suppressed` is how many were held back since the last one."""
        now = self._clock()
        if now < self._next:
            self.suppressed += 1
            return False
        self._next = now + self._seconds
        return True

    def taken(self) -> int:
        """Return how many were held back, and begin anew."""
        many, self.suppressed = self.suppressed, 0
        return many


class DecisionEvents:
    """Tells of each decision over OTLP, and of slow ones in the log."""

    def __init__(self, records: list[bytes] | None, slow: float) -> None:
        """`slow`: seconds that make a decision slow; without `records` only those are reported."""
        self._records = records
        self._slow = slow
        self._seldom = Seldom(SLOW_EVERY)

    def __call__(self, described: Described, span: Span, seconds: float) -> None:
        """Tell of one that is over."""
        if seconds >= self._slow:
            token = CURRENT.set(span)  # so that the line names its trace and its decision
            self._tell_slow(described, seconds)
            CURRENT.reset(token)
        if self._records is None:
            return
        shared, at = described.shared, span.started + int(seconds * 1e9)
        if shared.is_frequent and span.is_recording:
            own = described.own
            record = shared.record(at, at, *own, span.trace_id, span.span_id)
        else:
            record = _record(described, span, at)
        self._records.append(record)

    def _tell_slow(self, described: Described, seconds: float) -> None:
        if not self._seldom.may():
            return
        told: dict[str, Value] = {
            names.RULESET_NAME: described.shared.kind,
            names.DURATION: seconds,
            names.LOG_SUPPRESSED_COUNT: self._seldom.taken(),
        }
        if described.shared.mode == "live":
            told[names.DECISION_ID] = described.id
        words = f"a decision of {described.shared.kind} took {seconds:.2f} s ({described.id})"
        tell(names.EVENT_DECISION_SLOW, words, told, logging.WARNING)


def _record(described: Described, span: Span, at: int) -> bytes:
    return log_record(
        at,
        *described.shared.severity,
        "",
        attributes(LOG_ATTRIBUTE, described.pairs()),
        names.EVENT_DECISION_EVALUATED,
        span.trace_id if span.is_recording else b"",
        span.span_id,
    )
