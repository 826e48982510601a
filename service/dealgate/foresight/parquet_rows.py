"""A recorded decision as a row of the export, and back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from dealgate.foresight.outline import Column
from dealgate.foresight.weights import Weigh
from dealgate.journal.port import Recorded
from dealgate.model.decision import Decision, Entity, Trial
from dealgate.model.kind import AnyKind
from dealgate.model.results import Result

MICROSECOND = 1_000


# What deciding again needs of a row, in the order that `recorded` takes it.
NEEDED = (
    *("id", "tenant", "kind", "decided_at_ns", "as_of_ns", "version", "digest", "engine"),
    *("entity", "outcome", "facts"),
    *("result", "result_minor", "result_currency", "happened_at_ns", "revision"),
)


def row_of(
    record: Recorded, kind: AnyKind, outline: Sequence[Column], weigh: Weigh
) -> Sequence[Any]:
    """Return the values of a decision's columns; `weigh` says what money it is about."""
    decision, result = record
    outcome = kind.outcome_in(decision.answer)
    money = weigh(kind.read(decision.facts), result) or (None, None)
    made = decision.provenance
    return (
        decision.id,
        decision.tenant,
        decision.kind,
        _instant(decision.decided_at),
        decision.decided_at,
        _instant(decision.as_of),
        decision.as_of,
        decision.version,
        decision.digest,
        decision.engine,
        None if made is None else made.contract,
        str(decision.entity),
        decision.outcome,
        list(decision.fired),
        decision.facts,
        decision.answer,
        *money,
        *_told(result),
        *_tried(decision.trial),
        *(column.value(outcome) for column in outline),
    )


def _told(result: Result | None) -> Sequence[Any]:
    if result is None:
        return (None,) * 6
    happened = _instant(result.happened_at), result.happened_at
    return result.type, result.amount, result.currency, *happened, result.revision


def _tried(trial: Trial | None) -> Sequence[Any]:
    if trial is None:
        return (None,) * 5
    tried, other = trial.challenger, trial.other
    share = None if tried.share is None else float(tried.share)
    beside = (None, None) if other is None else (other.version, other.outcome)
    return tried.seed, share, trial.is_challenged, *beside


def _instant(nanoseconds: int) -> dt.datetime:
    since = dt.timedelta(microseconds=nanoseconds // MICROSECOND)
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + since


def recorded(row: Sequence[Any]) -> Recorded:
    """Return a decision, without its answer, from the values of NEEDED."""
    id_, tenant, kind, decided_at, as_of, version, digest, engine = row[:8]
    entity, outcome, facts = row[8:11]
    type_, _, entity_id = entity.partition("/")
    decision = Decision(
        id=id_,
        tenant=tenant,
        kind=kind,
        entity=Entity(type_, entity_id),
        version=version,
        digest=digest,
        engine=engine,
        as_of=as_of,
        decided_at=decided_at,
        trace_id="",
        facts=facts,
        answer=b"",
        outcome=outcome,
        fired=(),
        key=None,
        body_hash=b"",
    )
    return decision, _result(decision, row[11:])


def _result(decision: Decision, told: Sequence[Any]) -> Result | None:
    type_, amount, currency, happened_at, revision = told
    if type_ is None:
        return None
    who = decision.tenant, decision.id, revision
    minor = None if amount is None else int(amount)
    return Result(*who, type_, happened_at, happened_at, minor, currency, "", "", "")
