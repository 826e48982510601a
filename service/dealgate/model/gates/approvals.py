"""Which approvals a deal needs, and which of them it has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from dealgate.model import words
from dealgate.model.gates.effects import Role
from dealgate.model.gates.findings import GateFinding
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import plain_decimal
from dealgate.model.quick import quick
from dealgate.v1 import gate_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity

ROLES: tuple[Role, ...] = get_args(Role)


@quick
@dataclass(frozen=True, slots=True)
class Consent:
    """A deal, the approvals it was given, and for whose approval the approval of a role counts.

    Approvals given before the instant `oldest` (ns) do not count. If `one_role` is set, nobody's
    approval counts for more than one role: four eyes are not two that blink.
    """

    deal: Opportunity
    approvals: Sequence[pb.Approval]
    stands_in: Mapping[Role, tuple[Role, ...]]
    oldest: int | None = None
    one_role: bool = False


def required_approvals(
    consent: Consent, findings: Sequence[GateFinding]
) -> list[pb.RequiredApproval]:
    """Return the approvals that the findings ask for, each role once, and who gave them."""
    named = {role for finding in findings for role in finding.roles}
    if not named:
        return []
    asked = [role for role in ROLES if role in named]
    able = {role: _approvers(consent, role) for role in asked}
    given = _spread(able) if consent.one_role else {r: ids[0] for r, ids in able.items() if ids}
    return [_required(role, given.get(role, ""), findings) for role in asked]


def _required(role: Role, approver: str, findings: Sequence[GateFinding]) -> pb.RequiredApproval:
    return pb.RequiredApproval(
        role=words.number_of(pb.SalesRole, role),
        given=bool(approver),
        approver_id=approver,
        codes=dict.fromkeys(finding.code for finding in findings if role in finding.roles),
    )


def _approvers(consent: Consent, role: Role) -> list[str]:
    """Return who approved in this role, or in a substitute role."""
    enough = [name for name, roles in consent.stands_in.items() if role in roles]
    return [
        approval.approver_id
        for approval in consent.approvals
        if _name(approval) in {role, *enough} and _counts(approval, consent)
    ]


def _spread(able: Mapping[Role, Sequence[str]]) -> dict[Role, str]:
    """Give as many roles as can be an approver of their own (Kuhn's augmenting paths)."""
    taken: dict[str, Role] = {}

    def location(role: Role, tried: set[str]) -> bool:
        for approver in able[role]:
            key = person(approver)
            if key in tried:
                continue
            tried.add(key)
            if key not in taken or location(taken[key], tried):
                taken[key] = role
                return True
        return False

    for role in able:
        location(role, set())
    people = {role: key for key, role in taken.items()}
    return {
        role: next(approver for approver in able[role] if person(approver) == key)
        for role, key in people.items()
    }


def person(id_: str) -> str:
    """Return what two spellings of one person's id share: blanks around it name nobody else."""
    return id_.strip()


def _name(approval: pb.Approval) -> str:
    return words.of(pb.SalesRole, approval.role)


def _counts(approval: pb.Approval, consent: Consent) -> bool:
    """Nobody approves their own deal, and nobody more than they consented to.

    Where the owner or the discount is not known, this is unknown, so it does not count. An
    approval without a date is taken for one of this deal as it is.
    """
    deal = consent.deal
    if not person(deal.owner_id) or person(approval.approver_id) == person(deal.owner_id):
        return False
    given_at = nanoseconds(approval.approved_at) if approval.HasField("approved_at") else None
    if given_at is not None and consent.oldest is not None and given_at < consent.oldest:
        return False
    most, discount = plain_decimal(approval.max_discount), plain_decimal(deal.discount)
    return most is None or (discount is not None and discount <= most)
