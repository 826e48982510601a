"""The one table from errors to statuses."""

from collections.abc import Iterator

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, PreconditionFailure, RetryInfo

from dealgate.model.changes import Diagnostic
from dealgate.model.codes import Code
from dealgate.model.errors import (
    ActivityChanged,
    BadQuestion,
    Crashed,
    DealgateError,
    Defect,
    EntityFull,
    Expired,
    Forbidden,
    KeyReused,
    Later,
    NotReleased,
    NotServed,
    NotSound,
    OperatorError,
    Overloaded,
    PositionLost,
    RecordDamaged,
    ReleaseRefused,
    ResultExists,
    RulesBehind,
    RuleSetUnusable,
    RulesFailed,
    ScopesOverlap,
    Stale,
    SubjectErased,
    SwitchedOff,
    TimedOut,
    TooLarge,
    TurnTaken,
    Unauthenticated,
    Unavailable,
    UnknownDecision,
    UnknownRuleSet,
    Violation,
)
from dealgate.model.rules import Location
from dealgate.wire.status import TABLE, status_of
from tests.wire.conftest import House, refusal
from tests.wire.samples import score

CODE = grpc.StatusCode
HERE = Location("rules/score/v3.yaml", 1, 1)
ERRORS = [
    (BadQuestion([Violation("lead.id", "is required")]), CODE.INVALID_ARGUMENT, "BAD_QUESTION"),
    (UnknownRuleSet("there is no score@9"), CODE.NOT_FOUND, "UNKNOWN_RULE_SET"),
    (NotServed("there are no rules"), CODE.UNIMPLEMENTED, "NOT_SERVED"),
    (UnknownDecision("there is no such decision"), CODE.NOT_FOUND, "UNKNOWN_DECISION"),
    (RecordDamaged("its record is damaged"), CODE.DATA_LOSS, "RECORD_DAMAGED"),
    (SubjectErased("d1", ["erased-0a"]), CODE.FAILED_PRECONDITION, "SUBJECT_ERASED"),
    (RuleSetUnusable("score@1", "is torn"), CODE.FAILED_PRECONDITION, "RULE_SET_UNUSABLE"),
    (NotReleased("score@3", "is a draft"), CODE.FAILED_PRECONDITION, "NOT_RELEASED"),
    (ScopesOverlap(["dach", "emea"]), CODE.FAILED_PRECONDITION, "SCOPES_OVERLAP"),
    (ReleaseRefused("score@3", "too early"), CODE.FAILED_PRECONDITION, "RELEASE_REFUSED"),
    (Unauthenticated("who is that?"), CODE.UNAUTHENTICATED, "UNAUTHENTICATED"),
    (Forbidden("ann may not do this"), CODE.PERMISSION_DENIED, "FORBIDDEN"),
    (SwitchedOff("no releases here"), CODE.PERMISSION_DENIED, "SWITCHED_OFF"),
    (
        NotSound([Diagnostic(HERE, "is wrong", Code.RULES_INVALID)]),
        CODE.FAILED_PRECONDITION,
        "NOT_SOUND",
    ),
    (RulesFailed("score@1", "warm: divide by zero"), CODE.FAILED_PRECONDITION, "RULES_FAILED"),
    (KeyReused("the key had another body"), CODE.ALREADY_EXISTS, "KEY_REUSED"),
    (ResultExists("it was won"), CODE.ALREADY_EXISTS, "RESULT_EXISTS"),
    (TurnTaken("the cursor has moved on"), CODE.ABORTED, "TURN_TAKEN"),
    (Stale("the result is at revision 2"), CODE.ABORTED, "STALE"),
    (ActivityChanged("lead/L1"), CODE.ALREADY_EXISTS, "ACTIVITY_CHANGED"),
    (EntityFull("lead/L1", "more than 10000 activities"), CODE.FAILED_PRECONDITION, "ENTITY_FULL"),
    (PositionLost("the token is of another journal"), CODE.OUT_OF_RANGE, "POSITION_LOST"),
    (Expired("too late"), CODE.DEADLINE_EXCEEDED, "EXPIRED"),
    (TimedOut("insight", 60), CODE.DEADLINE_EXCEEDED, "TIMED_OUT"),
    (TooLarge("insight", 1024), CODE.RESOURCE_EXHAUSTED, "TOO_LARGE"),
    (Overloaded("the journal is full", 0.25), CODE.RESOURCE_EXHAUSTED, "OVERLOADED"),
    (Unavailable("the engine is down", 1.5), CODE.UNAVAILABLE, "UNAVAILABLE"),
    (RulesBehind("not here yet", 1.0), CODE.UNAVAILABLE, "RULES_BEHIND"),
]


def tree(root: type[DealgateError]) -> Iterator[type[DealgateError]]:
    """Return every error below `root`."""
    for error in root.__subclasses__():
        yield error
        yield from tree(error)


def test_every_error_has_a_row() -> None:
    """No error of ours is without a status of its own, and each is tested here."""
    inside = {Later, OperatorError, Defect, *tree(OperatorError), *tree(Defect)}
    told = set(tree(DealgateError)) - inside
    assert set(TABLE) == told == {type(error) for error, *_ in ERRORS}


@pytest.mark.parametrize(("error", "code", "reason"), ERRORS)
async def test_error_on_the_wire(
    house: House, error: DealgateError, code: grpc.StatusCode, reason: str
) -> None:
    """A caller gets the row's code, our words, the reason, and the decision id, each time."""
    house.decider.errors["L1"] = error
    refused = await refusal(house.leads.ScoreLead(score()))
    asked = house.decider.questions[0].id
    assert refused.code is code
    assert refused.message == refused.status.message
    assert refused.trailers["x-decision-id"] == asked
    info = refused.detail(ErrorInfo)
    assert (info.domain, info.reason, dict(info.metadata)) == (
        "dealgate",
        reason,
        {"decision_id": asked},
    )


def test_precondition_names_the_rule_set() -> None:
    """An unusable rule set is named together with the reason."""
    failure = PreconditionFailure()
    assert status_of(NotReleased("score@3", "is a draft")).details[1].Unpack(failure)
    (violation,) = failure.violations
    assert (violation.type, violation.subject) == ("RULE_SET", "score@3")
    assert violation.description == "is a draft"


@pytest.mark.parametrize("error", [Overloaded("full", 0.25), Unavailable("down", 0.25)])
def test_retry_delay(error: DealgateError) -> None:
    """What may be tried again says after how long."""
    retry = RetryInfo()
    assert status_of(error).details[1].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 250


async def test_stranger_leaks_nothing(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """An error that is not ours is INTERNAL; its text reaches neither the caller nor the log."""
    house.decider.errors["L1"] = ValueError("jane@example.com")
    refused = await refusal(house.leads.ScoreLead(score()))
    asked = house.decider.questions[0].id
    assert refused.code is CODE.INTERNAL
    assert asked in refused.message
    assert refused.detail(ErrorInfo).reason == "INTERNAL"
    assert "jane" not in f"{refused}{caplog.text}"
    assert asked in caplog.text
    assert "ValueError" in caplog.text
    assert "fakes.py" in caplog.text


def test_what_operators_are_told_stays_inside(caplog: pytest.LogCaptureFixture) -> None:
    """A path in an operator's error, or where work crashed, is for the log alone."""
    unusable = OperatorError("/srv/journal.db: is no journal")
    crashed = Crashed("insight", "KeyError", "line 7, in boom")
    for error in (unusable, crashed):
        status = status_of(error)
        assert status.code == CODE.INTERNAL.value[0]
        assert status.message == "internal error; see the server's log"
    assert "/srv/journal.db" in caplog.text
    assert "insight: KeyError\nline 7, in boom" in caplog.text


def test_error_without_a_row_is_internal() -> None:
    """An error of ours that someone forgot to give a row does not break the answer."""
    assert status_of(DealgateError("forgotten")).code == CODE.INTERNAL.value[0]


async def test_ten_thousand_violations_fit_into_a_status(house: House) -> None:
    """A status stays below the size gRPC peers accept, and says how much it leaves out."""
    fields = [f"touches[{index}].at" for index in range(10_000)]
    house.decider.errors["L1"] = BadQuestion([Violation(one, "is required") for one in fields])
    refused = await refusal(house.leads.ScoreLead(score()))
    assert refused.code is CODE.INVALID_ARGUMENT
    assert refused.message.startswith("10000 invalid fields: ")
    assert refused.fields[0] == "facts.touches[0].at"
    shown = len(refused.fields) - 1
    (last,) = refused.detail(BadRequest).field_violations[-1:]
    assert (last.field, last.description) == ("*", f"{10_000 - shown} more are not shown")
    assert shown > 50
    assert len(refused.status.SerializeToString()) < 6_000


def test_what_a_status_says_cannot_be_obeyed_by_a_terminal() -> None:
    """SEC-9's kind: callers name kinds and fields, and clients print what they are told."""
    escape = "\x1b]0;owned\x07\u202e"
    for error in (NotServed(escape), BadQuestion([Violation(escape, escape)])):
        status = status_of(error)
        assert status.message
        assert all(sign not in status.message for sign in escape if not sign.isprintable())
    (_, shown) = status.details
    fields = BadRequest()
    shown.Unpack(fields)
    assert fields.field_violations[0].field == r"\x1b]0;owned\x07\u202e"
