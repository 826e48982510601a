"""Which approvals a deal needs, and which of them it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from dealgate.model import words
from dealgate.model.gates.findings import Finding
from dealgate.model.gates.terms import Role
from dealgate.model.malformed import plain_decimal
from dealgate.v1 import gate_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity

ROLES: tuple[Role, ...] = get_args(Role)


@dataclass(frozen=True, slots=True)
class Consent:
    """A deal, the approvals it was given, and for whose approval the approval of a role counts."""

    deal: Opportunity
    approvals: Sequence[pb.Approval]
    stands_in: Mapping[Role, tuple[Role, ...]]


def required_approvals(consent: Consent, found: Sequence[Finding]) -> list[pb.RequiredApproval]:
    """Return the approvals that the findings ask for, each role once, and who gave them."""
    asked = [role for role in ROLES if any(role in finding.roles for finding in found)]
    return [_required(consent, role, found) for role in asked]


def _required(consent: Consent, role: Role, found: Sequence[Finding]) -> pb.RequiredApproval:
    enough = [name for name, roles in consent.stands_in.items() if role in roles]
    given = [
        approval
        for approval in consent.approvals
        if _name(approval) in {role, *enough} and _counts(approval, consent.deal)
    ]
    return pb.RequiredApproval(
        role=words.number_of(pb.SalesRole, role),
        given=bool(given),
        approver_id=given[0].approver_id if given else "",
        codes=dict.fromkeys(finding.code for finding in found if role in finding.roles),
    )


def _name(approval: pb.Approval) -> str:
    return words.of(pb.SalesRole, approval.role)


def _counts(approval: pb.Approval, deal: Opportunity) -> bool:
    """Nobody approves their own deal, and nobody more than they consented to.

    Where the owner or the discount is not known, that cannot be told, so it does not count.
    """
    if not deal.owner_id or approval.approver_id == deal.owner_id:
        return False
    most, discount = plain_decimal(approval.max_discount), plain_decimal(deal.discount)
    return most is None or (discount is not None and discount <= most)
