"""Reads a journal that is kept in memory."""

from typing import NoReturn

from dealgate.journal.port import TenantReader
from dealgate.model.decision import Decision, DecisionFilter
from dealgate.model.errors import SwitchedOff, UnknownDecision


class MemoryReader:
    """Says where to look instead: a journal in memory is its own process's alone."""

    def decision(self, tenant: str, decision_id: str) -> NoReturn:
        """Raise UnknownDecision."""
        raise UnknownDecision(
            f"there is no decision {decision_id} of tenant {tenant} here: a journal in memory is "
            "read through its server alone"
        )

    def of_tenant(self, tenant: str) -> TenantReader:
        """Raise SwitchedOff."""
        raise SwitchedOff(
            f"decisions of tenant {tenant} cannot be read in bulk: this journal is in memory; "
            "keep it in a file: DEALGATE_JOURNAL=data/journal.db"
        )

    def evidence(self) -> NoReturn:
        """Raise SwitchedOff."""
        raise SwitchedOff("a journal in memory has no evidence; keep it in a file")

    def newest(self) -> None:
        """Return None."""


def matches(decision: Decision, sought: DecisionFilter) -> bool:
    """Tell whether a decision is one of those sought."""
    return (
        decision.tenant == sought.tenant
        and sought.entity in {None, str(decision.entity)}
        and sought.kind in {None, decision.kind}
        and sought.version in {None, decision.version}
        and (sought.decided_from is None or decision.decided_at >= sought.decided_from)
        and (sought.decided_before is None or decision.decided_at < sought.decided_before)
        and (sought.before is None or decision.id < sought.before)
    )
