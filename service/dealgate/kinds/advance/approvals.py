"""Which approvals a move needs, and which of them it has."""

from collections.abc import Sequence
from typing import get_args

from dealgate.kinds.advance.findings import Finding
from dealgate.kinds.advance.terms import AdvanceParameters, Role
from dealgate.model.checks import plain_decimal
from dealgate.v1 import advance_pb2 as pb

ROLES: tuple[Role, ...] = get_args(Role)
PREFIX = "SALES_ROLE_"


def required_approvals(
    facts: pb.AdvanceFacts, found: Sequence[Finding], parameters: AdvanceParameters
) -> list[pb.RequiredApproval]:
    """Return the approvals that the findings ask for, each role once, and who gave them."""
    asked = [role for role in ROLES if any(role in finding.roles for finding in found)]
    return [_required(facts, role, found, parameters) for role in asked]


def _required(
    facts: pb.AdvanceFacts, role: Role, found: Sequence[Finding], parameters: AdvanceParameters
) -> pb.RequiredApproval:
    enough = [name for name, roles in parameters.stands_in.items() if role in roles]
    given = [
        approval
        for approval in facts.approvals
        if _name(approval) in {role, *enough} and _counts(approval, facts)
    ]
    return pb.RequiredApproval(
        role=pb.SalesRole.Value(PREFIX + role.upper()),
        given=bool(given),
        approver_id=given[0].approver_id if given else "",
        codes=dict.fromkeys(finding.code for finding in found if role in finding.roles),
    )


def _name(approval: pb.Approval) -> str:
    return pb.SalesRole.Name(approval.role).removeprefix(PREFIX).lower()


def _counts(approval: pb.Approval, facts: pb.AdvanceFacts) -> bool:
    """Nobody approves their own deal, and nobody more than they consented to.

    Where the owner or the discount is not known, that cannot be told, so it does not count.
    """
    deal = facts.opportunity
    if not deal.owner_id or approval.approver_id == deal.owner_id:
        return False
    most, discount = plain_decimal(approval.max_discount), plain_decimal(deal.discount)
    return most is None or (discount is not None and discount <= most)
