"""Approvals: four eyes are of two people, and an approval grows old."""

from itertools import permutations

import pytest

from dealgate.model.gates.approvals import Consent, required_approvals
from dealgate.model.gates.findings import GateFinding
from dealgate.v1 import gate_pb2 as pb
from dealgate.v1.opportunity_pb2 import Opportunity
from tests.kinds import build

FINANCE, LEGAL = pb.SALES_ROLE_FINANCE, pb.SALES_ROLE_LEGAL
ASKED = [GateFinding("BIG", pb.REASON_SEVERITY_BLOCK, "It is big.", roles=("finance", "legal"))]


def given(*approvals: tuple[pb.SalesRole.ValueType, str], one_role: bool = True) -> list[str]:
    """Return who approved as finance, and who as legal; "" for nobody."""
    deal = Opportunity(owner_id="o")
    found = [pb.Approval(role=role, approver_id=name) for role, name in approvals]
    consent = Consent(deal, found, {}, one_role=one_role)
    return [one.approver_id for one in required_approvals(consent, ASKED)]


def test_nobody_approves_in_two_roles() -> None:
    """One person who approves as finance and legal is one pair of eyes (findings, leads L-30)."""
    assert given((FINANCE, "m"), (LEGAL, "m")) == ["m", ""]
    assert given((FINANCE, "m"), (LEGAL, " m ")) == ["m", ""]
    assert given((FINANCE, "m"), (LEGAL, "m"), one_role=False) == ["m", "m"]


def test_two_people_are_found_in_whatever_order_they_approved() -> None:
    """Finance is n's, since m alone can be legal."""
    approvals = [(FINANCE, "m"), (LEGAL, "m"), (FINANCE, "n")]
    for ordered in permutations(approvals):
        assert given(*ordered) == ["n", "m"]


def test_a_blank_does_not_make_the_owner_somebody_else() -> None:
    """The owner "o" does not approve as "o " (findings, leads L-30)."""
    assert given((FINANCE, "o "), (LEGAL, "n")) == ["", "n"]


@pytest.mark.parametrize(("days", "approver"), [(90, "m"), (91, "")])
def test_an_approval_grows_old(days: int, approver: str) -> None:
    """Of a deal as it was; one of 1999 counted (findings, leads L-30)."""
    approval = pb.Approval(
        role=FINANCE, approver_id="m", approved_at=build.instant(build.AS_OF - days * build.DAY)
    )
    oldest = build.AS_OF - 90 * build.DAY
    consent = Consent(Opportunity(owner_id="o"), [approval], {}, oldest=oldest)
    assert required_approvals(consent, ASKED)[0].approver_id == approver
