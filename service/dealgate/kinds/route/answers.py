"""The outcome of a routing, written field by field as bytes: most of it is the same every time."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from importlib.metadata import version

from dealgate.model.encoding import (
    decimal_field,
    instant_field,
    integer_field,
    message_field,
    packed_field,
    text_field,
)
from dealgate.model.points import plain
from dealgate.v1 import route_pb2 as pb

OWNER_ID = text_field(pb.RouteOutcome, "owner_id")
STEP = integer_field(pb.RouteOutcome, "step")
TEAM = text_field(pb.RouteOutcome, "team")
SLA_CODE = text_field(pb.RouteOutcome, "sla_code")
STANDS_IN_FOR = text_field(pb.RouteOutcome, "stands_in_for")
REASSIGNED_FROM = text_field(pb.RouteOutcome, "reassigned_from")
UNKNOWN_TEAMS = text_field(pb.RouteOutcome, "unknown_teams")
_attempts = message_field(pb.RouteOutcome, "attempts")
_rejected = message_field(pb.RouteOutcome, "rejected")
_weights = message_field(pb.RouteOutcome, "weights")
_deadlines = message_field(pb.RouteOutcome, "deadlines")
_cursor = message_field(pb.RouteOutcome, "cursor")
_reference_data = text_field(pb.RouteOutcome, "reference_data")
_demands = message_field(pb.RouteOutcome, "demands")
_conversions = message_field(pb.RouteOutcome, "conversions")

_rule_id = text_field(pb.RouteAttempt, "rule_id")
_attempt_code = text_field(pb.RouteAttempt, "code")
_attempt_step = integer_field(pb.RouteAttempt, "step")
_target = text_field(pb.RouteAttempt, "target")
_result = integer_field(pb.RouteAttempt, "result")
_attempt_missing = text_field(pb.RouteAttempt, "missing_facts")

_rejected_id = text_field(pb.RejectedRep, "rep_id")
_reasons = packed_field(pb.RejectedRep, "reasons")
_rejected_team = text_field(pb.RejectedRep, "team")
_rejected_missing = text_field(pb.RejectedRep, "missing_facts")

_weighed_id = text_field(pb.RepWeight, "rep_id")
_decimal = decimal_field(pb.RepWeight, "weight")
_owed = integer_field(pb.RepWeight, "balance")
_chosen = integer_field(pb.RepWeight, "chosen")

_duty = integer_field(pb.RouteDeadline, "duty")
_due_at = instant_field(pb.RouteDeadline, "due_at")
_person_id = text_field(pb.RouteDeadline, "person_id")

_demand_code = text_field(pb.SkillDemand, "code")
_skill = text_field(pb.SkillDemand, "skill")

_cursor_name = text_field(pb.RoundRobinCursor, "name")
_cursor_version = integer_field(pb.RoundRobinCursor, "version")
_balances = message_field(pb.RoundRobinCursor, "balances")
_team = text_field(pb.RoundRobinBalance, "team")
_rep_id = text_field(pb.RoundRobinBalance, "rep_id")
_balance = integer_field(pb.RoundRobinBalance, "balance")


def head(rule_id: str, code: str, step: pb.RouteStep.ValueType) -> bytes:
    """Write what an attempt of a rule begins with, whatever comes of it."""
    return _rule_id(rule_id) + _attempt_code(code) + _attempt_step(step)


@lru_cache(maxsize=4096)
def attempt(
    head: bytes,
    target: str,
    result: pb.RouteAttemptResult.ValueType,
    missing: Sequence[str] = (),
) -> bytes:
    """Write an attempt: most rules come to nothing, for want of the same facts."""
    lacking = b"".join(map(_attempt_missing, missing))
    return _attempts(b"".join((head, _target(target), _result(result), lacking)))


def rejection(
    rep_id: str,
    reasons: Sequence[pb.RejectionReason.ValueType],
    team: str = "",
    missing: Iterable[str] = (),
) -> bytes:
    """Write why a rep did not get it."""
    lacking = map(_rejected_missing, missing)
    parts = (_rejected_id(rep_id), _reasons(reasons), _rejected_team(team), *lacking)
    return _rejected(b"".join(parts))


@lru_cache(maxsize=1024)
def _weight(weight: Decimal) -> bytes:
    """Write a weight: there are few."""
    return _decimal(plain(weight))


def weight(rep_id: str, weight: Decimal, balance: int, *, chosen: bool) -> bytes:
    """Write what a rep weighed in a round robin."""
    parts = (_weighed_id(rep_id), _weight(weight), _owed(balance), _chosen(chosen))
    return _weights(b"".join(parts))


def deadline(duty: pb.RouteDuty.ValueType, due: int, person_id: str) -> bytes:
    """Write by when somebody has to act."""
    return _deadlines(_duty(duty) + _due_at(due) + _person_id(person_id))


def demand(code: str, skill: str) -> bytes:
    """Write what the new owner has to know."""
    return _demands(_demand_code(code) + _skill(skill))


def owed(team: str, rep_id: str, balance: int) -> bytes:
    """Write what a rep is owed."""
    return _balances(_team(team) + _rep_id(rep_id) + _balance(balance))


def kept(balance: pb.RoundRobinBalance) -> bytes:
    """Write what a rep is owed as the question tells it."""
    return _balances(balance.SerializeToString(deterministic=True))


def cursor(name: str, version: int, balances: Iterable[bytes]) -> bytes:
    """Write where the round robin stands."""
    return _cursor(b"".join((_cursor_name(name), _cursor_version(version), *balances)))


def conversions(facts: pb.RouteFacts) -> bytes:
    """Write which amounts were compared in another currency."""
    if not facts.conversions:
        return b""
    told = [one.SerializeToString(deterministic=True) for one in facts.conversions]
    return b"".join(map(_conversions, told))


@cache
def reference_data() -> bytes:
    """Write the lists that deadlines rest on, with their versions."""
    return _reference_data(f"holidays {version('holidays')}")
