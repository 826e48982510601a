"""The gate: findings and approvals become a decision and what is still to be done."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from dealgate.kinds.advance.approvals import required_approvals
from dealgate.kinds.advance.findings import BLOCK, INFO, Finding
from dealgate.kinds.advance.presence import is_told
from dealgate.kinds.advance.terms import AdvanceParameters
from dealgate.v1 import advance_pb2 as pb


def judge(
    outcome: pb.AdvanceOutcome,
    facts: pb.AdvanceFacts,
    parameters: AdvanceParameters,
    found: Sequence[Finding],
    waived: AbstractSet[str],
) -> None:
    """Write into `outcome` the decision, its reasons, and what is missing.

    A block whose code is among `waived` informs instead. Approvals are never waived.
    """
    set_aside = [one for one in found if one.is_set_aside(waived)]
    standing = [one for one in found if not one.is_set_aside(waived)]
    blocks = [one for one in standing if one.severity == BLOCK]
    approvals = required_approvals(facts, found, parameters)
    needed = [approval for approval in approvals if not approval.given]
    outcome.decision = _decision(blocks, needed)
    outcome.reasons.extend(_reason(one, waived) for one in found)
    outcome.missing.extend(_missing(facts, blocks, needed))
    outcome.approvals.extend(approvals)
    outcome.waived_codes.extend(dict.fromkeys(one.code for one in set_aside))
    outcome.next_actions.extend(dict.fromkeys(_actions(standing, needed)))


def _decision(
    blocks: Sequence[Finding], needed: Sequence[pb.RequiredApproval]
) -> pb.AdvanceDecision.ValueType:
    if blocks:
        return pb.ADVANCE_DECISION_BLOCK
    return pb.ADVANCE_DECISION_REQUIRES_APPROVAL if needed else pb.ADVANCE_DECISION_ALLOW


def _reason(one: Finding, waived: AbstractSet[str]) -> pb.AdvanceReason:
    return pb.AdvanceReason(
        code=one.code,
        severity=INFO if one.is_set_aside(waived) else one.severity,
        message=one.message,
        field=one.field,
        rule_id=one.rule_id,
        elements=one.elements,
        undecided=one.undecided,
    )


def _missing(
    facts: pb.AdvanceFacts, blocks: Sequence[Finding], needed: Sequence[pb.RequiredApproval]
) -> list[pb.MissingItem]:
    items: dict[str, pb.MissingItem] = {}
    for one in blocks:
        for path in one.missing:
            items.setdefault(path, _item(path, one, unknown=True))
        if one.rule_id and one.field and not one.missing:
            items.setdefault(
                one.field, _item(one.field, one, unknown=not is_told(facts, one.field))
            )
    if needed and facts.approvals and not facts.opportunity.owner_id:
        path, code = "opportunity.owner_id", needed[0].codes[0]
        items.setdefault(path, pb.MissingItem(field=path, unknown=True, code=code))
    return list(items.values())


def _item(path: str, one: Finding, *, unknown: bool) -> pb.MissingItem:
    return pb.MissingItem(field=path, unknown=unknown, code=one.code, rule_id=one.rule_id)


def _actions(standing: Sequence[Finding], needed: Sequence[pb.RequiredApproval]) -> Iterator[str]:
    for one in standing:
        yield from [one.next] if one.next else []
        yield from (f"Tell {path}." for path in one.missing)
    for approval in needed:
        role = pb.SalesRole.Name(approval.role).removeprefix("SALES_ROLE_")
        yield f"Ask for approval: {role.lower().replace('_', ' ')}."
