"""One span and one duration for each flow; the decisions of its steps are spans below it."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model.decision import Decision
from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.telemetry import names
from dealgate.telemetry.described import DRY_RUN, LIVE, REPEAT
from dealgate.telemetry.exceptions import error_type
from dealgate.telemetry.limits import RPC_BUCKETS
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.setup import Telemetry
from dealgate.telemetry.spans import CURRENT, UNHARMED, Span

Process: TypeAlias = Callable[[FlowQuestion], Awaitable[FlowAnswer]]


def traced_flow(process: Process, telemetry: Telemetry) -> Process:
    """Return `process`, observed."""
    return FlowObserver(process, telemetry).process


class FlowObserver:
    """Watches flows."""

    def __init__(self, process: Process, telemetry: Telemetry) -> None:
        self._process = process
        self._tracer = telemetry.tracer
        self._later = telemetry.later
        self._durations = telemetry.meter.histogram(names.FLOW_DURATION, RPC_BUCKETS)

    async def process(self, asked: FlowQuestion) -> FlowAnswer:
        """Take something through a flow, and tell how it went."""
        told = (kept_pair(names.FLOW_NAME, asked.flow), kept_pair(names.TENANT, asked.tenant))
        span = self._tracer.start(asked.flow.replace("_", " "), pairs=told)
        span.steps = []
        token = CURRENT.set(span)
        try:
            answer = await self._process(asked)
        except BaseException as error:
            self._later(self._failed, asked, error, span, time.perf_counter())
            raise
        finally:
            CURRENT.reset(token)
        # What is below the span is reported later, too: it ends after that.
        self._later(self._ended, asked, answer, span, time.perf_counter())
        return answer

    def _failed(self, asked: FlowQuestion, error: BaseException, span: Span, ended: float) -> None:
        _tell_steps(span, frozenset())
        wrong = error_type(error)
        self._durations.record(ended - span.begun, (asked.flow, None, None, wrong), span)
        span.set(names.ERROR_TYPE, wrong)
        span.is_error = isinstance(error, Exception) and not hasattr(error, "reason")
        span.end(ended)

    def _ended(self, asked: FlowQuestion, answer: FlowAnswer, span: Span, ended: float) -> None:
        # Of a repeat, what is answered was decided before.
        kept = () if answer.repeats else answer.decisions
        _tell_steps(span, frozenset(decision.id for decision in kept))
        mode = DRY_RUN if asked.dry_run else REPEAT if answer.repeats else LIVE
        labels = (asked.flow, mode, answer.stop, None)
        self._durations.record(ended - span.begun, labels, span)
        span.set(names.DECISION_MODE, mode)
        span.set(names.FLOW_STOP, answer.stop)
        span.set(names.FLOW_STEP_COUNT, len(answer.decisions))
        if answer.id:
            span.set(names.FLOW_ID, answer.id)
        span.end(ended)


def _tell_steps(span: Span, kept: frozenset[str]) -> None:
    """Tell of what was judged; what is not among the decisions that were kept is discarded.

    A flow that lost a turn is judged again, under the same ids: the last one counts.
    """
    steps = span.steps or []
    last = {told[0][0].id: number for number, (_, told) in enumerate(steps)}
    for number, (tell, told) in enumerate(steps):
        (question,), (outcome,) = told[:2]
        is_kept = question.id in kept and last[question.id] == number
        is_discarded = isinstance(outcome, Decision) and not question.dry_run and not is_kept
        with UNHARMED:
            tell(*told, is_discarded=is_discarded)
