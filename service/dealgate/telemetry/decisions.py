"""One span, one duration and one log event for each decision, around any decide function.

A batch is one span, with those of a few of its decisions below it: the journal and the log events
have all of them.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from dealgate.decide import DecideAll, Outcomes
from dealgate.model.decision import Decision, Question
from dealgate.telemetry import names
from dealgate.telemetry.counts import Counts
from dealgate.telemetry.described import Describer
from dealgate.telemetry.exceptions import exception_pairs
from dealgate.telemetry.limits import CHILDREN, DECISION_BUCKETS, RPC_BUCKETS
from dealgate.telemetry.otlp import pair
from dealgate.telemetry.setup import Telemetry
from dealgate.telemetry.shared import Described, Shared
from dealgate.telemetry.spans import CURRENT, Span

Answers: TypeAlias = Sequence[Decision | BaseException]
# Takes what a decision is described by, the span to look at, and how long it took, in seconds.
Tell: TypeAlias = Callable[[Described, Span, float], None]


def traced(
    decide_all: DecideAll,
    describer: Describer,
    telemetry: Telemetry,
    tell: Tell | None,
    *,
    in_flow: bool = False,
) -> DecideAll:
    """Return `decide_all`, observed; questions it gets carry the trace id, if there is one.

    `in_flow`: what waited for its turn was the flow, not each of its steps.
    """
    if not telemetry.tracer.is_on and not telemetry.meter.is_on and tell is None:
        return _passing_on(decide_all)
    return Observer(decide_all, describer, telemetry, tell, in_flow=in_flow).decide_all


def _passing_on(decide_all: DecideAll) -> DecideAll:
    async def decide(questions: Sequence[Question]) -> Outcomes:
        span = CURRENT.get()
        if span is not None and span.trace_id:
            questions = _within(questions, span)
        return await decide_all(questions)

    return decide


class Observer:
    """Watches decisions being taken."""

    def __init__(
        self,
        decide_all: DecideAll,
        describer: Describer,
        telemetry: Telemetry,
        tell: Tell | None,
        *,
        in_flow: bool = False,
    ) -> None:
        """`tell` is called with each decision."""
        self._in_flow = in_flow
        self._decide_all = decide_all
        self._describer = describer
        self._tracer = telemetry.tracer
        self._later = telemetry.later
        self._spans = telemetry.later.spans
        self._tell = tell
        meter = telemetry.meter
        self._duration = meter.histogram(names.DECISION_DURATION, DECISION_BUCKETS)
        self._wait = meter.histogram(names.RPC_WAIT_DURATION, RPC_BUCKETS)
        self._counts = Counts(meter)
        self._counted = meter.is_on
        # What was decided and is not counted yet: one of those that are alike stands for all.
        self._alike: list[tuple[Shared, Question, Decision | BaseException]] = []

    async def decide_all(self, questions: Sequence[Question]) -> Outcomes:
        """Decide, and tell how it went."""
        above = CURRENT.get()
        alone = questions[0] if len(questions) == 1 else None
        what = "batch" if alone is None else self._describer.kind_of(alone)
        span = self._tracer.start(f"decide {what}")
        if alone is not None:
            span.subject_id = alone.id
        token = CURRENT.set(span)
        try:
            outcomes = await self._decide_all(_within(questions, span))
        except BaseException as error:
            self._leave(questions, [error] * len(questions), above, span)
            raise
        finally:
            CURRENT.reset(token)
        self._leave(questions, outcomes, above, span)
        return outcomes

    def _leave(
        self, questions: Sequence[Question], outcomes: Answers, above: Span | None, span: Span
    ) -> None:
        rpc = None if self._in_flow else above
        told = (questions, outcomes, rpc, span, time.perf_counter())
        if self._in_flow and above is not None and above.steps is not None:
            above.steps.append((self._ended, told))
        elif rpc is not None and rpc.asks_once and rpc.told_with is None:
            rpc.told_with = (self._ended, told)  # one record of both
        else:
            self._later(self._ended, *told)

    def _ended(
        self,
        questions: Sequence[Question],
        outcomes: Answers,
        rpc: Span | None,
        span: Span,
        ended: float,
        *,
        is_discarded: bool = False,
    ) -> None:
        if rpc is not None:
            self._wait.record(span.begun - rpc.begun + rpc.waited, (), rpc)
        if len(questions) == 1:
            self._told(questions[0], outcomes[0], span, ended, is_discarded=is_discarded)
            return
        chosen = _children(outcomes) if span.is_recording else frozenset()
        token = CURRENT.set(span)
        for index, outcome in enumerate(outcomes):
            asked = questions[index]
            child = span
            if index in chosen:
                child = self._tracer.start(f"decide {self._describer.kind_of(asked)}")
                child.started, child.begun = span.started, span.begun
            self._told(asked, outcome, child, ended, is_shared=child is span)
        CURRENT.reset(token)
        if span.is_recording:
            failed = sum(1 for outcome in outcomes if not isinstance(outcome, Decision))
            span.add(
                pair(names.BATCH_SIZE, len(questions)),
                pair(names.BATCH_FAILED_COUNT, failed),
                pair(names.BATCH_UNSHOWN_COUNT, len(questions) - len(chosen)),
            )
            self._spans.append(span.encoded(ended))

    def _told(
        self,
        question: Question,
        outcome: Decision | BaseException,
        span: Span,
        ended: float,
        *,
        is_shared: bool = False,
        is_discarded: bool = False,
    ) -> None:
        described = self._describer.described(question, outcome, is_discarded=is_discarded)
        seconds = ended - span.begun
        self._duration.record(seconds, described.shared.labels, span)
        if self._counted:
            self._count_soon(described.shared, question, outcome)
        if self._tell is not None:
            self._tell(described, span, seconds)
        if isinstance(outcome, Decision) and outcome.trial is not None and not is_discarded:
            self._told_beside(question, outcome, span, ended, is_shared=is_shared)
        if span.is_recording and not is_shared:
            self._spans.append(_span(span, described, outcome, ended))

    def _count_soon(
        self, shared: Shared, question: Question, outcome: Decision | BaseException
    ) -> None:
        if not shared.uncounted:
            if not self._alike:
                self._later.at_the_end(self._count_alike)
            self._alike.append((shared, question, outcome))
        shared.uncounted += 1

    def _count_alike(self) -> None:
        for shared, question, outcome in self._alike:
            self._counts.count(question, outcome, shared.mode, shared.uncounted)
            shared.uncounted = 0
        self._alike.clear()

    def _told_beside(
        self, question: Question, outcome: Decision, span: Span, ended: float, *, is_shared: bool
    ) -> None:
        """Tell what a challenger decided beside the champion, which answered."""
        beside = _beside(question, outcome)
        if beside is None:
            return
        described, seconds = self._describer.described(question, beside), ended - span.begun
        self._duration.record(seconds, described.shared.labels, span)
        if self._tell is not None:
            self._tell(described, span, seconds)
        if span.is_recording and not is_shared:
            token = CURRENT.set(span)
            child = self._tracer.start(f"decide {question.kind}")
            CURRENT.reset(token)
            child.started, child.begun = span.started, span.begun
            self._spans.append(_span(child, described, beside, ended))


def _span(span: Span, described: Described, outcome: object, ended: float) -> bytes:
    """Return the span of a decision, as it is exported."""
    shared = described.shared
    if shared.is_frequent and span.parent_id and span.is_plain:
        times = span.started, span.instant(ended)
        ids = span.trace_id, span.span_id, span.parent_id
        return shared.span(*ids, *times, *described.own)
    span.add(*described.pairs())
    span.is_error = shared.is_error
    if shared.is_defect and isinstance(outcome, BaseException):
        span.add_event(names.EVENT_EXCEPTION, *exception_pairs(outcome))
    return span.encoded(ended)


def _beside(question: Question, outcome: Decision) -> Decision | None:
    """Return what the challenger decided, if another version answered this very question."""
    if outcome.id != question.id or question.dry_run:
        return None
    trial = outcome.trial
    if trial is None or trial.other is None or outcome.is_challengers:
        return None
    return replace(trial.other, trial=trial)


def _children(outcomes: Answers) -> frozenset[int]:
    """Return which decisions of a batch have spans of their own: first those that failed."""
    order = sorted(range(len(outcomes)), key=lambda i: (isinstance(outcomes[i], Decision), i))
    return frozenset(order[:CHILDREN])


def _within(questions: Sequence[Question], span: Span) -> Sequence[Question]:
    if not span.trace_id:
        return questions
    trace_id = span.trace_id_text
    for question in questions:
        # Each was made for this call and nobody has looked at it: a copy would cost as much as
        # the whole span.
        object.__setattr__(question, "trace_id", trace_id)
    return questions
