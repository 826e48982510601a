"""One span and one duration for each decision, in batches too, around any decide function."""

import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace

from opentelemetry.metrics import Meter
from opentelemetry.trace import Span, StatusCode, Tracer, format_trace_id, use_span
from opentelemetry.util.types import AttributeValue

from dealgate.decide import DecideAll, Outcomes
from dealgate.model.decision import Decision, Question
from dealgate.model.errors import DealgateError, RulesFailed, Unavailable
from dealgate.model.kind import AnyKind
from dealgate.telemetry import names
from dealgate.v1.decision_pb2 import DecisionHeader

# What is our fault. Every other error of ours refuses a caller, which is business as usual.
FAULTS = (RulesFailed, Unavailable)


def traced(
    decide_all: DecideAll, kinds: Mapping[str, AnyKind], tracer: Tracer, meter: Meter
) -> DecideAll:
    """Return `decide_all`, observed; questions it gets carry the trace id, if there is one."""
    duration = meter.create_histogram(
        names.DECISION_DURATION,
        unit="s",
        description="Duration of decisions, from question to durable answer.",
        explicit_bucket_boundaries_advisory=names.DECISION_BUCKETS,
    )

    async def observed(questions: Sequence[Question]) -> Outcomes:
        started = time.perf_counter()
        spans = [
            tracer.start_span(f"decide {asked.kind}", attributes=_asked(asked))
            for asked in questions
        ]
        asked = [_with_trace_id(*pair) for pair in zip(questions, spans, strict=True)]
        try:
            # What happens inside is a part of the one decision, or of whatever called for many.
            with use_span(spans[0]) if len(spans) == 1 else nullcontext():
                outcomes = await decide_all(asked)
        except BaseException as error:
            record(questions, spans, [error] * len(spans), started)
            raise
        record(questions, spans, outcomes, started)
        return outcomes

    def record(
        questions: Sequence[Question],
        spans: Sequence[Span],
        outcomes: Sequence[Decision | BaseException],
        started: float,
    ) -> None:
        seconds = time.perf_counter() - started
        for question, span, outcome in zip(questions, spans, outcomes, strict=True):
            measured: dict[str, AttributeValue] = {names.RULESET_NAME: question.kind}
            if isinstance(outcome, Decision):
                measured |= _decided(span, question, outcome, kinds)
            else:
                measured |= _failed(span, outcome)
            with use_span(span, end_on_exit=True):  # so that an exemplar names it
                duration.record(seconds, measured)

    return observed


def _asked(question: Question) -> dict[str, AttributeValue]:
    return {
        names.DECISION_ID: question.id,
        names.DECISION_KIND: question.kind,
        names.DECISION_EXPLAIN: question.explain,
        names.DECISION_DRY_RUN: question.dry_run,
        names.RULESET_NAME: question.kind,
    }


def _with_trace_id(question: Question, span: Span) -> Question:
    context = span.get_span_context()
    if not context.is_valid:
        return question
    return replace(question, trace_id=format_trace_id(context.trace_id))


def _decided(
    span: Span, question: Question, decision: Decision, kinds: Mapping[str, AnyKind]
) -> dict[str, AttributeValue]:
    """Write the decision into the span, and return the attributes of its duration.

    Outcomes are words of a kind's own choosing and versions grow one by one, so both keep the
    number of time series small.
    """
    measured: dict[str, AttributeValue] = {
        names.RULESET_VERSION: decision.version,
        names.DECISION_OUTCOME: decision.outcome,
    }
    if span.is_recording():
        span.set_attributes(measured | _evidence(decision, kinds[decision.kind]))
        if decision.id != question.id:
            span.set_attribute(names.DECISION_REPLAYED, True)  # noqa: FBT003 - a value, no flag
    return measured


def _evidence(decision: Decision, kind: AnyKind) -> dict[str, AttributeValue]:
    undecided, failed, missing = _counts(decision, kind)
    return {
        names.DECISION_ID: decision.id,
        names.RULESET_DIGEST: decision.digest,
        names.FIRED_IDS: decision.fired[: names.FIRED_IDS_LIMIT],
        names.FIRED_COUNT: len(decision.fired),
        names.UNDECIDED_COUNT: undecided,
        names.FAILED_COUNT: failed,
        names.MISSING_COUNT: missing,
    }


def _counts(decision: Decision, kind: AnyKind) -> tuple[int, int, int]:
    """Return how many rules are undecided and failed, and how many facts are missing."""
    if decision.evidence is not None:
        taken = decision.evidence
        return len(taken.undecided), len(taken.failed), len(taken.missing)
    header: DecisionHeader = getattr(kind.response.FromString(decision.answer), "header")  # noqa: B009
    kept = header.evidence
    return len(kept.undecided), len(kept.failed), len(header.missing_facts)


def _failed(span: Span, error: BaseException) -> dict[str, AttributeValue]:
    """Write an error into the span without its text, and return the attributes of its duration."""
    ours = isinstance(error, DealgateError)
    name = type(error).__qualname__
    kind = name if ours else f"{type(error).__module__}.{name}"
    span.set_attribute(names.ERROR_TYPE, kind)
    if isinstance(error, FAULTS) or (isinstance(error, Exception) and not ours):
        span.set_status(StatusCode.ERROR)
    if isinstance(error, Exception) and not ours:
        frames = "".join(traceback.format_tb(error.__traceback__))
        details = {names.EXCEPTION_TYPE: kind, names.EXCEPTION_STACKTRACE: frames}
        span.add_event(names.EXCEPTION, details)
    return {names.ERROR_TYPE: kind}
