"""May we write, may we call: permitted by a rule, forbidden by none, and nothing left open."""

from collections.abc import Iterable, Mapping, Sequence

from dealgate.kinds.verify.terms import VerifyEffect, VerifyParameters
from dealgate.kinds.verify.verdicts import Claim
from dealgate.model.rules import Rule, RuleSet
from dealgate.v1 import verify_pb2 as pb

CHANNELS: Mapping[str, pb.Channel.ValueType] = {
    "email": pb.CHANNEL_EMAIL,
    "phone": pb.CHANNEL_PHONE,
}
REACHES = (pb.VERDICT_VALID, pb.VERDICT_RISKY)


def permissions(
    facts: pb.VerifyFacts,
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
    found: Sequence[Claim],
    verdicts: Iterable[pb.FieldVerdict],
) -> list[pb.Permission]:
    """Return what the rules allow by each channel, with the consents it rests on."""
    reached = {one.field for one in verdicts if one.verdict in REACHES}
    return [_permission(name, facts, ruleset, found, reached) for name in CHANNELS]


def contactable(permission: pb.Permission) -> bool:
    """Tell whether we may use the channel, and it reaches the person."""
    return permission.allowed and permission.reachable


def _permission(
    name: str,
    facts: pb.VerifyFacts,
    ruleset: RuleSet[VerifyEffect, VerifyParameters],
    found: Sequence[Claim],
    reached: set[str],
) -> pb.Permission:
    permitting = [one for one in found if one.effect.permit == name and not one.is_open]
    forbidding = [one for one in found if one.effect.forbid == name]
    over_consents = {rule.id for rule in ruleset.rules if _is_over_consents(rule)}
    elements = {
        index for one in permitting if one.rule_id in over_consents for index in one.elements
    }
    return pb.Permission(
        channel=CHANNELS[name],
        allowed=bool(permitting) and not forbidding,
        permitting_rule_ids=[one.rule_id for one in permitting],
        forbidding_rule_ids=[one.rule_id for one in forbidding],
        evidence=[facts.consents[index] for index in sorted(elements)],
        reachable=f"lead.{name}" in reached,
    )


def _is_over_consents(rule: Rule[VerifyEffect]) -> bool:
    return rule.each is not None and rule.each.items.source.strip() == "consents"
