"""The outcome of a conversion, written field by field as bytes: most is the same every time."""

from functools import cache, lru_cache

from dealgate.kinds.convert.terms import ConvertEffect
from dealgate.model.encoding import decimal_field, integer_field, message_field, text_field
from dealgate.model.points import plain
from dealgate.model.rules import Rule
from dealgate.model.statistics import Interval
from dealgate.v1 import convert_pb2 as pb

DECISION = integer_field(pb.ConvertOutcome, "decision")
UNMAPPED_FIELDS = text_field(pb.ConvertOutcome, "unmapped_fields")
CREATES = text_field(pb.ConvertOutcome, "creates")
FIRST_CONTACT_BREACHED = integer_field(pb.ConvertOutcome, "first_contact_breached")
_reasons = message_field(pb.ConvertOutcome, "reasons")
_missing = message_field(pb.ConvertOutcome, "missing")
_expected = message_field(pb.ConvertOutcome, "expected")
_field_mappings = message_field(pb.ConvertOutcome, "field_mappings")
_conversions = message_field(pb.ConvertOutcome, "conversions")

_code = text_field(pb.ConvertReason, "code")
_message = text_field(pb.ConvertReason, "message")
_about = text_field(pb.ConvertReason, "field")
_rule_id = text_field(pb.ConvertReason, "rule_id")
_undecided = integer_field(pb.ConvertReason, "undecided")

_field = text_field(pb.ConversionNeed, "field")
_need_code = text_field(pb.ConversionNeed, "code")
_need_rule_id = text_field(pb.ConversionNeed, "rule_id")
_rank = integer_field(pb.ConversionNeed, "rank")
_unknown = integer_field(pb.ConversionNeed, "unknown")
_lift = decimal_field(pb.ConversionNeed, "lift")
_lift_at_least = decimal_field(pb.ConversionNeed, "lift_at_least")
_lift_at_most = decimal_field(pb.ConversionNeed, "lift_at_most")

_source = text_field(pb.FieldMapping, "source")
_target = text_field(pb.FieldMapping, "target")


def reason(rule: Rule[ConvertEffect], *, undecided: bool) -> bytes:
    """Write what a rule says."""
    parts = (
        _code(rule.then.code),
        _message(rule.because),
        _about(rule.then.field),
        _rule_id(rule.id),
        _undecided(undecided),
    )
    return _reasons(b"".join(parts))


@lru_cache(maxsize=1024)
def need(
    field: str,
    code: str,
    rule_id: str,
    rank: int,
    lift: Interval | None,
    *,
    unknown: bool,
) -> bytes:
    """Write a fact that is missing, and what it is worth if that was observed."""
    worth = b""
    if lift is not None:
        worth = _lift(plain(lift.value)) + _lift_at_least(plain(lift.low))
        worth += _lift_at_most(plain(lift.high))
    head = _field(field) + _need_code(code) + _need_rule_id(rule_id) + _rank(rank)
    return _missing(head + _unknown(unknown) + worth)


def expected(told: pb.ExpectedConversion) -> bytes:
    """Write what to expect."""
    return _expected(told.SerializeToString(deterministic=True))


@cache
def nothing_expected() -> bytes:
    """Write that no funnel is known."""
    return expected(pb.ExpectedConversion(status=pb.FUNNEL_STATUS_NOT_GIVEN))


@lru_cache(maxsize=1024)
def mapping(source: str, target: str) -> bytes:
    """Write where a field goes."""
    return _field_mappings(_source(source) + _target(target))


def conversions(facts: pb.ConvertFacts) -> bytes:
    """Write which amounts were compared in another currency."""
    if not facts.conversions:
        return b""
    told = [one.SerializeToString(deterministic=True) for one in facts.conversions]
    return b"".join(map(_conversions, told))
