"""What is counted of decisions beside how long they took: rules and tenants, within bounds."""

from dealgate.model.decision import Decision, Question
from dealgate.telemetry import names
from dealgate.telemetry.described import LIVE, Described
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.limits import TENANTS


class Counts:
    """Counts decisions; only live ones count for rules."""

    def __init__(self, meter: Meter) -> None:
        self._hits = meter.counter(names.RULE_HITS)
        self._undecided = meter.counter(names.RULE_UNDECIDED)
        self._failed = meter.counter(names.RULE_FAILED)
        self._tenants = meter.counter(names.TENANT_DECISIONS, TENANTS)

    def count(
        self, question: Question, outcome: Decision | BaseException, described: Described
    ) -> None:
        """Count one."""
        self._tenants.add(1, (question.tenant,))
        if not isinstance(outcome, Decision) or described.mode != LIVE:
            return
        kind, version = outcome.kind, outcome.version
        for id_ in outcome.fired:
            self._hits.add(1, (kind, version, id_))
        evidence = outcome.evidence
        if evidence is None:
            return
        if evidence.undecided:
            self._undecided.add(len(evidence.undecided), (kind, version))
        for entry in evidence.failed:
            self._failed.add(1, (kind, version, entry.rule.id))
