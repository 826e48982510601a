"""Small journals by hand: decisions and results of days in 2026, counted from 1 January."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.type.date_pb2 import Date

from dealgate.insight.answering import INSIGHTS
from dealgate.insight.traffic import Recorded, Traffic
from dealgate.model.decision import Decision, Entity
from dealgate.model.instants import DAY, timestamp
from dealgate.model.money import from_minor
from dealgate.model.results import Result
from dealgate.v1 import advance_pb2, forecast_pb2, insight_pb2, quota_pb2
from dealgate.v1.opportunity_pb2 import Opportunity, StageChange

START = int(dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()) * 10**9
STAGES = ("New", "Offer", "Won")
MOVE = advance_pb2.StageMove


def at(day: float) -> int:
    """`at(0)` is the first instant of 2026, `at(1)` a day later; nanoseconds."""
    return START + round(day * DAY)


def stamp(day: float) -> Timestamp:
    """The same as protobuf writes it."""
    return timestamp(at(day))


def on(day: int) -> Date:
    """The date of a day."""
    date = dt.date(2026, 1, 1) + dt.timedelta(days=day)
    return Date(year=date.year, month=date.month, day=date.day)


class Journal:
    """Decisions with what came of them, in the order they were recorded."""

    def __init__(self) -> None:
        """Start empty."""
        self.kept: list[Recorded] = []
        self._numbers = count(1)

    def __call__(self, kinds: Sequence[str]) -> Iterator[Recorded]:
        """Read the decisions of these kinds, as insights do."""
        return (one for one in self.kept if one[0].kind in kinds)

    def note(
        self,
        kind: str,
        entity: tuple[str, str],
        day: float,
        *,
        facts: Message | None = None,
        answer: Message | None = None,
        outcome: str = "",
        fired: Sequence[str] = (),
        told: tuple[Any, ...] | None = None,
    ) -> Decision:
        """Keep a decision; `told` is a result: its type, day, and minor units and currency."""
        decision = Decision(
            id=f"00000000-0000-7000-8000-{next(self._numbers):012d}",
            tenant="default",
            kind=kind,
            entity=Entity(*entity),
            version=1,
            digest="d" * 64,
            engine="native/1",
            as_of=at(day),
            decided_at=at(day),
            trace_id="",
            facts=facts.SerializeToString() if facts else b"",
            answer=answer.SerializeToString() if answer else b"",
            outcome=outcome,
            fired=tuple(fired),
            key=None,
            body_hash=b"",
        )
        self.kept.append((decision, _result(decision, *told) if told else None))
        return decision

    def move(
        self,
        deal: str,
        day: float,
        target: str = "",
        *,
        move: "MOVE.ValueType" = MOVE.STAGE_MOVE_FORWARD,
        told: tuple[Any, ...] | None = None,
        history: Sequence[tuple[str, float]] = (),
        **opportunity: Any,
    ) -> Decision:
        """A move of a deal that was allowed; without a target, one that was blocked."""
        changes = [StageChange(stage_name=name, at=stamp(then)) for name, then in history]
        facts = advance_pb2.AdvanceFacts(
            opportunity=Opportunity(id=deal, history=changes, **opportunity), target_stage=target
        )
        word = "allow" if target else "block"
        outcome = advance_pb2.AdvanceOutcome(
            decision=advance_pb2.AdvanceDecision.Value(f"ADVANCE_DECISION_{word.upper()}"),
            move=move,
        )
        return self.note(
            "advance",
            ("opportunity", deal),
            day,
            facts=facts,
            answer=advance_pb2.AdvanceStageResponse(outcome=outcome),
            outcome=word,
            told=told,
        )

    def forecast(
        self,
        name: str,
        day: float,
        ends: int,
        headline: int | None,
        *,
        currency: str = "EUR",
        submitted: Sequence[tuple[str, int]] = (),
        lines: Sequence[tuple[str, int]] = (),
        told: tuple[Any, ...] | None = None,
    ) -> Decision:
        """A forecast (minor units) of the period that ends on a day."""
        facts = forecast_pb2.ForecastFacts(id=name, period_start=on(0), period_end=on(ends))
        for who, amount in submitted:
            facts.submitted.add(submitted_by=who, amount=from_minor(amount, currency))
        outcome = forecast_pb2.ForecastOutcome(currency_code=currency)
        if headline is not None:
            outcome.headline.CopyFrom(from_minor(headline, currency))
        for method, amount in lines:
            outcome.lines.add(
                method=forecast_pb2.ForecastMethod.Value(f"FORECAST_METHOD_{method}"),
                amount=from_minor(amount, currency),
            )
        answer = forecast_pb2.ForecastPipelineResponse(outcome=outcome)
        entity = ("forecast", name)
        return self.note("forecast", entity, day, facts=facts, answer=answer, told=told)

    def quota(
        self, seller: str, day: float, credited: int, quota: int | None, currency: str = "EUR"
    ) -> Decision:
        """A quota, and what was credited, in minor units."""
        owner = quota_pb2.SellerProgress(seller_id=seller, credited=from_minor(credited, currency))
        if quota is not None:
            owner.effective_quota.CopyFrom(from_minor(quota, currency))
        answer = quota_pb2.TrackQuotaResponse(outcome=quota_pb2.QuotaOutcome(owner=owner))
        return self.note("quota", ("seller", seller), day, answer=answer)

    def ask(self, name: str, as_of: float = 365, **asked: Any) -> Any:
        """Return an insight as of a day; `since` and `before` are days, too."""
        window = insight_pb2.InsightWindow(as_of=stamp(as_of))
        for end in ("since", "before"):
            if end in asked:
                getattr(window, end).CopyFrom(stamp(asked.pop(end)))
        insight = INSIGHTS[name]
        if "stages" in insight.request.DESCRIPTOR.fields_by_name:
            asked.setdefault("stages", STAGES)
        request = insight.request(window=window, **asked)
        return insight.compute(request, Traffic(self), at(as_of))


def left_out(found: Any) -> dict[str, int]:
    """Return what an insight left out, by code."""
    return {one.code: one.count for one in found.basis.left_out}


def value(measured: Any) -> str | None:
    """Return a measure's or a share's value as text; None if it is not known."""
    if not measured.HasField("value"):
        assert measured.unknown_because
        return None
    assert not measured.unknown_because
    text: str = measured.value.value
    return text


def _result(
    of: Decision, type_: str, day: float, amount: int | None = None, currency: str = "EUR"
) -> Result:
    return Result(
        tenant=of.tenant,
        decision_id=of.id,
        revision=1,
        type=type_,
        happened_at=at(day),
        recorded_at=max(at(day), of.decided_at),
        amount=amount,
        currency="" if amount is None else currency,
        reason="",
        recorded_by="crm",
        because="",
    )
