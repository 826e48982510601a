"""One span and one duration for each flow; the decisions of its steps are spans below it."""

import time
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from dealgate.model.flow import FlowAnswer, FlowQuestion
from dealgate.telemetry import names
from dealgate.telemetry.described import DRY_RUN, LIVE, REPEAT
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.limits import RPC_BUCKETS
from dealgate.telemetry.otlp import kept_pair
from dealgate.telemetry.spans import UNHARMED, Tracer, error_type

Process: TypeAlias = Callable[[FlowQuestion], Awaitable[FlowAnswer]]


def traced_flow(process: Process, tracer: Tracer, meter: Meter) -> Process:
    """Return `process`, observed."""
    durations = meter.histogram(names.FLOW_DURATION, RPC_BUCKETS)

    async def observed(asked: FlowQuestion) -> FlowAnswer:
        began = time.perf_counter()
        told = (kept_pair(names.FLOW_NAME, asked.flow), kept_pair(names.TENANT, asked.tenant))
        with tracer.start(asked.flow.replace("_", " "), pairs=told) as span:
            try:
                answer = await process(asked)
            except BaseException as error:
                seconds = time.perf_counter() - began
                durations.record(seconds, (asked.flow, None, None, error_type(error)), span)
                raise
            with UNHARMED:
                mode = DRY_RUN if asked.dry_run else REPEAT if answer.repeats else LIVE
                labels = (asked.flow, mode, answer.stop, None)
                durations.record(time.perf_counter() - began, labels, span)
                span.set(names.DECISION_MODE, mode)
                span.set(names.FLOW_STOP, answer.stop)
                span.set(names.FLOW_STEP_COUNT, len(answer.decisions))
                if answer.id:
                    span.set(names.FLOW_ID, answer.id)
        return answer

    return observed
