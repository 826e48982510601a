"""What can be wrong with the facts that every gate reads: approvals, and how a deal ended."""

from collections.abc import Iterable

from dealgate.model.checks import has_happened, optional_id, required, required_id
from dealgate.model.errors import Violation
from dealgate.v1 import gate_pb2 as pb


def survivor(closure: pb.Closure, deal_id: str) -> list[Violation]:
    """A deal cannot go on as itself."""
    path = "closure.survivor_id"
    violations = optional_id(path, closure.survivor_id)
    if closure.survivor_id and closure.survivor_id == deal_id:
        violations.append(Violation(path, "is the deal itself"))
    return violations


def approvals(given: Iterable[pb.Approval], as_of: int) -> list[Violation]:
    """An approval has a role and an approver, was given until `as_of`, and up to a discount."""
    violations: list[Violation] = []
    for index, approval in enumerate(given):
        path = f"approvals[{index}]"
        violations += required(f"{path}.role", approval.role)
        violations += required_id(f"{path}.approver_id", approval.approver_id)
        violations += has_happened(f"{path}.approved_at", approval.approved_at, as_of)
    return violations
